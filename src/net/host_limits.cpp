#include "net/host_limits.h"

#include <algorithm>

namespace creel {

std::shared_ptr<Semaphore> HostLimits::of(const std::string& authority) {
  const std::scoped_lock lock(mutex_);
  if (hosts_.size() >= next_tidying_) {
    std::erase_if(hosts_, [](const auto& host) { return host.second.use_count() == 1; });
    next_tidying_ = std::max<std::size_t>(1024, 2 * hosts_.size());
  }
  auto& permits = hosts_[authority];
  if (!permits) permits = std::make_shared<Semaphore>(per_host_);
  return permits;
}

}  // namespace creel
