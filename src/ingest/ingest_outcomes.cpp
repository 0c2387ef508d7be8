// How transfers end, and what is written down of them.

#include <algorithm>
#include <iterator>

#include "ingest/ingest_running.h"

namespace creel {
namespace {

StoredFacts facts_of(const StoredImage& stored) {
  return {.key = stored.key.value,
          .final_url = stored.final_url,
          .etag = stored.put.etag,
          .content_type = std::string(content_type(stored.info.type)),
          .sha256 = stored.sha256,
          .size_bytes = stored.size_bytes,
          .width = stored.info.width,
          .height = stored.info.height,
          .origin_etag = stored.origin_etag,
          .origin_last_modified = stored.origin_last_modified};
}

}  // namespace

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
  } catch (const ExecutorUnusable& failure) {
    unusable = std::current_exception();
    if (self.breaker_) self.note_unusable(failure, started_at);
    outcome = std::make_unique<StoreOutcome>(Failure(FailureKind::cancelled, "not carried out"));
  } catch (const Failure& failure) {
    outcome = std::make_unique<StoreOutcome>(failure);
  }
  running.is_over = true;
  self.finish(image, *outcome, started_at, started);
  // One clear message, not one an image.
  if (unusable && !self.is_endless()) self.fail(unusable);
}

void Ingest::finish(const LeasedImage& image, const StoreOutcome& outcome, SystemTime started_at, SteadyTime started) {
  const auto* failure = std::get_if<Failure>(&outcome);
  const auto& host = image.image.host;
  const auto now = parts_.clock.now();
  if (const auto until = governor_.finished(host, failure, started_at, now)) {
    // A job that ends fails the images of a host that is given up; one that never ends lets them wait.
    const auto given_up_until = is_endless() ? governor_.given_up_until(host, now) : std::nullopt;
    pause_host(host, given_up_until.value_or(*until));
  }
  if (breaker_ && store_is_away(failure, started_at)) {
    put_back(image, LeaseOutcome::Released::interrupted);
    return;
  }

  ImageReport report{.row = image.row,
                     .source = image.source,
                     .url = image.image.url,
                     .attempts = image.attempts + 1,
                     .took = parts_.clock.steady_now() - started};
  if (image.waits_since) report.queue_time = std::max(SystemTime::duration(0), started_at - *image.waits_since);
  if (failure != nullptr) {
    finish_failed(image, *failure, std::move(report));
  } else {
    finish_stored(image, std::get<StoredImage>(outcome), std::move(report));
  }
}

/// Takes note of what a transfer tells of the store; true if the image is not to blame for its failure.
bool Ingest::store_is_away(const Failure* failure, SystemTime started_at) {
  const bool was_away = breaker_->trouble().has_value();
  const auto verdict = breaker_->finished(failure, started_at, parts_.clock.now());
  tell_of_trouble(was_away);
  return verdict == StoreBreaker::Verdict::is_away;
}

void Ingest::note_unusable(const Failure& failure, SystemTime started_at) {
  const bool was_away = breaker_->trouble().has_value();
  breaker_->unusable(failure, started_at, parts_.clock.now());
  tell_of_trouble(was_away);
}

/// One line when it begins and one when it is over.
void Ingest::tell_of_trouble(bool was_away) {
  if (was_away && !breaker_->trouble()) parts_.log->info("images are stored again");
  if (!was_away && breaker_->trouble()) {
    parts_.log->warn("no image can be stored for now; it is tried again: {}", breaker_->trouble()->what());
  }
}

