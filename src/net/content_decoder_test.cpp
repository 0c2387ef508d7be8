#include "net/content_decoder.h"

#include <string>

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/failure.h"
#include "net/http_client.h"

namespace creel {
namespace {

constexpr int kGzip = MAX_WBITS + 16;
constexpr int kZlib = MAX_WBITS;
constexpr int kRaw = -MAX_WBITS;

std::string compressed(const std::string& text, int window_bits) {
  z_stream zlib{};
  deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&zlib, text.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  deflate(&zlib, Z_FINISH);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

/// Takes `room` bytes and is full then.
class RoomSink final : public BodySink {
 public:
  std::size_t write(std::span<const std::byte> data) override {
    const auto count = std::min(data.size(), room);
    text.append(reinterpret_cast<const char*>(data.data()), count);
    room -= count;
    return count;
  }

  std::string text;
  std::size_t room = std::numeric_limits<std::size_t>::max();
};

std::span<const std::byte> bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(const std::string& packed) {
  const auto decoder = ContentDecoder::make("gzip");
  RoomSink sink;
  decoder->decode(bytes(packed), sink);
  decoder->finish();
  return sink.text;
}

TEST(ContentDecoder, UndoesGzipAndDeflateWithAndWithoutItsHeader) {
  const std::string text(100'000, 'x');
  for (const int form : {kGzip, kZlib, kRaw}) EXPECT_EQ(text_of(compressed(text, form)), text) << form;
}

TEST(ContentDecoder, IsNotThereWhereNothingIsEncoded) {
  EXPECT_EQ(ContentDecoder::make(""), nullptr);
  EXPECT_EQ(ContentDecoder::make(" Identity "), nullptr);
  EXPECT_NE(ContentDecoder::make("GZIP"), nullptr);
}

TEST(ContentDecoder, RefusesAnEncodingThatNobodyAskedFor) {
  try {
    ContentDecoder::make("br");
    FAIL() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::server_error);
  }
}

TEST(ContentDecoder, TakesBytesOneByOne) {
  const auto packed = compressed("a fish, a net, a creel", kGzip);
  const auto decoder = ContentDecoder::make("gzip");
  RoomSink sink;
  for (const auto& byte : bytes(packed)) EXPECT_EQ(decoder->decode(std::span(&byte, 1), sink), 1U);
  decoder->finish();
  EXPECT_EQ(sink.text, "a fish, a net, a creel");
}

TEST(ContentDecoder, StopsWhereTheSinkIsFullAndGoesOnThere) {
  std::string text;
  while (text.size() < 200'000) text += std::to_string(text.size() * 7919);
  const auto packed = compressed(text, kGzip);
  const auto decoder = ContentDecoder::make("gzip");
  RoomSink sink;
  std::size_t used = 0;
  while (sink.text.size() < text.size()) {
    sink.room = 1000;
    used += decoder->decode(bytes(packed).subspan(used), sink);
    ASSERT_TRUE(sink.room == 0 || sink.text.size() == text.size());
  }
  decoder->finish();
  EXPECT_EQ(used, packed.size());
  EXPECT_EQ(sink.text, text);
}

TEST(ContentDecoder, HoldsNoMoreThanASmallBufferOfABomb) {
  const auto bomb = compressed(std::string(50 << 20, '\0'), kGzip);
  const auto decoder = ContentDecoder::make("gzip");
  RoomSink sink;
  sink.room = 100'000;
  EXPECT_LT(decoder->decode(bytes(bomb), sink), bomb.size());
  EXPECT_EQ(sink.text.size(), 100'000U);
  EXPECT_TRUE(decoder->has_output());
}

TEST(ContentDecoder, SaysThatTheEndIsMissingOrTheBytesAreWrong) {
  const auto packed = compressed(std::string(100'000, 'x'), kGzip);
  EXPECT_THROW(text_of(packed.substr(0, packed.size() / 2)), Failure);
  EXPECT_THROW(text_of("this was never compressed"), Failure);
}

TEST(ContentDecoder, TakesAnEmptyBodyForWhatItIs) {
  EXPECT_EQ(text_of(""), "");
}

TEST(ContentDecoder, DropsWhatFollowsTheEnd) {
  EXPECT_EQ(text_of(compressed("fish", kGzip) + "and bones"), "fish");
}

}  // namespace
}  // namespace creel
