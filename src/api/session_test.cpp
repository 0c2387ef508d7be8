#include "api/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/http_call_test_support.h"
#include "api/problem.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::FakeCall;
using ::testing::HasSubstr;
using ::testing::Not;

FakeCall get(HttpHeaders headers) {
  return FakeCall("GET", "/", std::move(headers));
}

TEST(BroughtToken, StandsInTheAuthorizationHeader) {
  EXPECT_EQ(token_of(get({{"Authorization", "Bearer a.b.c"}}))->token, "a.b.c");
  EXPECT_EQ(token_of(get({{"authorization", " bearer  a.b.c "}}))->token, "a.b.c");
  EXPECT_FALSE(token_of(get({{"Authorization", "Bearer a.b.c"}}))->by_cookie);
  EXPECT_FALSE(token_of(get({})));
}

TEST(BroughtToken, OfAnotherSchemeIsRefused) {
  EXPECT_THROW(token_of(get({{"Authorization", "Basic YTpi"}})), Problem);
  EXPECT_THROW(token_of(get({{"Authorization", "a.b.c"}})), Problem);
  EXPECT_THROW(token_of(get({{"Authorization", "Basic YTpi"}, {"Cookie", "creel_session=a.b.c"}})), Problem);
}

TEST(BroughtToken, StandsInTheCookie) {
  const auto brought = token_of(get({{"Cookie", "a=b; creel_session=x.y.z; c"}}));
  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->token, "x.y.z");
  EXPECT_TRUE(brought->by_cookie);
  EXPECT_EQ(token_of(get({{"Cookie", "a=b"}, {"Cookie", "__Host-creel_session=x.y.z"}}))->token, "x.y.z");
  EXPECT_FALSE(token_of(get({{"Cookie", "creel_session="}})));
  EXPECT_FALSE(token_of(get({{"Cookie", "xcreel_session=a"}})));
}

TEST(SessionCookie, IsOutOfReachOfScriptsAndOtherSites) {
  const SystemTime now(1h);
  const auto cookie = begin_session(get({}), "a.b.c", now + 90s, now);
  EXPECT_EQ(cookie, "creel_session=a.b.c; Path=/; Max-Age=90; HttpOnly; SameSite=Strict");
  EXPECT_THAT(end_session(get({})), ::testing::ElementsAre(HasSubstr("creel_session=; Path=/; Max-Age=0;")));
}

TEST(SessionCookie, IsNotThatOfABackendAtAnotherPort) {
  const SystemTime now(1h);
  EXPECT_THAT(begin_session(get({{"Host", "localhost:8081"}}), "a", now + 1s, now),
              ::testing::StartsWith("creel_session_8081=a;"));
  EXPECT_THAT(begin_session(get({{"Host", "[::1]:8081"}, {"X-Forwarded-Proto", "https"}}), "a", now + 1s, now),
              ::testing::StartsWith("__Host-creel_session_8081=a;"));
  for (const auto* host : {"creel.example", "[::1]", "127.0.0.1"}) {
    EXPECT_THAT(begin_session(get({{"Host", host}}), "a", now + 1s, now), ::testing::StartsWith("creel_session=a;"));
  }
  const auto cookies = "creel_session_8080=other; creel_session=old; creel_session_8081=own";
  EXPECT_EQ(token_of(get({{"Host", "localhost:8081"}, {"Cookie", cookies}}))->token, "own");
  EXPECT_EQ(token_of(get({{"Host", "localhost:8082"}, {"Cookie", cookies}}))->token, "old");
  EXPECT_THAT(end_session(get({{"Host", "localhost:8081"}, {"Cookie", cookies}})),
              ::testing::ElementsAre(::testing::StartsWith("creel_session_8081=; "),
                                     ::testing::StartsWith("creel_session=; ")));
}

TEST(SessionCookie, GoesOverHttpsAloneWhereItCameByHttps) {
  const SystemTime now(1h);
  for (const HttpHeaders& headers :
       {HttpHeaders{{"X-Forwarded-Proto", "https"}}, HttpHeaders{{"Forwarded", "for=1.2.3.4;Proto=HTTPS"}}}) {
    const auto cookie = begin_session(get(headers), "a", now + 1s, now);
    EXPECT_THAT(cookie, ::testing::StartsWith("__Host-creel_session=a;"));
    EXPECT_THAT(cookie, ::testing::EndsWith("; Secure"));
  }
  EXPECT_THAT(begin_session(get({{"X-Forwarded-Proto", "http"}}), "a", now + 1s, now), Not(HasSubstr("Secure")));
}

bool is_allowed(std::string method, HttpHeaders headers) {
  try {
    check_same_origin(FakeCall(std::move(method), "/", std::move(headers)));
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 403);
    return false;
  }
  return true;
}

TEST(SameOrigin, IsNeededForWhatChangesSomething) {
  EXPECT_TRUE(is_allowed("GET", {}));
  EXPECT_TRUE(is_allowed("HEAD", {{"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_TRUE(is_allowed("POST", {{"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_TRUE(is_allowed("POST", {{"Origin", "http://creel.lan:8080"}, {"Host", "creel.lan:8080"}}));
  EXPECT_TRUE(is_allowed("DELETE", {{"Origin", "https://creel.lan"}, {"Host", "creel.lan"}}));
}

TEST(SameOrigin, IsNotBelievedWithoutProof) {
  EXPECT_FALSE(is_allowed("POST", {}));
  EXPECT_FALSE(is_allowed("POST", {{"Host", "creel.lan"}}));
  EXPECT_FALSE(is_allowed("POST", {{"Origin", "null"}, {"Host", "creel.lan"}}));
  EXPECT_FALSE(is_allowed("POST", {{"Origin", "http://evil.example"}, {"Host", "creel.lan"}}));
  EXPECT_FALSE(is_allowed("POST", {{"Origin", "http://creel.lan.evil.example"}, {"Host", "creel.lan"}}));
  EXPECT_FALSE(is_allowed("POST", {{"Origin", "http://"}}));
  for (const auto* site : {"cross-site", "same-site", "none"}) {
    EXPECT_FALSE(is_allowed("POST", {{"Sec-Fetch-Site", site}, {"Origin", "http://creel.lan"}, {"Host", "creel.lan"}}))
        << site;
  }
}

}  // namespace
}  // namespace creel
