#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/semaphore.h"

namespace creel {

/// How many transfers there may be from each host at a time, over all clients that share it. Threads: any.
class HostLimits {
 public:
  /// @param per_host  at least 1
  explicit HostLimits(std::size_t per_host) : per_host_(per_host) {}

  /// The permits of a host, by its authority. Who waits for one is served in order of arrival.
  std::shared_ptr<Semaphore> of(const std::string& authority);

 private:
  const std::size_t per_host_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Semaphore>> hosts_;
  std::size_t next_tidying_ = 1024;
};

}  // namespace creel
