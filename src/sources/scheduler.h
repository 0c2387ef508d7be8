#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "catalog/catalog_service.h"
#include "catalog/source_repository.h"
#include "net/http_client.h"
#include "sources/source_kinds.h"

namespace creel {

/// Hears what happens to sources. Called on the scheduler's loop; must not block.
class SourceListener {
 public:
  virtual ~SourceListener() = default;
  /// A source was made, changed, or its state has.
  virtual void on_source(const SourceRecord& source) = 0;
  virtual void on_source_deleted(SourceId id) = 0;
  virtual void on_poll_ended(SourceId id, const PollRecord& poll) = 0;
  /// Images were added to the queue.
  virtual void on_images_added(std::size_t count) = 0;
};

struct SchedulerOptions {
  /// Names this program among those that share the catalog.
  std::string owner;
  /// How long a source stays with a program that has gone.
  std::chrono::seconds lease{30};
  /// How often leases are prolonged, a third of the lease at most, and with that a stop noticed that another program on
  /// the same catalog was asked for.
  std::chrono::milliseconds renewal{10'000};
  /// Polls at a time.
  std::size_t concurrency = 16;
  /// Bounds of what sources and peers may ask for.
  std::chrono::seconds shortest_interval{60};
  std::chrono::seconds longest_wait{24 * 3600};
  /// Requests of polls to one host at a time.
  std::size_t per_host = 2;
  /// When no Retry-After says how long a refusing source is to be left alone.
  std::chrono::seconds rate_limited_wait{3 * 3600};
  /// How long the scheduler sleeps at most before it looks for what other programs have changed.
  std::chrono::milliseconds longest_sleep{5'000};
  /// Waits while the catalog is away.
  Backoff catalog_backoff{.base = std::chrono::milliseconds(200), .cap = std::chrono::milliseconds(10'000)};
};

struct SchedulerParts {
  boost::asio::any_io_executor executor;
  CatalogService& catalog;
  const SourceKinds& kinds;
  HttpClient& http;
  SourceListener& listener;
  const Clock& clock;
  Random random;
  Log log;
};

/// Thrown by `start`, `stop` and `fetch`: the source's state forbids it. The message says why.
class ActionRefused final : public Failure {
 public:
  using Failure::Failure;
};

/// What a poll would bring.
struct SourcePreview {
  std::vector<ImageRecord> records;
  /// There would be more than those.
  bool has_more = false;
  /// Records that a poll would leave out, and why the first of them.
  std::uint64_t unusable = 0;
  std::string unusable_reason;
  /// A sample of the first answer, if it yielded no records.
  std::string shape;
  /// Why the poll ended early.
  std::optional<Failure> failure;
};

/// Polls the sources when their time comes, and carries out what is asked of them. No call waits for a poll to end.
///
/// A source is polled by one program at a time, which leases it for as long as the poll goes on; when that program has
/// gone, another takes the poll up anew as soon as the lease runs out. `run` must have ended, and so must all calls,
/// before the scheduler is destroyed. Threads: its own event loop.
class Scheduler {
 public:
  Scheduler(SchedulerParts parts, SchedulerOptions options);
  ~Scheduler();

  /// Works until `stop` was called and every poll has ended. A database that is away is waited for.
  Task<void> run();
  void stop();

  // What users ask for. Each returns the source as it then stands, or nothing if it is not there.
  // @throws ActionRefused | CatalogUnavailable

  Task<std::optional<SourceRecord>> start(SourceId id);
  Task<std::optional<SourceRecord>> stop(SourceId id);
  Task<std::optional<SourceRecord>> fetch(SourceId id);

  /// @param definition  checked by `SourceKinds::check`
  /// @throws SourceNameTaken | ActionRefused  a source that is never polled is to be started
  Task<SourceRecord> add(SourceDefinition definition, bool start);
  /// A poll that is under way ends, and begins anew.
  /// @throws SourceNameTaken
  Task<std::optional<SourceRecord>> change(SourceId id, SourceDefinition definition);
  Task<bool> remove(SourceId id);

  /// Polls once without storing anything.
  Task<SourcePreview> test(SourceDefinition definition, std::size_t max_records);

  struct NewImage {
    ImageRecord record;
    /// Of type direct; else the one named `direct`, which is made if need be.
    std::optional<SourceId> source{};
  };
  /// Adds images by hand. In their order, an image's row, or why it was refused: `not_found` where its source is none
  /// that takes images. An image that failed or was deleted before is fetched anew: a person asked for it.
  struct Added {
    std::optional<ImageRow> row;
    bool is_new = false;
    std::optional<Failure> refused;
  };
  Task<std::vector<Added>> add_images(std::vector<NewImage> images);

  std::size_t polls_under_way() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
