#include "sources/scheduler.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/semaphore.h"
#include "base/wakeup.h"
#include "sources/direct_images.h"
#include "sources/host_blocks.h"
#include "sources/poll_fetcher.h"
#include "sources/poll_run.h"
#include "sources/running_poll.h"
#include "sources/source_steps.h"

namespace creel {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr const char* kStopping = "creel is being stopped: try again when it runs";

}  // namespace

class Scheduler::Impl {
 public:
  Impl(SchedulerParts parts, SchedulerOptions options)
      : parts_(std::move(parts)),
        options_(std::move(options)),
        wakeup_(std::make_shared<Wakeup>(parts_.executor)),
        blocks_(parts_.catalog, parts_.clock, [wakeup = wakeup_] { wakeup->notify(); }),
        fetcher_(PollFetcherParts{parts_.executor, parts_.http, parts_.clock, parts_.random, parts_.log, &blocks_},
                 PollFetcherOptions{.per_host = options_.per_host,
                                    .longest_wait = options_.longest_wait,
                                    .usual_hold = options_.rate_limited_wait}),
        slots_(options_.concurrency) {}

  Task<void> run();
  void stop();

  Task<std::optional<SourceRecord>> act(SourceId id, SourceAction action);
  Task<SourceRecord> add(SourceDefinition definition, bool start);
  Task<std::optional<SourceRecord>> change(SourceId id, SourceDefinition definition);
  Task<bool> remove(SourceId id);
  Task<SourcePreview> test(SourceDefinition definition, std::size_t max_records);
  Task<std::vector<Added>> add_images(std::vector<NewImage> images);

  std::size_t polls_under_way() const { return polls_.size(); }

 private:
  /// A source whose step is on its way to the catalog: its lease may stand there before its poll is known here.
  /// It may outlive the scheduler, in a coroutine that never went on.
  class Claiming {
   public:
    Claiming(Impl& impl, SourceId id)
        : claiming_(impl.claiming_), wakeup_(impl.wakeup_), place_(claiming_->insert(id)) {}
    ~Claiming() {
      claiming_->erase(place_);
      wakeup_->notify();
    }
    Claiming(const Claiming&) = delete;
    Claiming& operator=(const Claiming&) = delete;

   private:
    std::shared_ptr<std::multiset<SourceId>> claiming_;
    std::shared_ptr<Wakeup> wakeup_;
    std::multiset<SourceId>::iterator place_;
  };

  Task<milliseconds> look();
  Task<void> renew_leases();
  Task<void> wake(std::vector<SourceId> ids);
  void begin(const SourceStep& step);
  void cut(SourceId id, RunningPoll::Cut why);
  void require_polled(const SourceDefinition& definition) const;
  milliseconds renewal() const { return std::min<milliseconds>(options_.renewal, options_.lease / 3); }
  bool is_busy(SourceId id) const { return polls_.contains(id) || claiming_->contains(id); }

  StepContext context() { return {.options = options_, .now = parts_.clock.now(), .luck = parts_.random()}; }
  RunningPollParts poll_parts() {
    return {.run = {.catalog = parts_.catalog,
                    .fetcher = fetcher_,
                    .listener = parts_.listener,
                    .clock = parts_.clock,
                    .random = parts_.random,
                    .catalog_backoff = options_.catalog_backoff,
                    .log = parts_.log},
            .kinds = parts_.kinds,
            .options = options_,
            .blocks = blocks_,
            .slots = slots_};
  }

  SchedulerParts parts_;
  SchedulerOptions options_;
  std::shared_ptr<Wakeup> wakeup_;
  CatalogHostBlocks blocks_;
  PollFetcher fetcher_;
  Semaphore slots_;
  std::unordered_map<SourceId, std::shared_ptr<RunningPoll>> polls_;
  std::shared_ptr<std::multiset<SourceId>> claiming_ = std::make_shared<std::multiset<SourceId>>();
  SystemTime next_renewal_{};
  bool stopping_ = false;
};

Task<void> Scheduler::Impl::run() {
  int failures = 0;
  while (!stopping_) {
    milliseconds sleep{};
    std::string why;
    try {
      sleep = co_await look();
      if (failures > 0) parts_.log->info("sources: the catalog is back");
      failures = 0;
    } catch (const CatalogUnavailable& away) {
      why = away.what();
    }
    if (!why.empty()) {
      if (++failures == 1) parts_.log->warn("sources: waiting for the catalog: {}", why);
      sleep = options_.catalog_backoff.wait(failures, parts_.random);
    }
    if (!stopping_) co_await wakeup_->wait(std::chrono::steady_clock::now() + sleep);
  }
  for (const auto& [id, poll] : polls_) poll->cut(RunningPoll::Cut::handed_back);
  while (!polls_.empty() || !claiming_->empty()) co_await wakeup_->wait();
  try {
    co_await blocks_.save();
  } catch (const CatalogUnavailable& away) {
    parts_.log->warn("sources: which hosts are to be left alone is not kept: {}", away.what());
  }
}

