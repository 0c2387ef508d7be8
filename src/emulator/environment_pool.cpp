#include "emulator/environment_pool.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include "emulator/service_error.h"

namespace creel::emulator {
namespace asio = boost::asio;
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kMemoryInterval = 50ms;
/// Looking at memory may take this part of the time, one in so many.
constexpr int kMemoryShare = 25;

[[noreturn]] void throttle(std::string reason) {
  throw ServiceError(429, "TooManyRequestsException", "Rate Exceeded.", std::move(reason), 1s);
}

}  // namespace

EnvironmentPool::EnvironmentPool(asio::any_io_executor executor, FunctionRegistry& registry, const Clock& clock,
                                 const FunctionLog& log, EnvironmentSettings settings, PoolOptions options)
    : executor_(executor),
      registry_(registry),
      clock_(clock),
      log_(log),
      settings_(std::move(settings)),
      options_(options),
      all_ended_(std::make_shared<Wakeup>(executor)),
      memory_timer_(executor) {
  registry_.on_change([this, alive = alive_](const std::string& name) {
    if (*alive) on_change(name);
  });
}

EnvironmentPool::~EnvironmentPool() {
  *alive_ = false;
}

EnvironmentPool::Lease EnvironmentPool::acquire(const Function& function, const FunctionVersion& version, Reuse reuse) {
  auto& running = running_by_function_[function.name];
  if (function.reserved_concurrency && running >= *function.reserved_concurrency) {
    throttle("ReservedFunctionConcurrentInvocationLimitExceeded");
  }
  if (running_ >= options_.concurrency || is_stopping_) throttle("ConcurrentInvocationLimitExceeded");
  retire_unusable(version.deployment.get());
  auto& free = free_[version.deployment.get()];
  const bool starts = free.empty() || reuse == Reuse::none;
  const auto environment = starts ? start(function, version, reuse) : free.back();
  auto& place = environments_.at(environment.get());
  ++place.invocations;
  if (place.invocations >= settings_.max_concurrency || reuse == Reuse::none) std::erase(free, environment);
  ++running;
  ++running_;
  if (!is_watching_) watch_memory();
  return Lease(*this, environment, function.name);
}

std::shared_ptr<Environment> EnvironmentPool::start(const Function& function, const FunctionVersion& version,
                                                    Reuse reuse) {
  std::uint32_t number = 0;
  while (numbers_.contains(number)) ++number;
  numbers_.insert(number);
  const auto environment = std::make_shared<Environment>(EnvironmentParts{.executor = executor_,
                                                                          .clock = clock_,
                                                                          .log = log_,
                                                                          .settings = settings_,
                                                                          .function_name = function.name,
                                                                          .version = version.version,
                                                                          .deployment = version.deployment,
                                                                          .number = number});
  environments_[environment.get()] = {.environment = environment, .reuse = reuse};
  free_[version.deployment.get()].push_back(environment);
  return environment;
}

void EnvironmentPool::give_back(const std::shared_ptr<Environment>& environment, const std::string& function) {
  --running_;
  if (--running_by_function_[function] == 0) running_by_function_.erase(function);
  const auto found = environments_.find(environment.get());
  if (found == environments_.end()) return;
  auto& place = found->second;
  --place.invocations;
  const bool is_spent =
      !environment->is_usable() || !is_current(*environment) || place.reuse == Reuse::none || is_stopping_;
  auto& free = free_[environment->deployment()];
  std::erase(free, environment);
  if (!is_spent) {
    free.push_back(environment);
    return;
  }
  if (free.empty()) free_.erase(environment->deployment());
  if (place.invocations == 0) retire(environment, "spindown");
}

/// Ends an environment that has nothing to do.
void EnvironmentPool::retire(std::shared_ptr<Environment> environment, std::string reason) {
  environments_.erase(environment.get());
  if (const auto found = free_.find(environment->deployment()); found != free_.end()) {
    std::erase(found->second, environment);
    if (found->second.empty()) free_.erase(found);
  }
  ++ending_;
  asio::co_spawn(executor_, environment->shut_down(std::move(reason)),
                 [this, alive = alive_, environment](const std::exception_ptr&) {
                   if (!*alive) return;
                   numbers_.erase(environment->number());
                   if (--ending_ == 0) all_ended_->notify();
                 });
}

/// Processes may end while they have nothing to do.
void EnvironmentPool::retire_unusable(const Deployment* deployment) {
  const auto found = free_.find(deployment);
  if (found == free_.end()) return;
  auto unusable = found->second;
  std::erase_if(unusable, [](const auto& environment) { return environment->is_usable(); });
  std::erase_if(found->second, [](const auto& environment) { return !environment->is_usable(); });
  for (auto& environment : unusable) {
    if (environments_.at(environment.get()).invocations == 0) retire(std::move(environment), "failure");
  }
}

bool EnvironmentPool::is_current(const Environment& environment) const {
  const auto* function = registry_.find(environment.function_name());
  if (function == nullptr) return false;
  if (function->latest.deployment.get() == environment.deployment()) return true;
  return std::ranges::any_of(
      function->versions, [&](const auto& entry) { return entry.second.deployment.get() == environment.deployment(); });
}

void EnvironmentPool::on_change(const std::string&) {
  std::vector<std::shared_ptr<Environment>> outdated;
  for (const auto& [key, place] : environments_) {
    if (place.invocations == 0 && !is_current(*place.environment)) outdated.push_back(place.environment);
  }
  for (auto& environment : outdated) retire(std::move(environment), "spindown");
}

/// Looks at the memory of what works, as often as it may cost.
void EnvironmentPool::watch_memory() {
  is_watching_ = true;
  const auto begun = clock_.steady_now();
  for (const auto& [key, place] : environments_) {
    if (place.invocations > 0) place.environment->check_memory();
  }
  const std::chrono::nanoseconds took = clock_.steady_now() - begun;
  memory_timer_.expires_after(std::max(kMemoryInterval, took * kMemoryShare));
  memory_timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (error || !*alive) return;
    is_watching_ = false;
    if (running_ > 0) watch_memory();
  });
}

Task<void> EnvironmentPool::stop() {
  is_stopping_ = true;
  memory_timer_.cancel();
  std::vector<std::shared_ptr<Environment>> all;
  for (const auto& [key, place] : environments_) {
    if (place.invocations > 0) {
      place.environment->kill();
    } else {
      all.push_back(place.environment);
    }
  }
  for (auto& environment : all) retire(std::move(environment), "spindown");
  while (ending_ > 0 || running_ > 0 || !environments_.empty()) co_await all_ended_->wait();
}

}  // namespace creel::emulator
