#include "net/redirects.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "support/http_test.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using enum FailureKind;

struct Found {
  int status = 0;
  std::string text;
  std::string url;
  int redirects = 0;
};

Task<Found> follow(HttpClient& client, HttpRequest request) {
  auto followed = co_await get_following_redirects(client, std::move(request));
  Found found{followed.response.status(), {}, followed.final_url.str(), followed.redirects};
  found.text = co_await followed.response.read_text(1 << 20);
  co_return found;
}

WireReply redirect(std::string to, int status = 302) {
  return WireReply::response(status, "moved", {{"location", std::move(to)}});
}

/// "/3" leads to "/2" and so on to "/0", which is the image.
WireReply count_down(const WireRequest& request) {
  const int left = std::stoi(request.target.substr(1));
  return left == 0 ? WireReply::response(200, "image") : redirect("/" + std::to_string(left - 1));
}

class RedirectsTest : public testing::HttpTest {
 protected:
  Found find(const std::string& url, HttpHeaders headers = {}) {
    auto request = HttpTest::request(HttpMethod::get, url);
    request.headers = std::move(headers);
    return testing::run(loop_, follow(client(), std::move(request)));
  }

  /// How following a redirect to `location` fails.
  std::optional<FailureKind> failure_at(const std::string& location) {
    ScriptedServer server([&](const WireRequest&) { return redirect(location); });
    return failure_of(follow(client(), request(HttpMethod::get, server.url("/"))));
  }
};

TEST_F(RedirectsTest, FollowsFiveOnOneConnection) {
  ScriptedServer server(count_down);
  const auto found = find(server.url("/5"));
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.text, "image");
  EXPECT_EQ(found.url, server.url("/0"));
  EXPECT_EQ(found.redirects, 5);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(RedirectsTest, FollowsNoSixth) {
  ScriptedServer server(count_down);
  EXPECT_EQ(failure_of(follow(client(), request(HttpMethod::get, server.url("/6")))), redirected);
  EXPECT_EQ(server.requests().size(), 6U);
}

TEST_F(RedirectsTest, EndsInALoop) {
  EXPECT_EQ(failure_at("/again"), redirected);
  EXPECT_EQ(failure_at(""), redirected);
}

TEST_F(RedirectsTest, KnowsEveryStatusThatRedirects) {
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer server([status](const WireRequest& request) {
      return request.target == "/" ? redirect("/image", status) : WireReply::response(200, "image");
    });
    EXPECT_EQ(find(server.url("/")).text, "image") << status;
  }
}

TEST_F(RedirectsTest, TakesOtherStatusesAndOnesWithoutALocationAsTheAnswer) {
  for (const int status : {200, 201, 300, 304, 305, 404, 503}) {
    ScriptedServer server([status](const WireRequest&) { return redirect("/elsewhere", status); });
    EXPECT_EQ(find(server.url("/")).status, status);
    EXPECT_EQ(server.requests().size(), 1U) << status;
  }
  ScriptedServer server([](const WireRequest&) { return WireReply::response(302, "nowhere"); });
  const auto found = find(server.url("/"));
  EXPECT_EQ(found.status, 302);
  EXPECT_EQ(found.text, "nowhere");
  EXPECT_EQ(found.redirects, 0);
}

TEST_F(RedirectsTest, ResolvesTheLocationAgainstTheUrlBeforeIt) {
  ScriptedServer server([](const WireRequest& request) {
    if (request.target == "/a/b?c") return redirect("../d e?f");
    return WireReply::response(200, request.target);
  });
  EXPECT_EQ(find(server.url("/a/b?c")).text, "/d%20e?f");
}

TEST_F(RedirectsTest, GoesNowhereButToHttpUrlsWithoutUserNames) {
  for (const auto* location : {"ftp://h/image.png", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "//user@h/",
                               "http://h:99999/", "javascript:alert(1)"}) {
    EXPECT_EQ(failure_at(location), redirected) << location;
  }
}

TEST_F(RedirectsTest, ChecksTheAddressOfEachStep) {
  EXPECT_EQ(failure_at("http://169.254.169.254/latest/meta-data/"), blocked_address);
  EXPECT_EQ(failure_at("http://[::ffff:169.254.169.254]/"), blocked_address);
  EXPECT_EQ(failure_at("http://0.0.0.0/"), blocked_address);
}

TEST_F(RedirectsTest, RefusesAPrivateAddressBehindAPublicOne) {
  ScriptedServer proxy([](const WireRequest&) { return redirect("https://10.1.2.3/"); });
  // The first step goes through a proxy, which stands for a public server; the second has none.
  use_client({.address_policy = AddressPolicy::public_only, .proxies = {.http_proxy = proxy.url("/")}});
  EXPECT_EQ(failure_of(follow(client(), request(HttpMethod::get, "http://public.test/"))), blocked_address);
  EXPECT_EQ(proxy.requests().size(), 1U);
}

const HttpHeaders kCredentials = {
    {"authorization", "Bearer t"}, {"COOKIE", "c=1"}, {"Proxy-Authorization", "Basic x"}, {"X-Other", "kept"}};

TEST_F(RedirectsTest, KeepsCredentialsWithinOneOrigin) {
  ScriptedServer server(count_down);
  find(server.url("/1"), kCredentials);
  const auto last = server.requests().at(1);
  for (const auto& [name, value] : kCredentials) EXPECT_EQ(last.header(name), value) << name;
}

TEST_F(RedirectsTest, SendsNoCredentialsToAnotherOrigin) {
  ScriptedServer other([](const WireRequest&) { return WireReply::response(200, "image"); });
  ScriptedServer server([&](const WireRequest&) { return redirect(other.url("/")); });
  EXPECT_EQ(find(server.url("/"), kCredentials).url, other.url("/"));
  EXPECT_EQ(server.requests().at(0).header("Authorization"), "Bearer t");
  const auto request = other.requests().at(0);
  EXPECT_EQ(request.header("Authorization"), "");
  EXPECT_EQ(request.header("Cookie"), "");
  EXPECT_EQ(request.header("Proxy-Authorization"), "");
  EXPECT_EQ(request.header("X-Other"), "kept");
}

TEST_F(RedirectsTest, HasOneDeadlineForAllSteps) {
  ScriptedServer server([](const WireRequest& request) {
    if (request.target == "/") return redirect("/stalls");
    return WireReply{.bytes = "", .then = WireReply::Then::stall};
  });
  auto request = HttpTest::request(HttpMethod::get, server.url("/"));
  request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  EXPECT_EQ(failure_of(follow(client(), std::move(request))), timeout);
}

}  // namespace
}  // namespace creel