void Scheduler::Impl::stop() {
  stopping_ = true;
  wakeup_->notify();
}

/// Does what is due, and returns how long there is nothing to do.
Task<milliseconds> Scheduler::Impl::look() {
  co_await blocks_.save();
  if (!polls_.empty() && parts_.clock.now() >= next_renewal_) co_await renew_leases();
  auto sleep = options_.longest_sleep;
  const auto until = [&](SystemTime time) {
    const auto wait = std::chrono::ceil<milliseconds>(time - parts_.clock.now());
    sleep = std::min(sleep, std::max(wait, milliseconds(0)));
  };
  if (polls_.size() < options_.concurrency) {
    // Polls that users asked for may be among the due ones, as lost ones; they do not count.
    const auto room = options_.concurrency - polls_.size();
    struct Due {
      std::vector<SourceId> ids;
      std::optional<SystemTime> next;
    };
    const auto now = parts_.clock.now();
    const auto max = room + polls_.size() + claiming_->size();
    auto due = co_await parts_.catalog.read([now, max](Repositories& from) {
      Due found{.ids = from.sources.due(now, max), .next = std::nullopt};
      if (found.ids.empty()) found.next = from.sources.next_due();
      return found;
    });
    std::erase_if(due.ids, [this](SourceId id) { return is_busy(id); });
    if (due.ids.size() > room) due.ids.resize(room);
    if (!due.ids.empty()) {
      co_await wake(std::move(due.ids));
      co_return milliseconds(0);
    }
    if (due.next) until(*due.next);
  }
  if (!polls_.empty()) until(next_renewal_);
  co_return sleep;
}

Task<void> Scheduler::Impl::renew_leases() {
  const auto now = parts_.clock.now();
  // Polls that begin meanwhile are not among those that are looked at.
  std::vector<std::shared_ptr<RunningPoll>> polls;
  polls.reserve(polls_.size());
  for (const auto& [id, poll] : polls_) polls.push_back(poll);

  const auto leased = co_await parts_.catalog.write(
      [this, now](Repositories& to) { return to.sources.renew_leases(options_.owner, now + options_.lease); });
  next_renewal_ = now + renewal();

  std::unordered_map<SourceId, const SourceRecord*> ours;
  for (const auto& source : leased) ours.emplace(source.id, &source);
  for (const auto& poll : polls) {
    const auto found = ours.find(poll->id());
    if (found == ours.end()) {
      poll->cut(RunningPoll::Cut::lost);
    } else if (found->second->status.state == SourceState::stopping) {
      poll->cut(RunningPoll::Cut::stopped);
    } else if (!polls_alike(found->second->definition, poll->definition())) {
      poll->cut(RunningPoll::Cut::changed);
    }
  }
  std::vector<SourceId> left_behind;
  for (const auto& source : leased) {
    if (!is_busy(source.id)) left_behind.push_back(source.id);
  }
  if (!left_behind.empty()) co_await wake(std::move(left_behind));
}

Task<void> Scheduler::Impl::wake(std::vector<SourceId> ids) {
  std::vector<std::unique_ptr<Claiming>> claiming;
  claiming.reserve(ids.size());
  for (const auto id : ids) claiming.push_back(std::make_unique<Claiming>(*this, id));
  std::vector<StepContext> contexts;
  contexts.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) contexts.push_back(context());
  // What was begun counts, even if the catalog goes away in the middle.
  std::vector<SourceStep> steps;
  std::optional<CatalogUnavailable> away;
  co_await parts_.catalog.write([&](Repositories& to) {
    try {
      for (std::size_t i = 0; i < ids.size(); ++i) steps.push_back(wake_source(to.sources, ids[i], contexts[i]));
    } catch (const CatalogUnavailable& failure) {
      away = failure;
    }
  });
  for (const auto& step : steps) {
    if (step.source) begin(step);
  }
  if (away) throw CatalogUnavailable(*away);
}

/// Tells of a step that was taken, and polls if that is its effect.
void Scheduler::Impl::begin(const SourceStep& step) {
  parts_.listener.on_source(*step.source);
  if (step.effect == SourceEffect::cancel_poll) cut(step.source->id, RunningPoll::Cut::stopped);
  if (step.effect != SourceEffect::begin_poll) return;
  if (polls_.empty()) next_renewal_ = parts_.clock.now() + renewal();
  const auto poll = std::make_shared<RunningPoll>(poll_parts(), *step.source, step.poll);
  polls_[poll->id()] = poll;
  asio::co_spawn(parts_.executor, RunningPoll::carry_out(poll),
                 asio::bind_cancellation_slot(poll->slot(), [this, poll](const std::exception_ptr& error) {
                   poll->note_end();
                   polls_.erase(poll->id());
                   wakeup_->notify();
                   if (error) std::rethrow_exception(error);
                 }));
  if (stopping_) poll->cut(RunningPoll::Cut::handed_back);
}