void Ingest::finish_stored(const LeasedImage& image, const StoredImage& stored, ImageReport report) {
  const bool was_kept = job_.if_exists == IfExists::skip && job_.key_mode == KeyMode::named && stored.put.already_there;
  report.status = was_kept ? ImageStatus::already : ImageStatus::stored;
  report.stored = facts_of(stored);
  if (parts_.location) report.stored->store_url = parts_.location(stored.key);
  report.fetch_time = stored.fetch_time;
  report.store_time = stored.store_time;
  settle({.row = image.row,
          .attempts = report.attempts,
          .result = *report.stored,
          .object_was_kept = was_kept,
          .object_is_another = was_kept && stored.put.is_another},
         report);
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
  const auto now = parts_.clock.now();
  const auto given_up_until = governor_.given_up_until(image.image.host, now);
  const bool may_wait = is_endless() || !given_up_until;
  if (is_retryable(failure.kind()) && report.attempts <= options_.retries && may_wait) {
    const auto wait = options_.backoff.wait(report.attempts, parts_.random, failure.retry_after());
    const auto not_before = std::max<SystemTime>(now + wait, given_up_until.value_or(now));
    settle({.row = image.row, .attempts = report.attempts, .result = LeaseOutcome::Again{std::move(facts), not_before}},
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
    std::exception_ptr failure;
    try {
      co_await record_batch();
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure && !co_await outlive(failure, Loop::recording, cancelling_)) give_outcomes_up(failure);
    lease_wakeup_->notify();
  }
}

/// What was not recorded is still leased, and will be taken up again.
void Ingest::give_outcomes_up(std::exception_ptr failure) {
  const auto outcomes = settled_.size();
  settled_.clear();
  pauses_to_record_.clear();
  const auto outage = outage_of(failure);
  if (!is_endless() || !cancelling_ || !outage) return fail(std::move(failure));
  parts_.log->warn(
      "the catalog is still away: how {} images ended is not written down; the next start looks for them in"
      " the store",
      outcomes);
}

Task<void> Ingest::record_batch() {
  auto batch = std::exchange(settled_, {});
  auto pauses = std::exchange(pauses_to_record_, {});
  is_recording_ = true;
  std::exception_ptr failure;
  Recorded recorded;
  try {
    recorded = co_await with_catalog(CatalogService::Use::write, [this, &batch, &pauses] {
      std::vector<LeaseOutcome> outcomes;
      outcomes.reserve(batch.size());
      for (const auto& settled : batch) outcomes.push_back(settled.outcome);
      auto told = parts_.images.record(outcomes, options_.owner, parts_.clock.now(), key_clashes());
      for (const auto& [host, until] : pauses) parts_.images.block_host(host, until);
      return told;
    });
  } catch (...) {
    failure = std::current_exception();
  }
  is_recording_ = false;
  if (failure) {
    std::ranges::move(settled_, std::back_inserter(batch));
    settled_ = std::move(batch);
    pauses_to_record_.merge(pauses);
    std::rethrow_exception(failure);
  }
  catalog_is_there(Loop::recording);
  if (!recorded.queued_again.empty()) {
    parts_.log->info("{} images with one name and different bytes get names of their own and are fetched again",
                     recorded.queued_again.size());
  }
  const auto now = parts_.clock.steady_now();
  for (auto& settled : batch) {
    if (settled.report) tell(settled, recorded, now);
  }
}

/// Reports an image whose outcome stands in the catalog.
void Ingest::tell(Settled& settled, const Recorded& recorded, SteadyTime now) {
  const auto is_among = [&settled](const std::vector<ImageRow>& rows) {
    return std::ranges::find(rows, settled.outcome.row) != rows.end();
  };
  if (is_among(recorded.queued_again) || is_among(recorded.deleted_in_use)) return;
  if (is_among(recorded.deleted)) {
    if (parts_.orphaned) parts_.orphaned(settled.outcome.row, settled.report->stored->key);
    return;
  }
  settled.report->record_time = now - settled.at;
  parts_.listener.on_image(*settled.report);
}

void Ingest::settle(LeaseOutcome outcome, std::optional<ImageReport> report) {
  const auto now = parts_.clock.steady_now();
  if (settled_.empty()) first_settled_at_ = now;
  settled_.push_back({now, std::move(outcome), std::move(report)});
  if (settled_.size() == 1 || settled_.size() == options_.record_batch) record_wakeup_->notify();
}

}  // namespace creel
