#include "ingest/ingest.h"

#include <algorithm>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/blocking.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// Between two looks into the queue: enough for a few images to come together.
constexpr std::chrono::milliseconds kLeaseInterval{10};
/// Images that are taken at a time: each takes memory while it waits.
constexpr std::size_t kMostLeased = 1000;
/// For the records of waiting images.
constexpr std::size_t kWindowBytes = std::size_t{16} * 1024 * 1024;
/// The longest sleep when something waits whose time is not known exactly.
constexpr std::chrono::milliseconds kLongestSleep{1000};

StoredFacts facts_of(const StoredImage& stored) {
  return {.key = stored.key.value,
          .final_url = stored.final_url,
          .etag = stored.put.etag,
          .content_type = std::string(content_type(stored.info.type)),
          .sha256 = stored.sha256,
          .size_bytes = stored.size_bytes,
          .width = stored.info.width,
          .height = stored.info.height};
}

}  // namespace

/// A transfer under way.
struct Ingest::Running {
  explicit Running(LeasedImage leased) : image(std::move(leased)) {}

  LeasedImage image;
  asio::cancellation_signal cancel;
  bool is_over = false;
};

Ingest::Ingest(IngestParts parts, PollId poll, JobOptions job, IngestOptions options)
    : parts_(std::move(parts)),
      poll_(poll),
      job_(std::move(job)),
      options_(options),
      governor_({.per_host = options.per_host, .concurrency = options.concurrency}, parts_.random),
      window_(std::max<std::size_t>(64, 2 * options.concurrency), std::max<std::size_t>(16, 2 * options.per_host)),
      lease_wakeup_(std::make_shared<Wakeup>(parts_.executor)),
      record_wakeup_(std::make_shared<Wakeup>(parts_.executor)) {}

Ingest::~Ingest() = default;

Task<void> Ingest::run() {
  using namespace asio::experimental::awaitable_operators;
  co_await (lease_all() && record_all());
  if (fatal_) std::rethrow_exception(fatal_);
}

void Ingest::intake_added() {
  lease_wakeup_->notify();
}

void Ingest::intake_ended() {
  intake_ended_ = true;
  lease_wakeup_->notify();
}

void Ingest::stop() {
  stopping_ = true;
  lease_wakeup_->notify();
}

void Ingest::cancel() {
  stop();
  for (auto& [number, running] : running_) {
    if (!running->is_over) running->cancel.emit(asio::cancellation_type::terminal);
  }
}

void Ingest::fail(std::exception_ptr reason) {
  if (fatal_) return;
  fatal_ = std::move(reason);
  cancel();
}

/// Works until nothing is left to lease, then waits for the transfers that are under way: they use this object.
Task<void> Ingest::lease_all() {
  try {
    co_await keep_window_full();
  } catch (...) {
    fail(std::current_exception());
  }
  for (const auto& image : window_.take_all()) put_back(image, LeaseOutcome::Released::untouched);
  while (!running_.empty()) co_await lease_wakeup_->wait();
  leasing_ended_ = true;
  record_wakeup_->notify();
}

Task<void> Ingest::keep_window_full() {
  while (!stopping_) {
    const bool nothing_under_way = is_idle() && intake_ended_;
    const auto leased = co_await lease();
    start_transfers();
    if (leased.images.empty()) {
      if (nothing_under_way && !leased.more) break;
      co_await wait_for_due();
    } else {
      const auto earliest = parts_.clock.steady_now() + kLeaseInterval;
      while (!stopping_ && (!needs_lease() || parts_.clock.steady_now() < earliest)) {
        co_await lease_wakeup_->wait(needs_lease() ? earliest : SteadyTime::max());
      }
    }
  }
}

/// As many images as there is memory for, if they are like the last ones.
std::size_t Ingest::lease_size() const {
  const auto free = kWindowBytes - std::min(kWindowBytes, window_.bytes());
  return std::clamp<std::size_t>(free / mean_bytes_, 1, kMostLeased);
}

bool Ingest::needs_lease() const {
  if (window_.bytes() >= kWindowBytes) return false;
  return running_.size() < options_.concurrency || window_.images() <= low_water_;
}

bool Ingest::is_idle() const {
  return running_.empty() && window_.empty() && settled_.empty() && !is_recording_;
}