void Scheduler::Impl::cut(SourceId id, RunningPoll::Cut why) {
  const auto found = polls_.find(id);
  if (found != polls_.end()) found->second->cut(why);
}

void Scheduler::Impl::require_polled(const SourceDefinition& definition) const {
  const auto* kind = parts_.kinds.find(definition.type);
  if (kind != nullptr && !kind->is_polled()) {
    throw ActionRefused(FailureKind::bad_request,
                        "sources of type " + definition.type + " are never polled: their images are added by hand");
  }
}

Task<std::optional<SourceRecord>> Scheduler::Impl::act(SourceId id, SourceAction action) {
  if (stopping_) throw ActionRefused(FailureKind::bad_request, kStopping);
  const Claiming claiming(*this, id);
  const auto step = co_await parts_.catalog.write([this, id, action, with = context()](Repositories& to) {
    const auto source = to.sources.find(id);
    if (source) require_polled(source->definition);
    return act_on_source(to.sources, id, action, with);
  });
  if (step.source) begin(step);
  co_return step.source;
}

Task<SourceRecord> Scheduler::Impl::add(SourceDefinition definition, bool start) {
  if (start) require_polled(definition);
  const auto now = parts_.clock.now();
  SourceStatus status;
  if (start) {
    status.state = SourceState::idle;
    status.next_poll = now;
  }
  auto source =
      co_await parts_.catalog.write([&](Repositories& to) { return to.sources.add(definition, status, now); });
  parts_.listener.on_source(source);
  wakeup_->notify();
  co_return source;
}

Task<std::optional<SourceRecord>> Scheduler::Impl::change(SourceId id, SourceDefinition definition) {
  auto source = co_await parts_.catalog.write(
      [&, with = context()](Repositories& to) { return change_source(to.sources, id, definition, with); });
  if (source) {
    const auto poll = polls_.find(id);
    if (poll != polls_.end() && !polls_alike(poll->second->definition(), source->definition)) {
      cut(id, RunningPoll::Cut::changed);
    }
    parts_.listener.on_source(*source);
    wakeup_->notify();
  }
  co_return source;
}

Task<bool> Scheduler::Impl::remove(SourceId id) {
  const auto now = parts_.clock.now();
  const bool was_there =
      co_await parts_.catalog.write([id, now](Repositories& to) { return to.sources.remove(id, now); });
  if (was_there) {
    cut(id, RunningPoll::Cut::lost);
    fetcher_.forget(id);
    parts_.listener.on_source_deleted(id);
  }
  co_return was_there;
}

Task<SourcePreview> Scheduler::Impl::test(SourceDefinition definition, std::size_t max_records) {
  return preview_poll(fetcher_, parts_.kinds, parts_.clock, parts_.log, std::move(definition), max_records);
}

Task<std::vector<Scheduler::Added>> Scheduler::Impl::add_images(std::vector<NewImage> images) {
  return add_direct_images(parts_.catalog, parts_.listener, parts_.clock, std::move(images));
}

Scheduler::Scheduler(SchedulerParts parts, SchedulerOptions options)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(options))) {}
Scheduler::~Scheduler() = default;

Task<void> Scheduler::run() {
  return impl_->run();
}

void Scheduler::stop() {
  impl_->stop();
}

Task<std::optional<SourceRecord>> Scheduler::start(SourceId id) {
  return impl_->act(id, SourceAction::start);
}

Task<std::optional<SourceRecord>> Scheduler::stop(SourceId id) {
  return impl_->act(id, SourceAction::stop);
}

Task<std::optional<SourceRecord>> Scheduler::fetch(SourceId id) {
  return impl_->act(id, SourceAction::fetch);
}

Task<SourceRecord> Scheduler::add(SourceDefinition definition, bool start) {
  return impl_->add(std::move(definition), start);
}

Task<std::optional<SourceRecord>> Scheduler::change(SourceId id, SourceDefinition definition) {
  return impl_->change(id, std::move(definition));
}

Task<bool> Scheduler::remove(SourceId id) {
  return impl_->remove(id);
}

Task<SourcePreview> Scheduler::test(SourceDefinition definition, std::size_t max_records) {
  return impl_->test(std::move(definition), max_records);
}

Task<std::vector<Scheduler::Added>> Scheduler::add_images(std::vector<NewImage> images) {
  return impl_->add_images(std::move(images));
}

std::size_t Scheduler::polls_under_way() const {
  return impl_->polls_under_way();
}

}  // namespace creel
