#include "sources/list_input.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "sources/gzip_for_test.h"

namespace creel {
namespace {

using testing::gzip;

/// A stream like a slow pipe or like standard input: it does not say what it has at hand.
class SilentBuffer final : public std::streambuf {
 public:
  explicit SilentBuffer(std::string text) : text_(std::move(text)) {}

  /// Bytes that were asked for.
  std::size_t taken() const { return at_; }

 protected:
  int_type underflow() override {
    return at_ < text_.size() ? traits_type::to_int_type(text_[at_]) : traits_type::eof();
  }
  int_type uflow() override { return at_ < text_.size() ? traits_type::to_int_type(text_[at_++]) : traits_type::eof(); }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

std::string read_all(ListInput& input, std::size_t step) {
  std::string text;
  std::string block(step, '\0');
  while (const auto count = input.read(block)) text.append(block, 0, count);
  return text;
}

std::string read_all(const std::string& bytes, std::size_t step = 1000) {
  ListInput input(std::make_unique<std::istringstream>(bytes), "list.gz");
  return read_all(input, step);
}

std::string failure_of(const std::string& bytes) {
  try {
    read_all(bytes);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::truncated);
    return failure.what();
  }
  return "no failure";
}

std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 300'000; ++i) text += fmt::format("{}\n", i * 7919 % 100'003);
  return text;
}

TEST(ListInput, GivesPlainBytesAsTheyAre) {
  EXPECT_EQ(read_all(""), "");
  EXPECT_EQ(read_all("\x1f"), "\x1f");
  EXPECT_EQ(read_all("x\x1f\x8b"), "x\x1f\x8b");
  EXPECT_EQ(read_all(long_text(), 77), long_text());
}

TEST(ListInput, UnpacksGzip) {
  EXPECT_EQ(read_all(gzip("")), "");
  EXPECT_EQ(read_all(gzip(long_text()), 1), long_text());
  EXPECT_EQ(read_all(gzip(long_text()), 100'000), long_text());
}

TEST(ListInput, UnpacksGzipOfSeveralMembers) {
  EXPECT_EQ(read_all(gzip("one,") + gzip("") + gzip(long_text()) + gzip("end")), "one," + long_text() + "end");
}

TEST(ListInput, PassesOverZerosBehindGzip) {
  EXPECT_EQ(read_all(gzip("one") + std::string(200'000, '\0')), "one");
}

TEST(ListInput, GivesWhatPrecedesTheEndOfTruncatedGzip) {
  const auto packed = gzip(long_text());
  ListInput input(std::make_unique<std::istringstream>(packed.substr(0, packed.size() / 2)), "list.gz");
  std::string text;
  std::string block(1000, '\0');
  EXPECT_THROW(while (const auto count = input.read(block)) text.append(block, 0, count), Failure);
  EXPECT_GT(text.size(), 100'000U);
  EXPECT_EQ(text, long_text().substr(0, text.size()));
  EXPECT_THROW(input.read(block), Failure);
}

TEST(ListInput, NamesTruncatedGzipWhereverItIsCut) {
  const auto packed = gzip("some text that is packed");
  for (std::size_t size = 2; size < packed.size(); ++size) {
    EXPECT_EQ(failure_of(packed.substr(0, size)), "list.gz: the compressed data ends early") << size;
  }
}

TEST(ListInput, NamesBrokenGzip) {
  auto packed = gzip(long_text());
  packed[packed.size() - 6] ^= 0x55;
  EXPECT_EQ(failure_of(packed), "list.gz: the compressed data is broken");
  EXPECT_EQ(failure_of(gzip("one") + "and what is this"), "list.gz: the compressed data is broken");
}

TEST(ListInput, NamesAStreamThatCannotBeRead) {
  for (const auto* path : {"/", "/does/not/exist"}) {
    ListInput input(std::make_unique<std::ifstream>(path), "list");
    std::string block(10, '\0');
    EXPECT_THROW(input.read(block), Failure) << path;
  }
}

TEST(ListInput, DoesNotWaitForMoreThanALineOfASilentStream) {
  SilentBuffer buffer("one\ntwo\nthree");
  ListInput input(std::make_unique<std::istream>(&buffer), "-");
  std::string block(1000, '\0');
  EXPECT_EQ(input.read(block), 4U);
  EXPECT_EQ(buffer.taken(), 4U);
  EXPECT_EQ(read_all(input, 1000), "two\nthree");
}

}  // namespace
}  // namespace creel
