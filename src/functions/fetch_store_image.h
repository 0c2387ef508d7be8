#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/value.hpp>

#include "base/clock.h"
#include "base/task.h"
#include "functions/image_storer.h"

namespace creel {

/// Gives the storer for a place. Threads: one event loop.
class Storers {
 public:
  virtual ~Storers() = default;

  /// The storer that puts images into `bucket`, with `key_prefix` before their keys. It is kept for as long as it is
  /// used.
  /// @param loop  where it will be used
  /// @throws Failure  the configuration cannot work
  virtual std::shared_ptr<ImageStorer> storer(const boost::asio::any_io_executor& loop, const std::string& bucket,
                                              const std::string& key_prefix) = 0;
};

/// The function `fetch-store-image`: fetches one image, or many at once, and stores them. Its events are described in
/// store_request_json.h, its answers in store_answer_json.h. Threads: its own event loop.
class FetchStoreImage {
 public:
  /// Both must outlive all that is under way.
  FetchStoreImage(Storers& storers, const Clock& clock) : storers_(storers), clock_(clock) {}

  /// Never throws: what is wrong is answered. What has not ended a little before `deadline` is stopped and answered as
  /// `timeout`.
  Task<boost::json::value> operator()(boost::json::value event, SystemTime deadline);

 private:
  Storers& storers_;
  const Clock& clock_;
};

}  // namespace creel
