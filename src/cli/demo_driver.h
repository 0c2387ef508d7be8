#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/api_client.h"
#include "cli/event_watch.h"
#include "demo/verdict.h"

namespace creel {

struct DemoDriverOptions {
  /// Between polls of a source.
  std::chrono::seconds interval{3};
  /// Waits until every picture has its fate, and has the backend stopped; else only adds the sources.
  bool waits = false;
  /// How long all of that may take.
  std::chrono::seconds patience{180};
};

/// What a user of the demonstration's backend would do, over its API: adds the sources, and sees what becomes of the
/// pictures. Threads: it has one of its own, from `start` to `finish`; all calls on one other.
class DemoDriver {
 public:
  struct Parts {
    const std::vector<demo::OpenSite>& sites;
    const aws::Environment& environment;
    const Clock& clock;
    /// Called on the driver's thread: the sources are there.
    std::function<void()> on_added;
    /// Called on it at its end, unless there is nothing to be done any more; ends the backend.
    std::function<void()> stop_backend;
  };

  DemoDriver(Parts parts, DemoDriverOptions options) : parts_(std::move(parts)), options_(options) {}
  ~DemoDriver();
  DemoDriver(const DemoDriver&) = delete;
  DemoDriver& operator=(const DemoDriver&) = delete;

  void start(ApiTarget target);

  /// Waits for its end; to be called when the backend answers no more.
  /// @throws Failure  what went wrong while the backend was there
  void finish();

  /// The images, once they had their fates; nothing if it did not come to that.
  const std::optional<std::vector<demo::SeenImage>>& images() const { return images_; }

 private:
  void work();
  void add_sources(ApiClient& client);
  void wait_for_all(ApiClient& client, EventWatch& events);
  std::vector<demo::SeenImage> all_images(ApiClient& client) const;
  bool is_quiet(ApiClient& client) const;

  const Parts parts_;
  const DemoDriverOptions options_;
  std::optional<ApiTarget> target_;
  std::optional<EventWatch> events_;
  std::optional<std::vector<demo::SeenImage>> images_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace creel
