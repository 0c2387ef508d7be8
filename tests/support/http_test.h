#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/failure.h"
#include "net/http_client.h"
#include "net/resolver.h"
#include "support/run_task.h"

namespace creel::testing {

/// A response with its body.
struct Fetched {
  int status = 0;
  HttpHeaders headers;
  std::optional<std::uint64_t> content_length;
  std::string text;
};

inline Task<Fetched> fetch_with(HttpClient& client, HttpRequest request) {
  auto response = co_await client.send(std::move(request));
  auto text = co_await response.read_text(16 << 20);
  co_return Fetched{response.status(), response.headers(), response.content_length(), std::move(text)};
}

/// Tests of an HTTP client on a loop that the test runs itself. Every name stands for loopback.
class HttpTest : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{20};

  HttpClient& client() {
    if (!client_) use_client({.address_policy = AddressPolicy::private_too});
    return *client_;
  }

  void use_client(HttpClientOptions options) {
    client_ = std::make_unique<HttpClient>(loop_.get_executor(), std::move(options), resolver_);
  }

  static HttpRequest request(HttpMethod method, const std::string& url, std::string_view body = {}) {
    HttpRequest request{.method = method, .url = Url::parse(url)};
    request.body = BodyView(std::as_bytes(std::span(body)));
    request.deadline = std::chrono::steady_clock::now() + kPatience;
    return request;
  }

  Fetched fetch(HttpRequest request) { return run(loop_, fetch_with(client(), std::move(request))); }
  Fetched get(const std::string& url) { return fetch(request(HttpMethod::get, url)); }

  template <class T>
  std::optional<FailureKind> failure_of(Task<T> task) {
    try {
      run(loop_, std::move(task));
    } catch (const Failure& failure) {
      return failure.kind();
    }
    return std::nullopt;
  }

  std::optional<FailureKind> failure_to_get(const std::string& url) {
    return failure_of(fetch_with(client(), request(HttpMethod::get, url)));
  }

  SystemClock clock_;
  boost::asio::io_context loop_;
  Resolver resolver_{
      clock_, [](const std::string&) { return Resolver::Addresses{boost::asio::ip::make_address("127.0.0.1")}; }};
  std::unique_ptr<HttpClient> client_;
};

}  // namespace creel::testing