Task<Leased> Ingest::lease() {
  const auto now = parts_.clock.now();
  LeaseQuery query{.poll = poll_, .now = now, .lease_until = now + options_.lease, .max_images = lease_size()};
  window_.describe_room(query);
  auto leased = co_await run_blocking(parts_.catalog_thread, [this, &query] { return parts_.images.lease(query); });
  std::size_t bytes = 0;
  for (const auto& image : leased.images) {
    bytes += size_in_memory(image);
    window_.add(image);
  }
  if (!leased.images.empty()) mean_bytes_ = std::max<std::size_t>(1, bytes / leased.images.size());
  low_water_ = window_.images() / 2;
  co_return leased;
}

/// Sleeps until a delayed image is due, or until a transfer or the intake gives reason to look again.
Task<void> Ingest::wait_for_due() {
  const auto now = parts_.clock.now();
  const auto due =
      co_await run_blocking(parts_.catalog_thread, [this, now] { return parts_.images.next_due(poll_, now); });
  const auto sleep = due ? std::chrono::ceil<std::chrono::milliseconds>(*due - now) : kLongestSleep;
  co_await lease_wakeup_->wait(parts_.clock.steady_now() + std::clamp(sleep, kLeaseInterval, kLongestSleep));
}

/// Writes outcomes to the catalog in batches, and reports them once they are written.
Task<void> Ingest::record_all() {
  for (;;) {
    if (settled_.empty() && pauses_to_record_.empty()) {
      if (leasing_ended_) co_return;
      co_await record_wakeup_->wait();
      continue;
    }
    const bool more_may_come = !running_.empty() && !leasing_ended_;
    if (settled_.size() < options_.record_batch && more_may_come) {
      if (co_await record_wakeup_->wait(first_settled_at_ + options_.record_delay)) continue;
    }
    try {
      co_await record_batch();
    } catch (...) {
      // What was not recorded is still leased, and the next run takes it up again.
      fail(std::current_exception());
    }
    lease_wakeup_->notify();
  }
}

Task<void> Ingest::record_batch() {
  const auto batch = std::exchange(settled_, {});
  const auto pauses = std::exchange(pauses_to_record_, {});
  is_recording_ = true;
  co_await run_blocking(parts_.catalog_thread, [this, &batch, &pauses] {
    std::vector<LeaseOutcome> outcomes;
    outcomes.reserve(batch.size());
    for (const auto& settled : batch) outcomes.push_back(settled.outcome);
    parts_.images.record(outcomes, parts_.clock.now());
    for (const auto& [host, until] : pauses) parts_.images.block_host(host, until);
  });
  is_recording_ = false;
  for (const auto& settled : batch) {
    if (settled.report) parts_.listener.on_image(*settled.report);
  }
}

void Ingest::start_transfers() {
  if (stopping_) return;
  fail_given_up_hosts();
  const auto now = parts_.clock.now();
  while (running_.size() < options_.concurrency) {
    auto image = window_.take([this, now](const std::string& host) {
      return governor_.may_start(host, window_.active_hosts(), running_.size(), now);
    });
    if (!image) break;
    start(std::move(*image));
  }
}

void Ingest::start(LeasedImage image) {
  const auto number = next_number_++;
  governor_.started(image.image.host);
  // Its row names it from here on; thousands may be under way.
  image.image.image_id = {};
  auto running = std::make_unique<Running>(std::move(image));
  const auto slot = running->cancel.slot();
  running_.emplace(number, std::move(running));
  asio::co_spawn(parts_.executor, transfer(*this, number),
                 asio::bind_cancellation_slot(slot, [this, number](const std::exception_ptr& error) {
                   running_.erase(number);
                   if (error) std::rethrow_exception(error);
                   start_transfers();
                   if (needs_lease()) lease_wakeup_->notify();
                   if (running_.empty()) record_wakeup_->notify();
                 }));
}

Task<void> Ingest::transfer(Ingest& self, std::uint64_t number) {
  auto& running = *self.running_.at(number);
  const auto& image = running.image;
  const auto started_at = self.parts_.clock.now();
  const auto started = self.parts_.clock.steady_now();
  // Not in the frame of the coroutine: thousands of them wait.
  std::unique_ptr<StoreOutcome> outcome;
  std::exception_ptr unusable;
  try {
    // The request itself is not kept while it is carried out.
    auto work = self.parts_.function.execute(store_request(image, self.job_));
    outcome = std::make_unique<StoreOutcome>(co_await std::move(work));
  } catch (const ExecutorUnusable&) {
    unusable = std::current_exception();
    outcome = std::make_unique<StoreOutcome>(Failure(FailureKind::cancelled, "not carried out"));
  } catch (const Failure& failure) {
    outcome = std::make_unique<StoreOutcome>(failure);
  }
  running.is_over = true;
  self.finish(image, *outcome, started_at, started);
  // One clear message, not one an image.
  if (unusable) self.fail(unusable);
}

