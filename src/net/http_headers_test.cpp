#include "net/http_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using namespace std::string_view_literals;

std::vector<HttpHeaders::Field> fields_of(const HttpHeaders& headers) {
  return {headers.begin(), headers.end()};
}

TEST(HttpHeaders, FindsTheFirstFieldOfANameWithoutCase) {
  const HttpHeaders headers = {{"Content-Type", "image/png"}, {"X-A", "1"}, {"x-a", "2"}};
  EXPECT_EQ(headers.find("content-type"), "image/png");
  EXPECT_EQ(headers.find("X-a"), "1");
  EXPECT_THAT(headers.find_all("X-A"), ElementsAre("1", "2"));
  EXPECT_FALSE(headers.find("Content"));
  EXPECT_THAT(headers.find_all("missing"), ElementsAre());
}

TEST(HttpHeaders, KeepsTheOrderInWhichFieldsCame) {
  HttpHeaders headers;
  EXPECT_TRUE(headers.empty());
  headers.add("B", "1");
  headers.add("A", "2");
  headers.add("b", "3");
  EXPECT_THAT(fields_of(headers), ElementsAre(Pair("B", "1"), Pair("A", "2"), Pair("b", "3")));
  EXPECT_FALSE(headers.empty());
}

TEST(HttpHeaders, ReplacesAllFieldsOfANameWhenItIsSet) {
  HttpHeaders headers = {{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.set("a", "4");
  EXPECT_THAT(fields_of(headers), ElementsAre(Pair("B", "2"), Pair("a", "4")));
  headers.remove("A");
  headers.remove("missing");
  EXPECT_THAT(fields_of(headers), ElementsAre(Pair("B", "2")));
}

std::string refusal(std::string_view name, std::string_view value) {
  try {
    check_user_header(name, value);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    return failure.what();
  }
  return "taken";
}

TEST(UserHeader, IsTakenWhenItIsOneForTheServer) {
  for (const auto name :
       {"Authorization", "cookie", "Referer", "X-Anything", "User-Agent", "Accept", "Range", "!#$%&'*+-.^_`|~9"}) {
    EXPECT_EQ(refusal(name, "value"), "taken") << name;
  }
  EXPECT_EQ(refusal("X-Empty", ""), "taken");
  EXPECT_EQ(refusal("X-Text", "ü\t\"x\""), "taken");
}

TEST(UserHeader, IsRefusedWhenItIsTheClientsOwnInAnyCase) {
  for (const auto name : {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection",
                          "Proxy-Authorization", "Proxy-Authenticate", "Trailers", "TE", "Trailer", "Upgrade", "Expect",
                          "HOST", "content-length", "tRaNsFeR-eNcOdInG", "te"}) {
    EXPECT_EQ(refusal(name, "x"), std::string("the header ") + name + " is set by creel itself");
  }
}

TEST(UserHeader, IsRefusedWhenItsValueCouldEndTheLine) {
  for (const auto value : {"a\r\nX-Evil: 1"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv, "\n"sv, "end\r"sv}) {
    EXPECT_EQ(refusal("X-A", value), "the value of the header X-A contains CR, LF or NUL");
  }
}

TEST(UserHeader, IsRefusedWhenItsNameIsNoToken) {
  for (const auto name : {""sv, "X A"sv, "X:A"sv, " X"sv, "X\r\nHost"sv, "Ü"sv, "X/A"sv, "(X)"sv, "Host "sv}) {
    EXPECT_EQ(refusal(name, "x"), "'" + std::string(name) + "' is not the name of a header");
  }
  EXPECT_NE(refusal("X\0"sv, "x"), "taken");
}

TEST(UserHeader, IsRefusedWithoutShowingItsValue) {
  EXPECT_EQ(refusal("Authorization", "hunter2\n").find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace creel
