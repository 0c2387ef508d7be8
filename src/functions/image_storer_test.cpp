#include "functions/image_storer.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <zlib.h>

#include "functions/storer_fixture.h"
#include "support/started.h"

namespace creel {
namespace {

using testing::run;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using namespace std::chrono_literals;
using Fields = std::vector<std::pair<std::string, std::string>>;

const std::string kPng = png_of(5000);
const std::string kPngDigest = to_hex(sha256(kPng));

ScriptedServer::Script always(WireReply reply) {
  return [reply = std::move(reply)](const WireRequest&) { return reply; };
}

using ImageStorerTest = StorerFixture;

TEST_F(ImageStorerTest, StoresAnImageAndTellsWhatIsTrueOfIt) {
  ScriptedServer server(always(WireReply::response(200, kPng, {{"Content-Type", "text/plain"}})));
  const auto url = server.url("/pictures/a.png");
  auto wanted = request(url);
  wanted.key = {.folder = "wallpaper", .file_name = "sea.png"};
  wanted.image_meta = {{"title", "Sunset"}, {"nsfw", "false"}};
  const auto stored = store(wanted);

  EXPECT_EQ(stored.key.value, "wallpaper/sea.png");
  EXPECT_EQ(stored.put.etag, "etag of wallpaper/sea.png");
  EXPECT_FALSE(stored.put.already_there);
  EXPECT_EQ(stored.size_bytes, kPng.size());
  EXPECT_EQ(stored.info.type, ImageType::png);
  EXPECT_EQ(stored.info.width, 800U);
  EXPECT_EQ(stored.info.height, 600U);
  EXPECT_EQ(stored.sha256, kPngDigest);
  EXPECT_EQ(stored.final_url, url);

  const auto& object = store_.objects().at("wallpaper/sea.png");
  EXPECT_EQ(object.bytes, kPng);
  EXPECT_EQ(object.metadata.content_type, "image/png");
  EXPECT_EQ(object.metadata.user,
            (Fields{{"sha256", kPngDigest}, {"source-url", url}, {"title", "Sunset"}, {"nsfw", "false"}}));
  EXPECT_EQ(store_.puts().at(0).sha256, kPngDigest);
}

TEST_F(ImageStorerTest, KeepsTheValidatorsOfTheOriginUnlessTheyAreTooLong) {
  ScriptedServer server([](const WireRequest& wire) {
    const std::string etag = wire.target == "/long.png" ? std::string(5000, 'x') : "W/\"abc\"";
    return WireReply::response(200, kPng, {{"ETag", etag}, {"Last-Modified", "Tue, 03 Nov 2026 08:12:31 GMT"}});
  });
  const auto stored = store(request(server.url("/a.png")));
  EXPECT_EQ(stored.origin_etag, "W/\"abc\"");
  EXPECT_EQ(stored.origin_last_modified, "Tue, 03 Nov 2026 08:12:31 GMT");
  EXPECT_EQ(store(request(server.url("/long.png"))).origin_etag, "");
}

TEST_F(ImageStorerTest, SendsTheHeadersOfTheRequestAndAsksForImages) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  auto wanted = request(server.url("/a.png"));
  wanted.fetch_headers = {{"Authorization", "Bearer x"}};
  store(wanted);
  wanted.fetch_headers.add("accept", "image/webp");
  store(wanted);
  EXPECT_EQ(server.requests().at(0).header("Authorization"), "Bearer x");
  EXPECT_EQ(server.requests().at(0).header("Accept"), "image/*,*/*;q=0.5");
  EXPECT_EQ(server.requests().at(1).header("Accept"), "image/webp");
}

TEST_F(ImageStorerTest, ChoosesTheConditionOfThePut) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  struct Case {
    IfExists if_exists;
    KeyMode mode;
    bool may_be_stored;
    PutCondition condition;
  };
  const std::vector<Case> cases = {
      {IfExists::overwrite, KeyMode::named, false, PutCondition::always},
      {IfExists::overwrite, KeyMode::named, true, PutCondition::unless_same},
      {IfExists::skip, KeyMode::named, false, PutCondition::absent_only},
      {IfExists::skip, KeyMode::named, true, PutCondition::absent_only},
      {IfExists::overwrite, KeyMode::content, false, PutCondition::absent_only},
      {IfExists::overwrite, KeyMode::content, true, PutCondition::absent_only},
  };
  for (const auto& one : cases) {
    auto wanted = request(server.url("/a.png"));
    wanted.if_exists = one.if_exists;
    wanted.key.mode = one.mode;
    wanted.may_be_stored = one.may_be_stored;
    store(wanted);
    EXPECT_EQ(store_.puts().back().condition, one.condition) << store_.puts().size();
  }
}

