#include "net/request_head.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

struct Settled {
  std::string target;
  std::string host;
};

Settled settle(std::string target, HttpHeaders headers = {{"Host", "a.example"}}) {
  EXPECT_EQ(settle_target(target, headers, false), std::nullopt) << target;
  return {.target = std::move(target), .host = std::string(headers.find("Host").value_or("none"))};
}

bool is_refused(std::string target, HttpHeaders headers, bool is_http_1_0 = false) {
  return settle_target(target, headers, is_http_1_0).has_value();
}

TEST(RequestHead, LeavesAPathAsItIs) {
  for (const auto* target : {"/", "/a/b?c=http://d", "/http://b.example/", "*", "httpx://b.example/"}) {
    const auto settled = settle(target);
    EXPECT_EQ(settled.target, target);
    EXPECT_EQ(settled.host, "a.example");
  }
}

TEST(RequestHead, TakesPathAndHostOutOfAnAbsoluteTarget) {
  EXPECT_EQ(settle("http://b.example:81/a/b?c").target, "/a/b?c");
  EXPECT_EQ(settle("http://b.example:81/a/b?c").host, "b.example:81");
  EXPECT_EQ(settle("HTTPS://b.example").target, "/");
  EXPECT_EQ(settle("http://b.example?c=1").target, "/?c=1");
  EXPECT_EQ(settle("http://[::1]:8080/").host, "[::1]:8080");
}

TEST(RequestHead, RefusesATargetWithoutAHost) {
  for (const auto* target : {"http://", "http:///a", "http://user@b.example/", "http://b example/", "http://?a"}) {
    EXPECT_TRUE(is_refused(target, {{"Host", "a.example"}})) << target;
  }
}

TEST(RequestHead, WantsExactlyOneHost) {
  EXPECT_TRUE(is_refused("/", {}));
  EXPECT_TRUE(is_refused("http://b.example/", {}));
  EXPECT_TRUE(is_refused("/", {{"Host", "a"}, {"host", "a"}}));
  EXPECT_TRUE(is_refused("/", {{"Host", "a"}, {"Host", "a"}}, true));
  EXPECT_FALSE(is_refused("/", {}, true));
}

TEST(RequestHead, RefusesAHostThatIsNone) {
  for (const auto* host : {"a/b", "user@a", "a b", "a, \"b\"", "a\\b", "<a>"}) {
    EXPECT_TRUE(is_refused("/", {{"Host", host}})) << host;
  }
  for (const auto* host : {"", "a.example", "a.example:80", "[::1]:80", "a_b"}) {
    EXPECT_FALSE(is_refused("/", {{"Host", host}})) << host;
  }
}

TEST(RequestHead, TakesNoFramingThatLeavesTheEndOfTheBodyOpen) {
  EXPECT_EQ(wrong_framing({}, false), std::nullopt);
  EXPECT_EQ(wrong_framing({{"Content-Length", "5"}}, true), std::nullopt);
  EXPECT_EQ(wrong_framing({{"Transfer-Encoding", "Chunked"}}, false), std::nullopt);
  for (const auto* coding : {"", "gzip", "identity", "xchunked", "\"chunked\"", "chunked, identity", "gzip, chunked"}) {
    EXPECT_NE(wrong_framing({{"Transfer-Encoding", coding}}, false), std::nullopt) << coding;
  }
  EXPECT_NE(wrong_framing({{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}, false), std::nullopt);
  EXPECT_NE(wrong_framing({{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}, false), std::nullopt);
  EXPECT_NE(wrong_framing({{"Transfer-Encoding", "chunked"}}, true), std::nullopt);
}

}  // namespace
}  // namespace creel
