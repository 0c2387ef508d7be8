#include "image/image_probe.h"

#include <filesystem>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "image/test_files.h"

namespace creel {
namespace {

using image_test::golden_files;
using image_test::view_of;

/// The same bytes in pieces of 1, 2, 3 ... 13 bytes, an empty one now and then.
BodyView in_odd_pieces(std::string_view bytes) {
  std::vector<std::span<const std::byte>> pieces;
  auto rest = std::as_bytes(std::span(bytes));
  for (std::size_t length = 0; !rest.empty(); length = (length + 1) % 14) {
    const auto count = std::min(length, rest.size());
    pieces.push_back(rest.first(count));
    rest = rest.subspan(count);
  }
  return BodyView(std::move(pieces));
}

/// True if the answer says nothing that is not true: it may leave out what was cut off.
bool is_part_of(const std::optional<ImageInfo>& answer, const ImageInfo& truth) {
  if (!answer) return true;
  return answer->type == truth.type && (!answer->width || answer->width == truth.width) &&
         (!answer->height || answer->height == truth.height);
}

/// One to eight random changes: a byte set, a bit turned, a run of bytes dropped, doubled or set to an
/// extreme.
std::string mutated(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  for (auto changes = 1 + below(8); changes > 0 && !bytes.empty(); --changes) {
    // Headers are what is parsed, so most changes go there.
    const auto at = below(below(4) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 512));
    const auto run = std::min<std::size_t>(1 + below(8), bytes.size() - at);
    switch (below(5)) {
      case 0: bytes[at] = static_cast<char>(below(256)); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8))); break;
      case 2: bytes.erase(at, run); break;
      case 3: bytes.insert(at, bytes.substr(at, run)); break;
      default: bytes.replace(at, run, run, below(2) == 0 ? '\xFF' : '\0');
    }
  }
  return bytes;
}

TEST(ImageProbe, KnowsTypeAndSizeOfEveryGoldenFile) {
  for (const auto& file : golden_files()) {
    EXPECT_EQ(probe_image(view_of(file.bytes)), file.info) << file.name;
    EXPECT_EQ(sniff_image(view_of(file.bytes)), file.info.type) << file.name;
  }
}

TEST(ImageProbe, HasAGoldenLineForEveryPictureInTheFolder) {
  std::set<std::string> named{"golden.txt", "make.sh"};
  for (const auto& file : golden_files()) named.insert(file.name);
  for (const auto& entry : std::filesystem::directory_iterator(image_test::test_data())) {
    if (entry.is_regular_file()) EXPECT_TRUE(named.contains(entry.path().filename())) << entry.path();
  }
}

TEST(ImageProbe, GivesTheSameAnswerForABodyInOddPieces) {
  for (const auto& file : golden_files()) {
    EXPECT_EQ(probe_image(in_odd_pieces(file.bytes)), file.info) << file.name;
  }
}

TEST(ImageProbe, SaysNothingFalseOfAnyPrefix) {
  for (const auto& file : golden_files()) {
    for (std::size_t length = 0; length < file.bytes.size(); ++length) {
      // A copy of its own, so that the address sanitizer sees a read beyond the prefix.
      const std::vector<char> prefix(file.bytes.begin(), file.bytes.begin() + static_cast<std::ptrdiff_t>(length));
      const auto answer = probe_image(view_of(std::string_view(prefix.data(), prefix.size())));
      ASSERT_TRUE(is_part_of(answer, file.info))
          << file.name << " cut to " << length << " bytes: " << testing::PrintToString(answer);
    }
  }
}

TEST(ImageProbe, KnowsEveryTypeButSvgByTheFirst512Bytes) {
  for (const auto& file : golden_files()) {
    if (file.info.type == ImageType::svg) continue;
    EXPECT_EQ(sniff_image(view_of(std::string_view(file.bytes).substr(0, 512))), file.info.type) << file.name;
  }
}

TEST(ImageProbe, SurvivesMutatedFilesAndAnswersTheSameInPieces) {
  std::mt19937 random(20240229);
  for (const auto& file : golden_files()) {
    for (int round = 0; round < 1500; ++round) {
      const auto bytes = mutated(file.bytes, random);
      const auto answer = probe_image(view_of(bytes));
      ASSERT_EQ(answer, probe_image(in_odd_pieces(bytes))) << file.name << ", round " << round;
      if (answer) ASSERT_TRUE(answer->width != 0U && answer->height != 0U) << file.name << ", round " << round;
    }
  }
}

}  // namespace
}  // namespace creel