TEST_F(ImageStorerTest, TellsWhetherTheObjectThatIsKeptHasOtherBytes) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  auto wanted = request(server.url("/a.png"));
  wanted.if_exists = IfExists::skip;
  store(wanted);
  const auto same = store(wanted);
  EXPECT_TRUE(same.put.already_there);
  EXPECT_FALSE(same.put.is_another);
  testing::run(loop_, store_.put(same.key, BodyView(std::as_bytes(std::span("others"))), {}, {}, PutCondition::always));
  const auto other = store(wanted);
  EXPECT_TRUE(other.put.already_there);
  EXPECT_TRUE(other.put.is_another);
}

TEST_F(ImageStorerTest, NamesAnObjectAfterItsBytesInContentMode) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  auto wanted = request(server.url("/a.png"));
  wanted.key.mode = KeyMode::content;
  const auto key = kPngDigest.substr(0, 2) + "/" + kPngDigest.substr(2, 2) + "/" + kPngDigest + ".png";
  EXPECT_EQ(store(wanted).key.value, key);
  EXPECT_TRUE(store(wanted).put.already_there);
}

TEST_F(ImageStorerTest, TurnsEveryBadStatusIntoItsFailure) {
  const std::vector<std::pair<int, FailureKind>> cases = {
      {400, FailureKind::bad_request},  {401, FailureKind::bad_auth},     {403, FailureKind::forbidden},
      {404, FailureKind::not_found},    {410, FailureKind::not_found},    {429, FailureKind::rate_limited},
      {451, FailureKind::forbidden},    {500, FailureKind::server_error}, {503, FailureKind::server_error},
      {206, FailureKind::server_error}, {300, FailureKind::redirected},
  };
  for (const auto& [status, kind] : cases) {
    ScriptedServer server(always(WireReply::response(status, kPng, {{"Retry-After", "7"}})));
    const auto failure = failure_of(request(server.url("/a.png")));
    EXPECT_EQ(failure.kind(), kind) << status;
    EXPECT_EQ(failure.retry_after().has_value(), status == 429 || status == 503) << status;
  }
  EXPECT_EQ(budget_.peak_bytes(), 0U);
}

TEST_F(ImageStorerTest, KeepsTheConnectionAfterAShortErrorPage) {
  ScriptedServer server([](const WireRequest& asked) {
    return asked.target == "/gone.png" ? WireReply::response(404, "gone") : WireReply::response(200, kPng);
  });
  EXPECT_EQ(kind_of(request(server.url("/gone.png"))), FailureKind::not_found);
  store(request(server.url("/a.png")));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ImageStorerTest, FollowsARedirectAndTellsWhereTheImageWas) {
  ScriptedServer server([](const WireRequest& asked) {
    if (asked.target == "/a.png") return WireReply::response(302, "", {{"Location", "/b.png"}});
    return WireReply::response(200, kPng);
  });
  const auto stored = store(request(server.url("/a.png")));
  EXPECT_EQ(stored.final_url, server.url("/b.png"));
  EXPECT_TRUE(stored.key.value.ends_with("/a.png")) << stored.key.value;
}

TEST_F(ImageStorerTest, KnowsThePlaceholderByTheRedirectThatLeadsToIt) {
  ScriptedServer server([](const WireRequest& asked) {
    if (asked.target == "/a.png") return WireReply::response(302, "", {{"Location", "/img/removed.png?x=1"}});
    return WireReply::response(200, kPng);
  });
  EXPECT_EQ(kind_of(request(server.url("/a.png"))), FailureKind::placeholder);
  EXPECT_TRUE(store(request(server.url("/removed.png"))).key.value.ends_with("/removed.png")) << "asked for by name";
}

