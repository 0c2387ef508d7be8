#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "aws/lambda_invoker.h"
#include "functions/fetch_store_image.h"
#include "net/host_limits.h"
#include "net/resolver.h"

namespace creel {

/// Lambda with the one function `fetch-store-image`, in this process: for tests. What goes in and comes out is JSON, as
/// with the service. Threads: the event loop that it is made for.
class FunctionInvoker final : public aws::LambdaInvoker, private Storers {
 public:
  using Answer = std::variant<aws::LambdaAnswer, Failure>;

  /// @param store  must outlive it, whatever the bucket
  FunctionInvoker(const boost::asio::any_io_executor& loop, ObjectStore& store, std::size_t per_host = 32)
      : limits_(std::make_shared<HostLimits>(per_host)),
        http_(loop, options(HttpVersion::best, limits_), resolver_),
        http1_(loop, options(HttpVersion::http1, limits_), resolver_),
        storer_(http_, http1_, store, budget_, blocks_, clock_) {}

  /// Answers instead of the function, if it does; called with the event.
  std::function<std::optional<Answer>(const boost::json::value& event)> instead;
  std::chrono::milliseconds time{20'000};
  std::vector<boost::json::value> events;
  std::size_t in_flight = 0;
  std::size_t peak = 0;

  static Answer crash(const std::string& type = "Runtime.ExitError", const std::string& message = "it is gone") {
    const boost::json::value payload{{"errorType", type}, {"errorMessage", message}};
    return aws::LambdaAnswer{.status = 200, .payload = boost::json::serialize(payload), .function_error = "Unhandled"};
  }

  Task<aws::LambdaAnswer> invoke(aws::LambdaInvocation invocation) override {
    const Counted counted(*this);
    auto event = boost::json::parse(invocation.payload);
    events.push_back(event);
    if (instead) {
      if (auto answer = instead(event)) {
        if (const auto* failure = std::get_if<Failure>(&*answer)) throw Failure(*failure);
        co_return std::get<aws::LambdaAnswer>(*answer);
      }
    }
    FetchStoreImage function(*this, clock_);
    const auto answer = co_await function(std::move(event), clock_.now() + time);
    co_return aws::LambdaAnswer{.status = 200, .payload = boost::json::serialize(answer)};
  }

  std::size_t used_bytes() const { return budget_.used_bytes(); }

 private:
  struct Counted {
    explicit Counted(FunctionInvoker& invoker) : self(invoker) { self.peak = std::max(self.peak, ++self.in_flight); }
    ~Counted() { --self.in_flight; }
    FunctionInvoker& self;
  };

  static HttpClientOptions options(HttpVersion version, std::shared_ptr<HostLimits> limits) {
    return {.address_policy = AddressPolicy::private_too, .version = version, .host_limits = std::move(limits)};
  }

  std::shared_ptr<ImageStorer> storer(const boost::asio::any_io_executor&, const std::string&,
                                      const std::string&) override {
    return {&storer_, [](ImageStorer*) {}};
  }

  SystemClock clock_;
  Resolver resolver_{clock_, system_lookup, {.threads = 1}};
  std::shared_ptr<HostLimits> limits_;
  HttpClient http_;
  HttpClient http1_;
  ByteBudget budget_{ByteBudget::kSmallestCapacity};
  BlockPool blocks_;
  ImageStorer storer_;
};

}  // namespace creel