void Ingest::finish(const LeasedImage& image, const StoreOutcome& outcome, SystemTime started_at, SteadyTime started) {
  const auto* failure = std::get_if<Failure>(&outcome);
  const auto& host = image.image.host;
  if (const auto until = governor_.finished(host, failure, started_at, parts_.clock.now())) pause_host(host, *until);

  ImageReport report{
      .url = image.image.url, .attempts = image.attempts + 1, .took = parts_.clock.steady_now() - started};
  if (failure != nullptr) {
    finish_failed(image, *failure, std::move(report));
  } else {
    finish_stored(image, std::get<StoredImage>(outcome), std::move(report));
  }
}

void Ingest::finish_stored(const LeasedImage& image, const StoredImage& stored, ImageReport report) {
  const bool was_kept = job_.if_exists == IfExists::skip && job_.key_mode == KeyMode::named && stored.put.already_there;
  report.status = was_kept ? ImageStatus::already : ImageStatus::stored;
  report.stored = facts_of(stored);
  settle({.row = image.row, .attempts = report.attempts, .result = *report.stored}, report);
}

void Ingest::finish_failed(const LeasedImage& image, const Failure& failure, ImageReport report) {
  if (failure.kind() == FailureKind::cancelled) {
    put_back(image, LeaseOutcome::Released::interrupted);
    return;
  }
  if (failure.kind() == FailureKind::store_denied) {
    // The store takes nothing from us: one clear message, not one an image.
    put_back(image, LeaseOutcome::Released::interrupted);
    fail(std::make_exception_ptr(failure));
    return;
  }
  FailureFacts facts{failure.kind(), failure.what()};
  const bool is_given_up = governor_.given_up(image.image.host, parts_.clock.now()).has_value();
  if (is_retryable(failure.kind()) && report.attempts <= options_.retries && !is_given_up) {
    const auto wait = options_.backoff.wait(report.attempts, parts_.random, failure.retry_after());
    settle({.row = image.row,
            .attempts = report.attempts,
            .result = LeaseOutcome::Again{std::move(facts), parts_.clock.now() + wait}},
           std::nullopt);
    return;
  }
  report.failure = facts;
  LeaseOutcome outcome{.row = image.row, .attempts = report.attempts, .result = std::move(facts)};
  settle(std::move(outcome), std::move(report));
}

void Ingest::put_back(const LeasedImage& image, LeaseOutcome::Released how) {
  settle({.row = image.row, .attempts = image.attempts, .result = how}, std::nullopt);
}

/// The host's images make room for those of others, and the catalog passes it over until then.
void Ingest::pause_host(const std::string& host, SystemTime until) {
  parts_.log->debug("{}: left alone for {} ms", host,
                    std::chrono::duration_cast<std::chrono::milliseconds>(until - parts_.clock.now()).count());
  pauses_to_record_[host] = until;
  if (until <= parts_.clock.now()) return;
  for (const auto& image : window_.take_host(host)) put_back(image, LeaseOutcome::Released::untouched);
}

void Ingest::fail_given_up_hosts() {
  const auto now = parts_.clock.now();
  std::optional<Failure> reason;
  const auto is_given_up = [&](const std::string& host) {
    auto failure = governor_.given_up(host, now);
    if (!failure) return false;
    reason = std::move(failure);
    return true;
  };
  while (const auto image = window_.take(is_given_up)) {
    FailureFacts facts{reason->kind(), reason->what()};
    settle({.row = image->row, .attempts = image->attempts, .result = facts},
           ImageReport{.url = image->image.url, .failure = facts, .attempts = image->attempts});
  }
}

void Ingest::settle(LeaseOutcome outcome, std::optional<ImageReport> report) {
  if (settled_.empty()) first_settled_at_ = parts_.clock.steady_now();
  settled_.push_back({std::move(outcome), std::move(report)});
  if (settled_.size() == 1 || settled_.size() == options_.record_batch) record_wakeup_->notify();
}

}  // namespace creel
