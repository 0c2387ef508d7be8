#include <atomic>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "base/wakeup.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "net/resolver.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

namespace asio = boost::asio;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using namespace std::chrono_literals;

constexpr int kTransfersALoop = 200;
constexpr std::size_t kBodyBytes = 50'000;

Task<void> fetch(HttpClient& client, std::string url) {
  HttpRequest request{.url = Url::parse(url), .deadline = std::chrono::steady_clock::now() + 60s};
  auto response = co_await client.send(std::move(request));
  const auto text = co_await response.read_text(2 * kBodyBytes);
  EXPECT_EQ(text, std::string(kBodyBytes, 'x'));
}

/// Makes a client on the loop it runs on, and has it do all transfers at once.
Task<void> fetch_many(Resolver& resolver, std::string port, std::atomic<int>& good) {
  const auto executor = co_await asio::this_coro::executor;
  HttpClient client(executor, {.address_policy = AddressPolicy::private_too}, resolver);
  const auto finished = std::make_shared<Wakeup>(executor);
  int left = kTransfersALoop;
  for (int i = 0; i < kTransfersALoop; ++i) {
    auto url = "http://host-" + std::to_string(i % 20) + ".test:" + port + "/" + std::to_string(i);
    asio::co_spawn(executor, fetch(client, std::move(url)), [&](std::exception_ptr failure) {
      if (!failure) ++good;
      if (--left == 0) finished->notify();
    });
  }
  while (left > 0) co_await finished->wait();
}

TEST(HttpClientOnThreads, TransfersHundredsAtOnceOnTwoLoopsWithOneResolver) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, std::string(kBodyBytes, 'x')); });
  const SystemClock clock;
  std::atomic<int> lookups = 0;
  Resolver resolver(clock, [&lookups](const std::string&) {
    ++lookups;
    return Resolver::Addresses{asio::ip::make_address("127.0.0.1")};
  });
  std::atomic<int> good = 0;
  {
    EventLoop first;
    EventLoop second;
    const auto port = std::to_string(server.port());
    auto one = asio::co_spawn(first.executor(), fetch_many(resolver, port, good), asio::use_future);
    auto two = asio::co_spawn(second.executor(), fetch_many(resolver, port, good), asio::use_future);
    one.get();
    two.get();
  }
  EXPECT_EQ(good, 2 * kTransfersALoop);
  EXPECT_EQ(server.requests().size(), 2U * kTransfersALoop);
  EXPECT_EQ(lookups, 20) << "each name once for both loops";
}

}  // namespace
}  // namespace creel
