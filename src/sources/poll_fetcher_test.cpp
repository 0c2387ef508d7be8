#include "sources/poll_fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_status.h"
#include "sources/gzip_for_test.h"
#include "sources/poll_fetcher_fixture.h"

namespace creel {
namespace {

using testing::answers;
using testing::PollFetcherTest;
using testing::ScriptedServer;
using testing::Started;
using testing::WireReply;
using testing::WireRequest;
using enum FailureKind;
using std::chrono::seconds;
using ::testing::HasSubstr;

WireReply redirect(const std::string& to, int status) {
  return WireReply::response(status, "", {{"Location", to}});
}

TEST_F(PollFetcherTest, GetsAPage) {
  ScriptedServer server(answers(200, {{"Content-Type", "text/xml"}}));
  const auto page = fetch(server.url("/feed?x=1"));
  EXPECT_EQ(page.status, 200);
  EXPECT_FALSE(page.is_unchanged);
  EXPECT_EQ(page.body, "page");
  EXPECT_EQ(page.headers.find("content-type"), "text/xml");
  EXPECT_EQ(page.final_url, server.url("/feed?x=1"));
  EXPECT_EQ(session_.requests, 1U);
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.header("Accept-Encoding"), "gzip, deflate");
  for (const auto* name : {"If-None-Match", "If-Modified-Since", "Referer", "Cookie"}) {
    EXPECT_EQ(request.header(name), "") << name;
  }
}

TEST_F(PollFetcherTest, SaysWhoItIs) {
  use_client({.user_agent = "creel/1 (+https://creel.test)", .address_policy = AddressPolicy::private_too});
  make({});
  ScriptedServer server(answers(200));
  fetch(server.url("/"));
  EXPECT_EQ(server.requests().at(0).header("User-Agent"), "creel/1 (+https://creel.test)");
}

TEST_F(PollFetcherTest, UnpacksGzip) {
  ScriptedServer server(answers(200, {{"Content-Encoding", "gzip"}}, testing::gzip("text")));
  EXPECT_EQ(fetch(server.url("/")).body, "text");
}

TEST_F(PollFetcherTest, RefusesAPageThatIsTooLargeEvenIfItComesSmall) {
  ScriptedServer server(answers(200, {{"Content-Encoding", "gzip"}}, testing::gzip(std::string(100'000, 'x'))));
  EXPECT_EQ(failure_of({.url = server.url("/"), .max_bytes = 99'999}).kind(), too_large);
}

TEST_F(PollFetcherTest, SendsBackTheValidatorsAsTheyCame) {
  ScriptedServer server([](const WireRequest& request) {
    if (request.header("If-None-Match") == "W/\"a b\\\"" && request.header("If-Modified-Since") == "last tuesday") {
      return WireReply::response(304, "", {{"Last-Modified", "this tuesday"}});
    }
    return WireReply::response(200, "page", {{"ETag", "W/\"a b\\\""}, {"Last-Modified", "last tuesday"}});
  });
  fetch(server.url("/"));
  next_poll();
  const auto page = fetch(server.url("/"));
  EXPECT_TRUE(page.is_unchanged);
  EXPECT_EQ(page.status, 304);
  EXPECT_EQ(page.body, "");
  const PollValidator expected{.etag = "W/\"a b\\\"", .last_modified = "this tuesday"};
  EXPECT_EQ(session_.seen.at(server.url("/")), expected) << "a 304 may bring a new date";
}

TEST_F(PollFetcherTest, KnowsNoValidatorsThatThePollBeforeDidNotSee) {
  ScriptedServer server(answers(200, {{"ETag", "\"1\""}}));
  fetch({.url = server.url("/"), .is_conditional = false});
  EXPECT_TRUE(session_.seen.empty());
  fetch(server.url("/"));
  fetch({.url = server.url("/"), .is_conditional = false});
  EXPECT_EQ(server.requests().at(2).header("If-None-Match"), "");
}

TEST_F(PollFetcherTest, RemembersNoEndlessValidators) {
  ScriptedServer server(answers(200, {{"ETag", std::string(5000, 'x')}}));
  fetch(server.url("/"));
  EXPECT_TRUE(session_.seen.empty());
}

TEST_F(PollFetcherTest, DoesNotBelieveA304ThatWasNotAskedFor) {
  ScriptedServer server(answers(304));
  EXPECT_EQ(failure_at(server.url("/")).kind(), server_error);
}

TEST_F(PollFetcherTest, KeepsTheValidatorsOfThePlaceWhereTheAnswerWas) {
  std::atomic<int> place = 1;
  ScriptedServer server([&](const WireRequest& request) {
    if (request.target == "/feed") return redirect("/place" + std::to_string(place), 302);
    return WireReply::response(200, "page", {{"ETag", "\"" + request.target + "\""}});
  });
  fetch(server.url("/feed"));
  next_poll();
  fetch(server.url("/feed"));
  EXPECT_EQ(server.requests().at(2).header("If-None-Match"), "");
  EXPECT_EQ(server.requests().at(3).header("If-None-Match"), "\"/place1\"");
  place = 2;
  next_poll();
  fetch(server.url("/feed"));
  EXPECT_EQ(server.requests().at(5).header("If-None-Match"), "") << "another place";
}

TEST_F(PollFetcherTest, ReportsWhereTheSourceHasMovedForGood) {
  ScriptedServer server([](const WireRequest& request) {
    if (request.target == "/old") return redirect("/newer", 301);
    if (request.target == "/newer") return redirect("/newest", 308);
    if (request.target == "/newest") return redirect("/today", 302);
    return WireReply::response(200, "page");
  });
  session_.source_url = server.url("/old");
  EXPECT_EQ(fetch(server.url("/old")).final_url, server.url("/today"));
  EXPECT_EQ(session_.hints.moved_to, server.url("/newest"));
}

TEST_F(PollFetcherTest, ReportsNoMoveOfAnotherPageNorOneThatLeadsNowhere) {
  ScriptedServer server([](const WireRequest& request) {
    return request.target == "/gone" ? WireReply::response(404) : redirect("/gone", 301);
  });
  session_.source_url = server.url("/feed");
  failure_at(server.url("/feed"));
  EXPECT_EQ(session_.hints.moved_to, std::nullopt);

  ScriptedServer other([](const WireRequest& request) {
    return request.target == "/new" ? WireReply::response(200) : redirect("/new", 301);
  });
  fetch(other.url("/page2"));
  EXPECT_EQ(session_.hints.moved_to, std::nullopt);
}

TEST_F(PollFetcherTest, KeepsCredentialsFromOtherOriginsNowAndLater) {
  ScriptedServer other(answers(200));
  ScriptedServer server([&](const WireRequest&) { return redirect(other.url("/"), 301); });
  session_.source_url = server.url("/");
  fetch({.url = server.url("/"), .headers = {{"X-Api-Key", "k"}, {"Authorization", "a"}, {"Accept", "text/xml"}}});
  EXPECT_EQ(server.requests().at(0).header("X-Api-Key"), "k");
  EXPECT_EQ(other.requests().at(0).header("X-Api-Key"), "");
  EXPECT_EQ(other.requests().at(0).header("Authorization"), "");
  EXPECT_EQ(other.requests().at(0).header("Accept"), "text/xml");
  EXPECT_EQ(session_.hints.moved_to, std::nullopt) << "the next poll would send them there";

  fetch({.url = server.url("/"), .headers = {{"Accept", "text/xml"}}});
  EXPECT_EQ(session_.hints.moved_to, other.url("/"));
}

TEST_F(PollFetcherTest, GoesNowhereButToHttp) {
  for (const auto* location : {"file:///etc/passwd", "ftp://h/", "http://user:pw@h/", "gopher://h/"}) {
    ScriptedServer server([&](const WireRequest&) { return redirect(location, 302); });
    EXPECT_EQ(failure_at(server.url("/")).kind(), redirected) << location;
  }
  EXPECT_EQ(failure_at("file:///etc/passwd").kind(), bad_url);
}

TEST_F(PollFetcherTest, ObeysTheAddressPolicyAtEachStep) {
  ScriptedServer server([](const WireRequest&) { return redirect("http://169.254.169.254/", 302); });
  EXPECT_EQ(failure_at(server.url("/")).kind(), blocked_address);
}

TEST_F(PollFetcherTest, EndsInALoop) {
  ScriptedServer server([](const WireRequest&) { return redirect("/", 302); });
  EXPECT_EQ(failure_at(server.url("/")).kind(), redirected);
  EXPECT_EQ(server.requests().size(), 6U);
}

TEST_F(PollFetcherTest, NamesTheHostAndNeverTheUrlInFailures) {
  ScriptedServer server(answers(404));
  const auto failure = failure_at(server.url("/secret?key=secret"));
  EXPECT_EQ(failure.kind(), not_found);
  EXPECT_EQ(failure.what(), "127.0.0.1:" + std::to_string(server.port()) + ": the server answered with status 404");
}

TEST_F(PollFetcherTest, FailsByTheStatus) {
  const std::vector<std::pair<int, FailureKind>> kinds = {{400, bad_request}, {401, bad_auth},     {403, forbidden},
                                                          {404, not_found},   {429, rate_limited}, {500, server_error}};
  for (const auto& [status, kind] : kinds) {
    ScriptedServer server(answers(status));
    EXPECT_EQ(failure_at(server.url("/")).kind(), kind) << status;
  }
}

TEST_F(PollFetcherTest, SaysThatASourceIsGone) {
  ScriptedServer server(answers(410));
  session_.source_url = server.url("/");
  EXPECT_EQ(failure_at(server.url("/page2")).kind(), not_found);
  EXPECT_FALSE(session_.hints.is_gone);
  EXPECT_EQ(failure_at(server.url("/")).kind(), not_found);
  EXPECT_TRUE(session_.hints.is_gone);
}

TEST_F(PollFetcherTest, GivesBackRefusalsToWhoAsksForThem) {
  ScriptedServer server(answers(403, {}, "over capacity"));
  const auto page = fetch({.url = server.url("/"), .gives_refusals = true});
  EXPECT_EQ(page.status, 403);
  EXPECT_EQ(page.body, "over capacity");
  EXPECT_TRUE(session_.seen.empty());
}

TEST_F(PollFetcherTest, LeavesAHostAloneForAllSourcesWhenItRefuses) {
  for (const int status : {429, 503}) {
    ScriptedServer server(answers(status, {{"Retry-After", "1000"}}));
    session_ = {.source = SourceId{1}};
    const auto refused = failure_at(server.url("/a"));
    EXPECT_EQ(refused.retry_after(), seconds(1000));
    EXPECT_EQ(session_.hints.asked_wait, seconds(1000));
    const auto until = fetcher_->host_blocked_until("127.0.0.1:" + std::to_string(server.port()));
    ASSERT_TRUE(until);
    EXPECT_NEAR(std::chrono::duration<double>(*until - clock_.now()).count(), 1000, 5);

    session_ = {.source = SourceId{2}};
    const auto left_alone = failure_at(server.url("/b"));
    EXPECT_EQ(left_alone.kind(), rate_limited);
    EXPECT_THAT(left_alone.what(), HasSubstr("status"));
    EXPECT_GE(left_alone.retry_after(), seconds(1000)) << "a little later than the other";
    EXPECT_EQ(server.requests().size(), 1U);
  }
}

TEST_F(PollFetcherTest, LeavesAHostAloneThatIsBrokenThreeTimes) {
  ScriptedServer server(answers(500));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(failure_at(server.url("/")).kind(), server_error);
  EXPECT_EQ(failure_at(server.url("/")).kind(), rate_limited);
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(PollFetcherTest, LeavesAHostAloneThatIsNotThere) {
  std::string url;
  {
    ScriptedServer server(answers(200));
    url = server.url("/");
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(failure_at(url).kind(), connect);
  EXPECT_EQ(failure_at(url).kind(), rate_limited);
}

TEST_F(PollFetcherTest, TakesTheFirstAnswersWordForHowLongItStaysFresh) {
  ScriptedServer server([](const WireRequest& request) {
    return WireReply::response(200, "", {{"Cache-Control", request.target == "/" ? "max-age=600" : "max-age=60000"}});
  });
  fetch(server.url("/"));
  fetch(server.url("/album"));
  EXPECT_EQ(session_.hints.asked_wait, seconds(600));
}

TEST_F(PollFetcherTest, WaitsNoLongerThanTheBound) {
  ScriptedServer server(answers(200, {{"Cache-Control", "max-age=31536000"}}));
  fetch(server.url("/"));
  EXPECT_EQ(session_.hints.asked_wait, std::chrono::hours(24));
}

TEST_F(PollFetcherTest, AsksNoMoreWhereTheLimitIsUsedUp) {
  ScriptedServer server(answers(200, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "300"}}));
  fetch(server.url("/"));
  EXPECT_EQ(session_.hints.asked_wait, seconds(300));
  const auto failure = failure_at(server.url("/2"));
  EXPECT_EQ(failure.kind(), rate_limited);
  EXPECT_THAT(failure.what(), HasSubstr("used up"));
  EXPECT_GE(failure.retry_after(), seconds(300)) << "a little later than the renewal";
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(PollFetcherTest, AsksForNoSourceWhereTheLimitIsUsedUp) {
  for (const int status : {200, 304, 403}) {
    ScriptedServer server(answers(status, {{"X-RateLimit-UserRemaining", "0"}, {"X-RateLimit-UserReset", "300"}}));
    session_ = {.source = SourceId{1}};
    try {
      fetch(server.url("/"));
    } catch (const Failure&) {
      // What it said of its limit holds all the same.
    }
    session_ = {.source = SourceId{2}};
    EXPECT_EQ(failure_at(server.url("/2")).kind(), rate_limited) << status;
    EXPECT_EQ(server.requests().size(), 1U) << status;
  }
}

TEST_F(PollFetcherTest, AsksOtherHostsWhereOnesLimitIsUsedUp) {
  ScriptedServer server(answers(200, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "300"}}));
  ScriptedServer other(answers(200));
  fetch(server.url("/"));
  EXPECT_EQ(fetch(other.url("/")).status, 200);
}

TEST_F(PollFetcherTest, TakesA403WithAUsedUpLimitForWhatItIs) {
  ScriptedServer server(answers(403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "300"}}));
  const auto failure = failure_at(server.url("/"));
  EXPECT_EQ(failure.kind(), rate_limited);
  EXPECT_EQ(failure.retry_after(), seconds(300));
}

TEST_F(PollFetcherTest, KeepsToTheRateLimitFromPollToPoll) {
  ScriptedServer server(answers(200));
  const auto start = std::chrono::steady_clock::now();
  for (int poll = 0; poll < 3; ++poll) {
    session_ = {.source = SourceId{1}, .rate_limit = 1200};
    fetch(server.url("/"));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(100));
}

TEST_F(PollFetcherTest, GivesUpItsPlaceWhenCancelledWhileItWaits) {
  ScriptedServer server(answers(200));
  session_.rate_limit = 0.1;
  fetch(server.url("/"));
  Started<PollPage> waiting(loop_, fetcher_->fetch(session_, {.url = server.url("/")}));
  loop_.restart();
  loop_.poll();
  EXPECT_FALSE(waiting.done());
  waiting.cancel();
  run_until_done(waiting);
  EXPECT_FALSE(waiting.succeeded());
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(PollFetcherTest, HasOnlySoManyRequestsToAHostAtATime) {
  ScriptedServer server(answers(200));
  make({.per_host = 2});
  std::vector<std::unique_ptr<PollSession>> sessions;
  std::vector<std::unique_ptr<Started<PollPage>>> fetches;
  for (int i = 0; i < 10; ++i) {
    sessions.push_back(std::make_unique<PollSession>(PollSession{.source = SourceId{i}}));
    fetches.push_back(
        std::make_unique<Started<PollPage>>(loop_, fetcher_->fetch(*sessions.back(), {.url = server.url("/")})));
  }
  for (const auto& fetch : fetches) {
    run_until_done(*fetch);
    EXPECT_TRUE(fetch->succeeded());
  }
  EXPECT_LE(server.peak_connections(), 2);
}

TEST_F(PollFetcherTest, EndsARequestThatTakesTooLong) {
  make({.timeout = seconds(1)});
  ScriptedServer server([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::stall}; });
  EXPECT_EQ(failure_at(server.url("/")).kind(), timeout);
}

}  // namespace
}  // namespace creel
