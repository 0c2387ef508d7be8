#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "emulator/environment.h"

namespace creel::emulator {

enum class Reuse : std::uint8_t {
  allowed,
  /// A new environment, that nobody else gets.
  none,
};

struct PoolOptions {
  /// Invocations at one time, of all functions.
  std::size_t concurrency = 1000;
};

/// The execution environments of all functions: reuses the one that was used last, starts another where none is free, and
/// ends those whose code or configuration is no longer any version's. Threads: the emulator's event loop.
class EnvironmentPool {
 public:
  EnvironmentPool(boost::asio::any_io_executor executor, FunctionRegistry& registry, const Clock& clock,
                  const FunctionLog& log, EnvironmentSettings settings, PoolOptions options);
  ~EnvironmentPool();

  /// A place for one invocation in an environment; given back when it goes.
  class Lease {
   public:
    Lease(EnvironmentPool& pool, std::shared_ptr<Environment> environment, std::string function)
        : pool_(&pool), environment_(std::move(environment)), function_(std::move(function)) {}
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(environment_, function_);
    }
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          environment_(std::move(other.environment_)),
          function_(std::move(other.function_)) {}
    Lease& operator=(Lease&&) = delete;

    Environment& environment() const { return *environment_; }

   private:
    EnvironmentPool* pool_;
    std::shared_ptr<Environment> environment_;
    std::string function_;
  };

  /// @throws ServiceError 429 TooManyRequestsException  the function, or all of them, are at their limit
  Lease acquire(const Function& function, const FunctionVersion& version, Reuse reuse = Reuse::allowed);

  std::size_t environments() const { return environments_.size(); }
  std::size_t running() const { return running_; }

  /// Ends all environments; when it returns nothing of them runs any more.
  Task<void> stop();

 private:
  struct Place {
    std::shared_ptr<Environment> environment;
    std::size_t invocations = 0;
    Reuse reuse = Reuse::allowed;
  };

  void give_back(const std::shared_ptr<Environment>& environment, const std::string& function);
  void retire(std::shared_ptr<Environment> environment, std::string reason);
  void retire_unusable(const Deployment* deployment);
  void on_change(const std::string& name);
  bool is_current(const Environment& environment) const;
  std::shared_ptr<Environment> start(const Function& function, const FunctionVersion& version, Reuse reuse);
  void watch_memory();

  boost::asio::any_io_executor executor_;
  FunctionRegistry& registry_;
  const Clock& clock_;
  const FunctionLog& log_;
  EnvironmentSettings settings_;
  PoolOptions options_;
  /// Those with a place free, the last used at the end; by what they were made from.
  std::map<const Deployment*, std::vector<std::shared_ptr<Environment>>> free_;
  std::map<const Environment*, Place> environments_;
  std::map<std::string, std::size_t> running_by_function_;
  std::size_t running_ = 0;
  std::set<std::uint32_t> numbers_;
  std::size_t ending_ = 0;
  std::shared_ptr<Wakeup> all_ended_;
  boost::asio::steady_timer memory_timer_;
  bool is_watching_ = false;
  bool is_stopping_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace creel::emulator
