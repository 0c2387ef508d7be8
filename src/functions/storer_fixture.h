#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "functions/image_storer.h"
#include "net/host_limits.h"
#include "net/resolver.h"
#include "support/memory_store.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel {

inline constexpr std::size_t kMebibyte = 1024 * 1024;

/// The head of a PNG of 800 x 600 pixels, made as long as wanted by bytes that differ from one to the next.
inline std::string png_of(std::size_t bytes) {
  std::string png("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0\x02\x58\x08\x02\0\0\0\0\0\0\0", 33);
  while (png.size() < bytes) png += static_cast<char>(png.size() * 31 % 251);
  return png;
}

/// A response whose end is the end of the connection.
inline testing::WireReply without_length(const std::string& body, const std::string& headers = "") {
  return {.bytes = "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body, .then = testing::WireReply::Then::close};
}

/// Runs `loop` until `condition` holds.
template <class Condition>
void run_until(boost::asio::io_context& loop, Condition condition) {
  loop.restart();
  while (!condition() && loop.run_one() > 0) continue;
}

/// A storer over a real client and a store in memory. Whatever a test does, all of the budget must come back.
class StorerFixture : public ::testing::Test {
 protected:
  /// @param per_host  connections that a host may have
  explicit StorerFixture(std::size_t per_host = 32) : host_limits_(std::make_shared<HostLimits>(per_host)) {}

  void TearDown() override { EXPECT_EQ(budget_.used_bytes(), 0U); }

  static StoreRequest request(const std::string& url) {
    return {.image_url = Url::parse(url), .timeout = std::chrono::seconds(100)};
  }

  StoredImage store(StoreRequest request) { return testing::run(loop_, storer_.store(std::move(request))); }

  /// The failure of a request that nothing must be stored for.
  Failure failure_of(StoreRequest request) {
    std::optional<Failure> failure;
    try {
      store(std::move(request));
    } catch (const Failure& thrown) {
      failure = thrown;
    }
    if (!failure) ADD_FAILURE() << "no failure";
    EXPECT_TRUE(store_.objects().empty());
    return failure.value_or(Failure(FailureKind::internal, ""));
  }

  FailureKind kind_of(StoreRequest request) { return failure_of(std::move(request)).kind(); }

  std::shared_ptr<HostLimits> host_limits_;
  SystemClock clock_;
  boost::asio::io_context loop_;
  Resolver resolver_{clock_, system_lookup};
  HttpClient http_{
      loop_.get_executor(), {.address_policy = AddressPolicy::private_too, .host_limits = host_limits_}, resolver_};
  HttpClient http1_{
      loop_.get_executor(),
      {.address_policy = AddressPolicy::private_too, .version = HttpVersion::http1, .host_limits = host_limits_},
      resolver_};
  testing::MemoryStore store_;
  ByteBudget budget_{ByteBudget::kSmallestCapacity};
  BlockPool blocks_;
  ImageStorer storer_{http_, http1_, store_, budget_, blocks_, clock_};
};

}  // namespace creel