TEST_F(ImageStorerTest, EndsTheTransferAfterTheHeadersWhenTheServerOptsOut) {
  ScriptedServer server(always({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nX-Robots-Tag: noai\r\n\r\n",
                                .then = WireReply::Then::stall}));
  const auto failure = failure_of(request(server.url("/a.png")));
  EXPECT_EQ(failure.kind(), FailureKind::opted_out);
  EXPECT_NE(std::string(failure.what()).find("noai"), std::string::npos);
  EXPECT_EQ(budget_.peak_bytes(), 0U);
  EXPECT_EQ(http_.open_connections(), 0U);
}

TEST_F(ImageStorerTest, StoresInSpiteOfAnOptOutWhenToldTo) {
  ScriptedServer server(always(WireReply::response(200, kPng, {{"X-Robots-Tag", "noai"}})));
  auto wanted = request(server.url("/a.png"));
  wanted.opt_outs = OptOuts::ignore;
  EXPECT_EQ(store(wanted).sha256, kPngDigest);
}

TEST_F(ImageStorerTest, RefusesWhatIsNoImageWhateverTheHeadersSay) {
  for (const std::string body : {"<!doctype html><html></html>", R"({"error":"gone"})", "GIF", ""}) {
    ScriptedServer server(always(WireReply::response(200, body, {{"Content-Type", "image/png"}})));
    EXPECT_EQ(kind_of(request(server.url("/a.png"))), FailureKind::not_an_image) << body;
  }
}

TEST_F(ImageStorerTest, RefusesImagesOfOtherTypesThanThoseWanted) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  auto wanted = request(server.url("/a.png"));
  wanted.accept_types = {"image/jpeg", "video/*"};
  EXPECT_EQ(kind_of(wanted), FailureKind::not_an_image);
  for (const std::string type : {"image/png", "IMAGE/PNG", "image/*", "Image/*", "*/*", "*"}) {
    wanted.accept_types = {"image/jpeg", type};
    EXPECT_EQ(store(wanted).sha256, kPngDigest) << type;
  }
}

TEST_F(ImageStorerTest, RefusesWhatIsTooLargeByHeaderOrByBytes) {
  ScriptedServer known(always(WireReply::response(200, kPng)));
  ScriptedServer unknown(always(without_length(kPng)));
  for (const auto* server : {&known, &unknown}) {
    auto wanted = request(server->url("/a.png"));
    wanted.max_bytes = kPng.size() - 1;
    EXPECT_EQ(kind_of(wanted), FailureKind::too_large);
  }
}

TEST_F(ImageStorerTest, NeverStoresATruncatedImage) {
  ScriptedServer by_length(
      always({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5001\r\n\r\n" + kPng, .then = WireReply::Then::close}));
  ScriptedServer by_chunk(
      always({.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + kPng + "\r\n",
              .then = WireReply::Then::close}));
  EXPECT_EQ(kind_of(request(by_length.url("/a.png"))), FailureKind::truncated);
  EXPECT_EQ(kind_of(request(by_chunk.url("/a.png"))), FailureKind::truncated);
}

TEST_F(ImageStorerTest, EndsAtItsDeadlineWhenTheBodyStalls) {
  ScriptedServer server(
      always({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + kPng, .then = WireReply::Then::stall}));
  auto wanted = request(server.url("/a.png"));
  wanted.timeout = 200ms;
  EXPECT_EQ(kind_of(wanted), FailureKind::timeout);
}

Task<void> give_back_later(ByteBudget::Ticket ticket, std::chrono::milliseconds wait) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, wait);
  co_await timer.async_wait(boost::asio::use_awaitable);
  ticket.shrink_to(0);
}

TEST_F(ImageStorerTest, DoesNotCountTheWaitForMemoryAgainstTheOrigin) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  testing::Started others(loop_, give_back_later(*budget_.try_reserve(ByteBudget::kLargestTicket), 1200ms));
  auto wanted = request(server.url("/a.png"));
  wanted.timeout = 1000ms;
  EXPECT_EQ(store(wanted).size_bytes, kPng.size());
  EXPECT_TRUE(others.succeeded());
}

