#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"

namespace creel {

/// Lets those who ask the same thing at the same time share one look into the catalog. Nobody is given what a look has
/// seen that began before the question came, so an answer always knows of every change that was answered before: who
/// comes during a look waits for the next one, with all the others who do. Threads: the API's loop.
class SharedLooks {
 public:
  using Text = std::shared_ptr<const std::string>;
  using Look = std::function<Task<std::string>()>;

  explicit SharedLooks(boost::asio::any_io_executor executor);
  ~SharedLooks();

  /// What `look` gives, or another look of that key that has not begun yet. What it throws goes to all who share it.
  /// @param look  must stay good until all looks are over, not only until this returns
  Task<Text> get(std::string key, Look look);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace creel
