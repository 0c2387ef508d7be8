#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "base/wakeup.h"
#include "catalog/catalog_service.h"
#include "catalog/image_repository.h"
#include "ingest/executor.h"
#include "ingest/host_governor.h"
#include "ingest/image_report.h"
#include "ingest/job_options.h"
#include "ingest/store_breaker.h"
#include "ingest/window.h"

namespace creel {

enum class IngestLife : std::uint8_t {
  /// Ends when every image has its outcome. What makes the work impossible ends it too.
  until_done,
  /// Goes on until it is stopped. A catalog or a store that is away is waited for, and costs no image a try; images of
  /// hosts that are away wait as well.
  until_stopped,
};

struct IngestOptions {
  // What it does.
  IngestLife life = IngestLife::until_done;
  /// Names this program among those that share the catalog; empty if there are no others.
  std::string owner{};
  std::size_t concurrency = 256;
  std::size_t per_host = 32;
  /// Tries after the first, of failures that may be retried.
  int retries = 5;
  Backoff backoff{.base = std::chrono::milliseconds(500), .cap = std::chrono::seconds(30)};

  // How fast.
  /// How long an image stays with a program that has gone. Prolonged while it works, if others share the catalog.
  std::chrono::milliseconds lease{900'000};
  /// Between tries while the catalog is away.
  Backoff outage{.base = std::chrono::milliseconds(200), .cap = std::chrono::seconds(5)};
  /// Between tries while the store is away.
  Backoff store_pause{.base = std::chrono::seconds(1), .cap = std::chrono::seconds(60)};
  /// Outcomes are written to the catalog when so many have come together, or the first has waited so long.
  std::size_t record_batch = 256;
  std::chrono::milliseconds record_delay{100};
};

/// What an ingest works with; all of it must outlive it.
struct IngestParts {
  boost::asio::any_io_executor executor;
  /// One thread, the only one that touches the catalog.
  boost::asio::thread_pool& catalog_thread;
  ImageRepository& images;
  Executor& function;
  ReportListener& listener;
  const Clock& clock;
  Random random;
  Log log;
  /// Where people find an object; may be empty.
  std::function<std::string(const ObjectKey&)> location{};
  /// Told of an object whose image was deleted while it was being stored; may be empty.
  std::function<void(ImageRow, const std::string& key)> orphaned{};
  /// Told how long each use of the catalog took, on its thread; may be empty.
  CatalogService::Observer catalog_used{};
};

/// Moves the images of one queue from `pending` to `stored` or `failed`: leases them from the catalog, hands them to
/// the executor within the limits of the job and of each host, decides on retries, and records what came of them.
/// Threads: the ingest loop.
class Ingest {
 public:
  Ingest(IngestParts parts, QueueId queue, JobOptions job, IngestOptions options);
  ~Ingest();

  /// Works until every image of the queue has its outcome and `intake_ended` was called, or until stopped; which of the
  /// two, `IngestLife` says.
  /// @throws Failure store_denied  the store takes nothing, and the job was ended for it
  /// @throws ExecutorUnusable      nothing can be carried out, and the job was ended for it
  /// @throws Failure internal      the catalog cannot be written
  Task<void> run();

  /// More images wait in the catalog.
  void intake_added();
  /// No more will come.
  void intake_ended();

  /// Starts nothing more; what is under way goes on.
  void stop();
  /// Ends what is under way as well; those images go back into the queue.
  void cancel();

  std::size_t in_flight() const { return running_.size(); }

  /// Leased images that wait for their turn.
  std::size_t waiting() const { return window_.images(); }

  /// What keeps the work from going on, for people: the store or the catalog is away. Nothing if all is well.
  std::optional<Failure> trouble() const;

 private:
  struct Running;

  Task<void> lease_all();
  Task<void> keep_window_full();
  Task<void> keep_leases();
  /// The loops that use the catalog. One of them can work while another waits: leasing nothing is possible on a full
  /// disk as well.
  enum class Loop : std::uint8_t { leasing, recording };
  struct Outage {
    std::optional<Failure> why;
    int tries = 0;
  };

  /// The outage that a failure means, if it does.
  static std::optional<Failure> outage_of(const std::exception_ptr& failure);
  template <class Work>
  Task<std::invoke_result_t<Work&>> with_catalog(CatalogService::Use use, Work work);
  Task<bool> outlive(std::exception_ptr failure, Loop loop, const bool& given_up);
  void catalog_is_there(Loop loop);
  bool catalog_is_away() const;
  KeyClashes key_clashes() const;
  Task<Leased> lease();
  Task<void> wait_for_due();
  Task<void> record_all();
  void give_outcomes_up(std::exception_ptr failure);
  Task<void> record_batch();
  void fail(std::exception_ptr reason);
  bool is_endless() const { return options_.life == IngestLife::until_stopped; }
  std::optional<SystemTime> paused_until() const;
  std::size_t concurrency() const;
  bool is_idle() const;
  bool needs_lease() const;
  std::size_t lease_size() const;

  void start_transfers();
  void settle_given_up_hosts();
  void put_back_given_up_hosts(SystemTime now);
  void start(LeasedImage image);
  static Task<void> transfer(Ingest& self, std::uint64_t number);
  void finish(const LeasedImage& image, const StoreOutcome& outcome, SystemTime started_at, SteadyTime started);
  void finish_stored(const LeasedImage& image, const StoredImage& stored, ImageReport report);
  void finish_failed(const LeasedImage& image, const Failure& failure, ImageReport report);
  void put_back(const LeasedImage& image, LeaseOutcome::Released how);
  void pause_host(const std::string& host, SystemTime until);
  void settle(LeaseOutcome outcome, std::optional<ImageReport> report);
  bool store_is_away(const Failure* failure, SystemTime started_at);
  void note_unusable(const Failure& failure, SystemTime started_at);
  void tell_of_trouble(bool was_away);

  IngestParts parts_;
  QueueId queue_;
  JobOptions job_;
  IngestOptions options_;
  HostGovernor governor_;
  /// Only for a job that never ends.
  std::optional<StoreBreaker> breaker_;
  Window window_;
  /// The window is filled again when this few images wait in it.
  std::size_t low_water_ = 0;
  /// Of the images leased last; at first as large as a line may be.
  std::size_t mean_bytes_ = std::size_t{64} * 1024;

  std::shared_ptr<Wakeup> lease_wakeup_;
  std::shared_ptr<Wakeup> record_wakeup_;
  std::shared_ptr<Wakeup> upkeep_wakeup_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Running>> running_;
  std::uint64_t next_number_ = 0;

  struct Settled {
    SteadyTime at;
    LeaseOutcome outcome;
    std::optional<ImageReport> report;
  };
  void tell(Settled& settled, const Recorded& recorded, SteadyTime now);
  std::vector<Settled> settled_;
  SteadyTime first_settled_at_{};
  std::unordered_map<std::string, SystemTime> pauses_to_record_;
  bool is_recording_ = false;

  bool intake_ended_ = false;
  bool stopping_ = false;
  bool cancelling_ = false;
  bool leasing_ended_ = false;
  std::exception_ptr fatal_;
  std::array<Outage, 2> outages_;
};

}  // namespace creel
