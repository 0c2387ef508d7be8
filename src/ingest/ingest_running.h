#pragma once

#include <utility>

#include <boost/asio/cancellation_signal.hpp>

#include "base/blocking.h"
#include "ingest/ingest.h"

namespace creel {

/// A transfer under way.
struct Ingest::Running {
  explicit Running(LeasedImage leased) : image(std::move(leased)) {}

  LeasedImage image;
  boost::asio::cancellation_signal cancel;
  bool is_over = false;
};

/// Tells how long it has lived.
class CatalogTiming {
 public:
  CatalogTiming(const CatalogService::Observer& told, CatalogService::Use use) : told_(told), use_(use) {}
  ~CatalogTiming() {
    if (told_) told_(use_, std::chrono::steady_clock::now() - started_);
  }
  CatalogTiming(const CatalogTiming&) = delete;
  CatalogTiming& operator=(const CatalogTiming&) = delete;

 private:
  const CatalogService::Observer& told_;
  const CatalogService::Use use_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// Calls `work` on the catalog's thread, and tells how long it took there.
template <class Work>
Task<std::invoke_result_t<Work&>> Ingest::with_catalog(CatalogService::Use use, Work work) {
  return run_blocking(parts_.catalog_thread, [this, use, work = std::move(work)]() mutable {
    const CatalogTiming timing(parts_.catalog_used, use);
    return work();
  });
}

}  // namespace creel
