#include "cli/lambda_route.h"

#include <optional>

#include <fmt/format.h>

#include "aws/lambda_client.h"
#include "aws/lambda_control.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/aws_session.h"
#include "ingest/lambda_batch.h"

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kScheme = "lambda:";
/// If nobody may say what it is.
constexpr std::chrono::milliseconds kAssumedTimeout{60'000};
/// "arn:aws:lambda:eu-west-1:123456789012:function:NAME" has seven parts, and perhaps the qualifier behind them.
constexpr std::size_t kArnParts = 7;
/// "123456789012:function:NAME"
constexpr std::size_t kPartialArnParts = 3;

}  // namespace

void parse_via(std::string_view text, LambdaRouteOptions& options) {
  const auto refuse = [text] {
    throw Failure(FailureKind::bad_request,
                  fmt::format("'{}' is no way for images: write it like lambda:NAME or lambda:NAME:ALIAS", text));
  };
  if (!text.starts_with(kScheme)) refuse();
  const auto name = text.substr(kScheme.size());
  const auto parts = split(name, ':');
  std::size_t name_parts = 1;
  if (parts.front() == "arn") name_parts = kArnParts;
  if (parts.size() > 1 && parts[1] == "function") name_parts = kPartialArnParts;
  const bool has_empty = std::ranges::any_of(parts, [](std::string_view part) { return part.empty(); });
  if (has_empty || parts.size() < name_parts || parts.size() > name_parts + 1) refuse();
  const bool is_qualified = parts.size() > name_parts;
  options.qualifier = is_qualified ? parts.back() : "";
  options.function = name.substr(0, name.size() - (is_qualified ? parts.back().size() + 1 : 0));
}

struct LambdaRoute::Clients {
  Clients(const asio::any_io_executor& loop, const LambdaRouteOptions& options, const aws::Environment& environment,
          Resolver& resolver, const Clock& clock, Log log)
      : session(loop, {.profile = options.profile, .region = options.region, .endpoint_url = options.endpoint_url},
                environment, resolver, clock, std::move(log)),
        client(session.context(), session.lambda_options()),
        control(session.context(), session.lambda_options()) {}

  AwsSession session;
  aws::LambdaClient client;
  aws::LambdaControl control;
};

LambdaRoute::LambdaRoute(const asio::any_io_executor& loop, LambdaRouteOptions options,
                         const aws::Environment& environment, Resolver& resolver, const Clock& clock, Log log)
    : loop_(loop),
      options_(std::move(options)),
      clock_(clock),
      log_(std::move(log)),
      clients_(std::make_unique<Clients>(loop, options_, environment, resolver, clock, log_)) {}

LambdaRoute::~LambdaRoute() = default;

Task<std::chrono::milliseconds> LambdaRoute::function_timeout() {
  if (options_.function_timeout.count() > 0) co_return options_.function_timeout;
  std::string why;
  try {
    const auto found = co_await clients_->control.get_configuration(options_.function, options_.qualifier);
    if (!found) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("there is no function {}{}{} at {}: check its name, the region and the endpoint",
                                options_.function, options_.qualifier.empty() ? "" : ":", options_.qualifier,
                                clients_->control.endpoint().name()));
    }
    if (found->timeout_seconds > 0) co_return std::chrono::seconds(found->timeout_seconds);
    why = "the service does not say it";
  } catch (const aws::ServiceError& error) {
    // Those who may invoke a function need not be allowed to look at it.
    if (error.kind() != FailureKind::bad_auth || error.fault().status != 403) throw;
    why = error.what();
  }
  log_->warn("taking the function's time-out for {} s (--function-timeout sets it): {}", kAssumedTimeout.count() / 1000,
             why);
  co_return kAssumedTimeout;
}

Task<std::unique_ptr<Executor>> LambdaRoute::open(LambdaExecutorOptions target,
                                                  std::chrono::milliseconds fetch_timeout) {
  target.function = options_.function;
  target.qualifier = options_.qualifier;
  target.batch = options_.batch;
  target.in_flight = options_.in_flight;
  target.function_timeout = co_await function_timeout();
  const auto possible = fetch_time(target.function_timeout, target.batch);
  if (possible < fetch_timeout) {
    log_->info("the function runs for {:.1f} s at most, so an image may take {:.1f} s to fetch",
               static_cast<double>(target.function_timeout.count()) / 1000,
               static_cast<double>(possible.count()) / 1000);
  }
  co_return std::make_unique<LambdaExecutor>(loop_, std::move(target), clients_->client, clock_, system_random(), log_);
}

}  // namespace creel
