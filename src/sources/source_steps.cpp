#include "sources/source_steps.h"

#include <algorithm>

#include "sources/poll_memory.h"

namespace creel {
namespace {

/// Thrown out of a decision that decides nothing, so that nothing is written.
struct NothingToDo {};

void lease(SourceRecord& source, const StepContext& context) {
  source.lease_owner = context.options.owner;
  source.lease_until = context.now + context.options.lease;
}

void give_back(SourceRecord& source) {
  source.lease_owner.clear();
  source.lease_until.reset();
}

bool is_ours(const SourceRecord& source, const StepContext& context) {
  return source.lease_until && source.lease_owner == context.options.owner;
}

/// Nobody polls the source: its lease ran out, or it is this program's own from before it was started anew, since
/// nobody wakes a source while he polls it.
bool poll_was_lost(const SourceRecord& source, const StepContext& context) {
  return source.lease_until && (*source.lease_until <= context.now || source.lease_owner == context.options.owner);
}

SourceEffect apply(SourceRecord& source, const SourceTransition& transition, const StepContext& context) {
  source.status = transition.status;
  if (transition.effect == SourceEffect::begin_poll) lease(source, context);
  return transition.effect;
}

SourceEvent event_of(SourceAction action, const SourceRecord& source, const StepContext& context) {
  return {.action = action,
          .now = context.now,
          .next_poll =
              planned_poll(source.definition, source.status.failed_polls, context.options, context.luck, context.now),
          .poll_was_lost = poll_was_lost(source, context)};
}

/// After a poll that was broken off the next one is to go over everything, however it came that it broke off.
void forget_whole(SourceRepository& sources, SourceRecord& source, PollId poll) {
  if (!sources.was_broken_off(source.id, poll)) return;
  auto memory = memory_after_broken_poll(source.memory);
  if (memory == source.memory) return;
  sources.save_memory(source.id, memory, std::nullopt);
  source.memory = std::move(memory);
}

SourceStep begun(SourceRepository& sources, std::optional<SourceRecord> source, SourceEffect effect,
                 const StepContext& context) {
  SourceStep step{.source = std::move(source), .effect = effect};
  if (step.source && effect == SourceEffect::begin_poll) {
    step.poll = sources.begin_poll(step.source->id, context.now);
    forget_whole(sources, *step.source, step.poll);
  }
  return step;
}

/// True if what a server said about waiting to polls of `a` is meant for polls of `b` as well.
bool is_same_peer(const SourceDefinition& a, const SourceDefinition& b) {
  return a.type == b.type && a.url == b.url && a.settings == b.settings && a.secrets == b.secrets;
}

/// A running source is polled by its new settings now, or by its new interval from its last poll on.
SystemTime rescheduled(const SourceRecord& source, const SourceDefinition& before, const StepContext& context) {
  const auto planned = source.status.next_poll.value_or(context.now);
  if (!polls_alike(before, source.definition)) return context.now;
  if (before.interval == source.definition.interval || !source.status.last_poll) return planned;
  return std::max(context.now, planned_poll(source.definition, source.status.failed_polls, context.options,
                                            context.luck, *source.status.last_poll));
}

}  // namespace

bool polls_alike(const SourceDefinition& a, const SourceDefinition& b) {
  return a.name == b.name && a.type == b.type && a.url == b.url && a.rate_limit == b.rate_limit &&
         a.settings == b.settings && a.secrets == b.secrets;
}

SourceStep wake_source(SourceRepository& sources, SourceId id, const StepContext& context) {
  auto effect = SourceEffect::none;
  try {
    auto woken = sources.update_status(
        id,
        [&](SourceRecord& source) {
          const auto transition = next_status(source.status, event_of(SourceAction::wake, source, context));
          if (!transition.refused.empty()) throw NothingToDo();
          effect = apply(source, transition, context);
          if (effect != SourceEffect::begin_poll) give_back(source);
        },
        context.now);
    return begun(sources, std::move(woken), effect, context);
  } catch (const NothingToDo&) {
    return {};
  }
}

SourceStep act_on_source(SourceRepository& sources, SourceId id, SourceAction action, const StepContext& context) {
  auto effect = SourceEffect::none;
  auto changed = sources.update_status(
      id,
      [&](SourceRecord& source) {
        const auto transition = next_status(source.status, event_of(action, source, context));
        if (!transition.refused.empty()) throw ActionRefused(FailureKind::bad_request, transition.refused);
        effect = apply(source, transition, context);
      },
      context.now);
  return begun(sources, std::move(changed), effect, context);
}

std::optional<SourceRecord> change_source(SourceRepository& sources, SourceId id, const SourceDefinition& definition,
                                          const StepContext& context) {
  const auto before = sources.find(id);
  if (!before || !sources.change(id, definition, context.now)) return std::nullopt;
  return sources.update_status(
      id,
      [&](SourceRecord& source) {
        auto& status = source.status;
        const bool waits = status.state == SourceState::blocked || status.state == SourceState::stopped;
        if (waits && status.blocked_until && !is_same_peer(before->definition, source.definition)) {
          status.blocked_until.reset();
          status.reason.clear();
          if (status.state == SourceState::blocked) status.state = SourceState::idle;
        }
        if (status.state == SourceState::idle) status.next_poll = rescheduled(source, before->definition, context);
      },
      context.now);
}

std::optional<SourceRecord> finish_poll(SourceRepository& sources, const PollFinish& finish,
                                        const StepContext& context) {
  const auto id = finish.source.id;
  const auto current = sources.find(id);
  const bool is_still_ours = current && is_ours(*current, context);
  // Settings that were changed meanwhile have their own memory. It is saved before the poll counts as one that ended well.
  if (is_still_ours && finish.outcome.end == PollEnd::well &&
      polls_alike(current->definition, finish.source.definition) &&
      (finish.new_memory != current->memory || finish.moved_to)) {
    sources.save_memory(id, finish.new_memory, finish.moved_to);
  }
  sources.end_poll(finish.poll, PollSummary{.failure = finish.failure}, context.now);
  if (!is_still_ours) return std::nullopt;
  try {
    return sources.update_status(
        id,
        [&](SourceRecord& source) {
          if (!is_ours(source, context)) throw NothingToDo();
          if (finish.is_handed_back && source.status.state == SourceState::fetching) {
            source.lease_owner.clear();
            source.lease_until = context.now;
            return;
          }
          const auto event = event_after(finish.outcome, source, context.options, context.luck, context.now);
          const auto transition = next_status(source.status, event);
          if (!transition.refused.empty()) throw NothingToDo();
          source.status = transition.status;
          give_back(source);
        },
        context.now);
  } catch (const NothingToDo&) {
    return std::nullopt;
  }
}

}  // namespace creel
