#include "functions/image_body.h"

#include "functions/storer_fixture.h"

namespace creel {
namespace {

using testing::run;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using namespace std::chrono_literals;

/// How an image was read.
struct ReadImage {
  std::string bytes;
  std::vector<std::size_t> parts;
  std::string sha256;
  std::uint64_t total_bytes = 0;
};

class ImageBodyTest : public StorerFixture {
 protected:
  static Task<ReadImage> read_all(ImageBodyTest& test, std::string url, std::uint64_t max_bytes) {
    const auto deadline = test.clock_.steady_now() + 20s;
    ImageBody body(test.budget_, test.blocks_, max_bytes);
    auto response = co_await test.http_.send({.url = Url::parse(url), .deadline = deadline});
    ReadImage image;
    const auto take = [&] {
      const auto held = body.view().size();
      std::string bytes(held, '\0');
      body.view().read(0, std::as_writable_bytes(std::span(bytes)));
      image.bytes += bytes;
      image.parts.push_back(held);
      EXPECT_GE(test.budget_.used_bytes(), held);
    };
    auto part = co_await body.read(response);
    for (take(); part == ImageBody::Part::more_follow; take()) part = co_await body.next_part(response);
    EXPECT_EQ(test.budget_.used_bytes(), body.view().size()) << "what the last part does not need goes back at once";
    image.total_bytes = body.total_bytes();
    image.sha256 = to_hex(body.finish_digest());
    co_return image;
  }

  ReadImage read(const ScriptedServer& server, std::uint64_t max_bytes = 64 * kMebibyte) {
    return run(loop_, read_all(*this, server.url("/a.png"), max_bytes));
  }

  FailureKind kind_of(const ScriptedServer& server, std::uint64_t max_bytes) {
    try {
      read(server, max_bytes);
    } catch (const Failure& failure) {
      return failure.kind();
    }
    ADD_FAILURE() << "no failure";
    return FailureKind::internal;
  }
};

TEST_F(ImageBodyTest, ReservesWhatTheHeaderSays) {
  const auto png = png_of(70'000);
  ScriptedServer server([&](const WireRequest&) { return WireReply::response(200, png); });
  const auto image = read(server);
  EXPECT_EQ(image.bytes, png);
  EXPECT_EQ(image.total_bytes, png.size());
  EXPECT_EQ(image.sha256, to_hex(sha256(png)));
  EXPECT_EQ(budget_.peak_bytes(), png.size());
}

TEST_F(ImageBodyTest, TakesASmallTicketForAnUnknownLength) {
  const auto png = png_of(70'000);
  ScriptedServer server([&](const WireRequest&) { return without_length(png); });
  EXPECT_EQ(read(server).bytes, png);
  EXPECT_EQ(budget_.peak_bytes(), kMebibyte);
}

TEST_F(ImageBodyTest, GrowsTheTicketOfAnUnknownLengthThatProvesLonger) {
  const auto png = png_of(3 * kMebibyte);
  ScriptedServer server([&](const WireRequest&) { return without_length(png); });
  const auto image = read(server);
  EXPECT_EQ(image.bytes, png);
  EXPECT_EQ(image.parts.size(), 1U);
  EXPECT_EQ(budget_.peak_bytes(), ByteBudget::kLargestTicket);
}

TEST_F(ImageBodyTest, HoldsAnImageOfExactlyEightMebibytes) {
  const auto png = png_of(8 * kMebibyte);
  ScriptedServer known([&](const WireRequest&) { return WireReply::response(200, png); });
  ScriptedServer unknown([&](const WireRequest&) { return without_length(png); });
  for (const auto* server : {&known, &unknown}) {
    const auto image = read(*server);
    EXPECT_EQ(image.parts, std::vector{png.size()});
    EXPECT_EQ(image.sha256, to_hex(sha256(png)));
  }
}

TEST_F(ImageBodyTest, GivesALargerImageInPartsOfEightMebibytes) {
  const auto png = png_of(20 * kMebibyte + 5);
  ScriptedServer known([&](const WireRequest&) { return WireReply::response(200, png); });
  ScriptedServer unknown([&](const WireRequest&) { return without_length(png); });
  const std::vector<std::size_t> parts = {8 * kMebibyte, 8 * kMebibyte, 4 * kMebibyte + 5};
  for (const auto* server : {&known, &unknown}) {
    const auto image = read(*server);
    EXPECT_EQ(image.parts, parts);
    EXPECT_TRUE(image.bytes == png);
    EXPECT_EQ(image.sha256, to_hex(sha256(png)));
    EXPECT_EQ(image.total_bytes, png.size());
  }
  EXPECT_EQ(budget_.peak_bytes(), ByteBudget::kLargestTicket);
}

TEST_F(ImageBodyTest, RefusesWhatIsLargerByTheHeaderBeforeAnyMemoryIsTaken) {
  ScriptedServer server([](const WireRequest&) {
    return WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", .then = WireReply::Then::stall};
  });
  EXPECT_EQ(kind_of(server, 1000), FailureKind::too_large);
  EXPECT_EQ(budget_.peak_bytes(), 0U);
}

TEST_F(ImageBodyTest, CountsTheBytesWhereTheHeaderSaysNothing) {
  ScriptedServer server([](const WireRequest&) { return without_length(png_of(100'000)); });
  EXPECT_EQ(read(server, 100'000).total_bytes, 100'000U);
  EXPECT_EQ(kind_of(server, 99'999), FailureKind::too_large);
}

TEST_F(ImageBodyTest, StopsReadingAsSoonAsTheFirstBytesAreNotAnImage) {
  ScriptedServer server([](const WireRequest&) {
    return WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n<html>" + std::string(10'000, 'x'),
                     .then = WireReply::Then::stall};
  });
  EXPECT_EQ(kind_of(server, 64 * kMebibyte), FailureKind::not_an_image);
  EXPECT_EQ(http_.open_connections(), 0U);
}

}  // namespace
}  // namespace creel
