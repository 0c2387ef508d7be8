#include "ingest/ingest.h"

#include <algorithm>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ingest/ingest_running.h"

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
/// The same when nothing waits at all, as far as is known: what other programs add is seen so late.
constexpr std::chrono::milliseconds kIdleSleep{5000};

}  // namespace

std::optional<Failure> Ingest::outage_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const CatalogUnavailable& outage) {
    return outage;
  } catch (...) {
    return std::nullopt;
  }
}

Ingest::Ingest(IngestParts parts, QueueId queue, JobOptions job, IngestOptions options)
    : parts_(std::move(parts)),
      queue_(queue),
      job_(std::move(job)),
      options_(options),
      governor_({.per_host = options.per_host, .concurrency = options.concurrency}, parts_.random),
      window_(std::max<std::size_t>(64, 2 * options.concurrency), std::max<std::size_t>(16, 2 * options.per_host)),
      lease_wakeup_(std::make_shared<Wakeup>(parts_.executor)),
      record_wakeup_(std::make_shared<Wakeup>(parts_.executor)),
      upkeep_wakeup_(std::make_shared<Wakeup>(parts_.executor)) {
  if (is_endless()) {
    breaker_.emplace(StoreBreakerOptions{.concurrency = options.concurrency, .pause = options.store_pause},
                     parts_.random);
  }
}

Ingest::~Ingest() = default;

Task<void> Ingest::run() {
  using namespace asio::experimental::awaitable_operators;
  co_await (lease_all() && record_all() && keep_leases());
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
  cancelling_ = true;
  record_wakeup_->notify();
  for (auto& [number, running] : running_) {
    if (!running->is_over) running->cancel.emit(asio::cancellation_type::terminal);
  }
}

void Ingest::fail(std::exception_ptr reason) {
  if (fatal_) return;
  fatal_ = std::move(reason);
  cancel();
}

std::optional<Failure> Ingest::trouble() const {
  for (const auto& outage : outages_) {
    if (outage.why) return outage.why;
  }
  return breaker_ ? breaker_->trouble() : std::nullopt;
}

/// Works until nothing is left to lease, then waits for the transfers that are under way: they use this object.
Task<void> Ingest::lease_all() {
  for (bool goes_on = true; goes_on;) {
    std::exception_ptr failure;
    try {
      co_await keep_window_full();
    } catch (...) {
      failure = std::current_exception();
    }
    goes_on = failure && co_await outlive(failure, Loop::leasing, stopping_);
    if (failure && !goes_on && !stopping_) fail(failure);
  }
  for (const auto& image : window_.take_all()) put_back(image, LeaseOutcome::Released::untouched);
  while (!running_.empty()) co_await lease_wakeup_->wait();
  leasing_ended_ = true;
  record_wakeup_->notify();
  upkeep_wakeup_->notify();
}

Task<void> Ingest::keep_window_full() {
  while (!stopping_) {
    if (const auto until = paused_until()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - parts_.clock.now());
      co_await lease_wakeup_->wait(parts_.clock.steady_now() + left);
      start_transfers();
      continue;
    }
    const bool nothing_under_way = is_idle() && intake_ended_;
    const auto leased = co_await lease();
    start_transfers();
    if (leased.images.empty()) {
      if (nothing_under_way && !leased.more && !is_endless()) break;
      co_await wait_for_due();
    } else {
      const auto earliest = parts_.clock.steady_now() + kLeaseInterval;
      while (!stopping_ && !paused_until() && (!needs_lease() || parts_.clock.steady_now() < earliest)) {
        co_await lease_wakeup_->wait(needs_lease() ? earliest : SteadyTime::max());
      }
    }
  }
}

/// Prolongs the leases of this program, and takes up what others have left behind.
Task<void> Ingest::keep_leases() {
  if (!is_endless()) co_return;
  while (!leasing_ended_) {
    if (co_await upkeep_wakeup_->wait(parts_.clock.steady_now() + options_.lease / 3)) continue;
    std::exception_ptr failure;
    try {
      // In this order: an outage may have outlasted the leases that are still good.
      const auto taken = co_await with_catalog(CatalogService::Use::write, [this] {
        const auto now = parts_.clock.now();
        parts_.images.renew_leases(options_.owner, now + options_.lease);
        return parts_.images.take_back_leases(now);
      });
      if (taken > 0) {
        parts_.log->info("{} images that another program had begun are taken up again", taken);
        lease_wakeup_->notify();
      }
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure && !outage_of(failure)) fail(failure);
  }
}