/// `head` and then so many zeros, as gzip.
std::string gzip_with_zeros(std::string_view head, std::size_t zeros) {
  std::string body(head);
  body.resize(head.size() + zeros);
  z_stream state{};
  deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&state, body.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(body.data());
  state.avail_in = static_cast<uInt>(body.size());
  state.next_out = reinterpret_cast<Bytef*>(packed.data());
  state.avail_out = static_cast<uInt>(packed.size());
  deflate(&state, Z_FINISH);
  packed.resize(state.total_out);
  deflateEnd(&state);
  return packed;
}

TEST_F(ImageStorerTest, StoresTheDecodedBytesOfACompressedAnswer) {
  const auto svg = std::string(R"(<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"></svg>)");
  ScriptedServer server(always(WireReply::response(200, gzip_with_zeros(svg, 0), {{"Content-Encoding", "gzip"}})));
  const auto stored = store(request(server.url("/a.svg")));
  EXPECT_EQ(stored.size_bytes, svg.size());
  EXPECT_EQ(store_.objects().begin()->second.bytes, svg);
}

TEST_F(ImageStorerTest, StopsUnpackingAGzipBombAtTheSizeLimit) {
  const auto bomb = gzip_with_zeros(kPng, 100 * kMebibyte);
  ScriptedServer server(always(WireReply::response(200, bomb, {{"Content-Encoding", "gzip"}})));
  for (const auto max_bytes : {4 * kMebibyte, 20 * kMebibyte}) {
    auto wanted = request(server.url("/a.png"));
    wanted.max_bytes = max_bytes;
    EXPECT_EQ(kind_of(wanted), FailureKind::too_large);
  }
  EXPECT_LE(budget_.peak_bytes(), ByteBudget::kLargestTicket);
  ASSERT_EQ(store_.uploads().size(), 1U);
  EXPECT_EQ(store_.uploads()[0]->end, testing::MemoryStore::Upload::End::aborted);
}

TEST_F(ImageStorerTest, ReportsWhatTheStoreRefuses) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  store_.fail_call(1, Failure(FailureKind::store_denied, "no such bucket"));
  EXPECT_EQ(kind_of(request(server.url("/a.png"))), FailureKind::store_denied);
}

class OneConnectionTest : public StorerFixture {
 protected:
  OneConnectionTest() : StorerFixture(1) {}
};

TEST_F(OneConnectionTest, IsNotHeldWhileAPutWaits) {
  ScriptedServer server(always(WireReply::response(200, kPng)));
  store_.hold();
  int done = 0;
  for (const auto* path : {"/a.png", "/b.png", "/c.png"}) {
    boost::asio::co_spawn(loop_, storer_.store(request(server.url(path))), [&](const std::exception_ptr& error, auto) {
      EXPECT_FALSE(error);
      ++done;
    });
  }
  run_until(loop_, [&] { return store_.waiting() == 3; });
  EXPECT_EQ(store_.waiting(), 3U);
  EXPECT_EQ(server.peak_connections(), 1);
  store_.release();
  run_until(loop_, [&] { return done == 3; });
  EXPECT_EQ(store_.objects().size(), 3U);
}

TEST_F(ImageStorerTest, CompletesMoreBodiesThanTheBudgetHolds) {
  const auto png = png_of(5 * kMebibyte);
  ScriptedServer server([&png](const WireRequest& asked) {
    return asked.target.starts_with("/unknown") ? without_length(png) : WireReply::response(200, png);
  });
  int done = 0;
  for (int i = 0; i < 12; ++i) {
    const auto path = fmt::format("/{}-{}.png", i % 2 == 0 ? "known" : "unknown", i);
    boost::asio::co_spawn(loop_, storer_.store(request(server.url(path))), [&](const std::exception_ptr& error, auto) {
      EXPECT_FALSE(error);
      ++done;
    });
  }
  run_until(loop_, [&] { return done == 12; });
  EXPECT_EQ(store_.objects().size(), 12U);
  EXPECT_LE(budget_.peak_bytes(), budget_.capacity_bytes());
}

}  // namespace
}  // namespace creel
