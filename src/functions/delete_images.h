#pragma once

#include <cstddef>

#include <boost/json/value.hpp>

#include "base/clock.h"
#include "base/task.h"
#include "functions/function_services.h"

namespace creel {

/// How many keys one event of `delete-images` may have.
inline constexpr std::size_t kMaxDeletedKeys = 20'000;

/// The function `delete-images`: removes objects from a bucket, a thousand with one call.
///
///     {"bucket-name": "pictures", "keys": ["cats/Tom.png", ...]}
///
/// It is answered like a batch of `fetch-store-image`, in the order of the keys: {"ok": true, "result": {"bucket-name",
/// "key"}} or {"ok": false, "error": {...}} for each. An object that was not there is removed. Threads: its own event
/// loop.
class DeleteImages {
 public:
  /// @param services  must outlive it
  explicit DeleteImages(FunctionServices& services) : services_(services) {}

  /// Never throws: what is wrong is answered. What was not done a little before `deadline` is answered as `timeout`.
  Task<boost::json::value> operator()(boost::json::value event, SystemTime deadline);

 private:
  FunctionServices& services_;
};

}  // namespace creel