/// After a failed use of the catalog: waits before it is tried again, and returns true; false if the failure is none
/// that passes, or the wait is given up.
Task<bool> Ingest::outlive(std::exception_ptr failure, Loop loop, const bool& given_up) {
  const auto why = is_endless() ? outage_of(failure) : std::nullopt;
  if (!why || given_up) co_return false;
  if (!catalog_is_away()) parts_.log->warn("the catalog is away; work goes on when it is back: {}", why->what());
  auto& outage = outages_.at(static_cast<std::size_t>(loop));
  outage.why = why;
  const auto wait = options_.outage.wait(++outage.tries, parts_.random);
  const auto until = parts_.clock.steady_now() + std::max(wait, options_.outage.base / 2);
  const auto wakeup = loop == Loop::leasing ? lease_wakeup_ : record_wakeup_;
  while (!given_up && parts_.clock.steady_now() < until) co_await wakeup->wait(until);
  co_return !given_up;
}

/// To be called when a loop has done what it could not do before.
void Ingest::catalog_is_there(Loop loop) {
  const bool was_away = catalog_is_away();
  outages_.at(static_cast<std::size_t>(loop)) = {};
  if (was_away && !catalog_is_away()) parts_.log->info("the catalog is back");
}

bool Ingest::catalog_is_away() const {
  return std::ranges::any_of(outages_, [](const Outage& outage) { return outage.why.has_value(); });
}

/// In the backend's queue each image is to be there under its own key; in a job that runs once the list decides.
KeyClashes Ingest::key_clashes() const {
  if (!is_endless() || job_.key_mode != KeyMode::named) return KeyClashes::ignored;
  return job_.if_exists == IfExists::skip ? KeyClashes::settled_where_puts_keep
                                          : KeyClashes::settled_where_puts_replace;
}

std::optional<SystemTime> Ingest::paused_until() const {
  return breaker_ ? breaker_->paused_until(parts_.clock.now()) : std::nullopt;
}

/// How many transfers may be under way.
std::size_t Ingest::concurrency() const {
  return breaker_ ? breaker_->limit(parts_.clock.now()) : options_.concurrency;
}

/// As many images as there is memory for, if they are like the last ones.
std::size_t Ingest::lease_size() const {
  const auto free = kWindowBytes - std::min(kWindowBytes, window_.bytes());
  return std::clamp<std::size_t>(free / mean_bytes_, 1, kMostLeased);
}

bool Ingest::needs_lease() const {
  if (window_.bytes() >= kWindowBytes) return false;
  return running_.size() < concurrency() || window_.images() <= low_water_;
}

bool Ingest::is_idle() const {
  return running_.empty() && window_.empty() && settled_.empty() && !is_recording_;
}

Task<Leased> Ingest::lease() {
  const auto now = parts_.clock.now();
  LeaseQuery query{.queue = queue_,
                   .owner = options_.owner,
                   .now = now,
                   .lease_until = now + options_.lease,
                   .max_images = lease_size()};
  window_.describe_room(query);
  if (key_clashes() != KeyClashes::ignored) {
    query.possible_keys = [mode = job_.key_mode](const FoundImage& image) { return possible_keys(image, mode); };
  }
  auto leased =
      co_await with_catalog(CatalogService::Use::write, [this, &query] { return parts_.images.lease(query); });
  catalog_is_there(Loop::leasing);
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
      co_await with_catalog(CatalogService::Use::read, [this, now] { return parts_.images.next_due(queue_, now); });
  const bool is_empty = is_endless() && !due && window_.empty();
  const auto sleep = due ? std::chrono::ceil<std::chrono::milliseconds>(*due - now) : kIdleSleep;
  const auto longest = is_empty ? kIdleSleep : kLongestSleep;
  co_await lease_wakeup_->wait(parts_.clock.steady_now() + std::clamp(sleep, kLeaseInterval, longest));
}

void Ingest::start_transfers() {
  if (stopping_) return;
  settle_given_up_hosts();
  const auto now = parts_.clock.now();
  while (running_.size() < concurrency()) {
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
                   if (needs_lease() || paused_until()) lease_wakeup_->notify();
                   if (running_.empty()) record_wakeup_->notify();
                 }));
}

/// The host's images make room for those of others, and the catalog passes it over until then.
void Ingest::pause_host(const std::string& host, SystemTime until) {
  parts_.log->debug("{}: left alone for {} ms", host,
                    std::chrono::duration_cast<std::chrono::milliseconds>(until - parts_.clock.now()).count());
  pauses_to_record_[host] = until;
  if (until <= parts_.clock.now()) return;
  for (const auto& image : window_.take_host(host)) put_back(image, LeaseOutcome::Released::untouched);
}

/// Images of hosts that are not to be asked for now fail at once; in a job that never ends they wait until it may be
/// asked again.
void Ingest::settle_given_up_hosts() {
  const auto now = parts_.clock.now();
  if (is_endless()) return put_back_given_up_hosts(now);
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

void Ingest::put_back_given_up_hosts(SystemTime now) {
  for (;;) {
    std::optional<SystemTime> until;
    const auto image = window_.take([&](const std::string& host) {
      until = governor_.given_up_until(host, now);
      return until.has_value();
    });
    if (!image) return;
    put_back(*image, LeaseOutcome::Released::untouched);
    pause_host(image->image.host, *until);
  }
}

}  // namespace creel
