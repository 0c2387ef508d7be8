#include "sources/source_state.h"

#include <algorithm>

namespace creel {
namespace {

SourceTransition refuse(const SourceStatus& status, std::string reason) {
  return {.status = status, .refused = std::move(reason)};
}

SourceTransition become(SourceStatus status, SourceEffect effect = SourceEffect::none) {
  return {.status = std::move(status), .effect = effect, .refused = {}};
}

SourceStatus stopped(SourceStatus status, std::string reason = {}) {
  status.state = SourceState::stopped;
  status.stop_after_poll = false;
  status.next_poll.reset();
  status.reason = std::move(reason);
  return status;
}

SourceStatus idle(SourceStatus status, SystemTime next_poll) {
  status.state = SourceState::idle;
  status.next_poll = next_poll;
  status.blocked_until.reset();
  return status;
}

SourceStatus blocked(SourceStatus status, SystemTime until, std::string reason) {
  status.state = SourceState::blocked;
  status.blocked_until = until;
  status.next_poll = until;
  status.reason = std::move(reason);
  return status;
}

SourceTransition begin_poll(SourceStatus status, const SourceEvent& event) {
  status.stop_after_poll =
      status.state == SourceState::stopped || (status.state == SourceState::fetching && status.stop_after_poll);
  status.state = SourceState::fetching;
  if (status.blocked_until && *status.blocked_until <= event.now) status.blocked_until.reset();
  status.last_poll = event.now;
  status.next_poll = event.next_poll;
  return become(std::move(status), SourceEffect::begin_poll);
}

/// What is said to those who end a poll that there is not: it was retaken by another program, or the source is gone.
SourceTransition no_poll(const SourceStatus& status) {
  return refuse(status, "the source is not being polled");
}

SourceTransition when_stopped(const SourceStatus& status, const SourceEvent& event) {
  switch (event.action) {
    case SourceAction::start: {
      auto started = status;
      started.failed_polls = 0;
      if (status.blocked_until && *status.blocked_until > event.now) {
        return become(blocked(std::move(started), *status.blocked_until, status.reason));
      }
      started.reason.clear();
      return become(idle(std::move(started), event.now));
    }
    case SourceAction::stop: return refuse(status, "the source is stopped already");
    case SourceAction::fetch: return begin_poll(status, event);
    case SourceAction::wake: return refuse(status, "the source is stopped: start it");
    case SourceAction::done:
    case SourceAction::cease:
    case SourceAction::block_until: break;
  }
  return no_poll(status);
}

/// Idle or blocked.
SourceTransition when_waiting(const SourceStatus& status, const SourceEvent& event) {
  switch (event.action) {
    case SourceAction::start:
      return refuse(
          status, status.state == SourceState::idle
                      ? "the source runs already: 'fetch' polls it now"
                      : "the source runs already, and waits until it may ask again: 'fetch' asks now, unless its host "
                        "wants to be left alone");
    case SourceAction::stop: return become(stopped(status, status.state == SourceState::blocked ? status.reason : ""));
    case SourceAction::fetch: return begin_poll(status, event);
    case SourceAction::wake:
      if (status.next_poll && *status.next_poll > event.now) {
        return refuse(status, "the time of the source's next poll has not come");
      }
      return begin_poll(status, event);
    case SourceAction::done:
    case SourceAction::cease:
    case SourceAction::block_until: break;
  }
  return no_poll(status);
}

/// The end of a poll of a source that is not being stopped.
SourceTransition end_poll(SourceStatus status, const SourceEvent& event) {
  const bool stops = status.stop_after_poll;
  status.stop_after_poll = false;
  if (event.action == SourceAction::cease) {
    ++status.failed_polls;
    return become(stopped(std::move(status), event.reason));
  }
  if (event.action == SourceAction::block_until) {
    if (event.end != PollEnd::cut_off) ++status.failed_polls;
    auto left_alone = blocked(std::move(status), event.until, event.reason);
    return become(stops ? stopped(std::move(left_alone), event.reason) : std::move(left_alone));
  }
  if (event.end == PollEnd::well) status.failed_polls = 0;
  if (event.end == PollEnd::badly) ++status.failed_polls;
  if (event.end != PollEnd::cut_off) status.blocked_until.reset();
  status.reason = event.end == PollEnd::badly ? event.reason : "";
  const auto reason = status.reason;
  return become(stops ? stopped(std::move(status), reason) : idle(std::move(status), event.next_poll));
}

SourceTransition when_fetching(const SourceStatus& status, const SourceEvent& event) {
  switch (event.action) {
    case SourceAction::start: {
      if (!status.stop_after_poll) return refuse(status, "the source runs already, and is being polled");
      auto going_on = status;
      going_on.stop_after_poll = false;
      return become(std::move(going_on));
    }
    case SourceAction::stop: {
      auto stopping = status;
      stopping.state = SourceState::stopping;
      stopping.stop_after_poll = false;
      return become(std::move(stopping), SourceEffect::cancel_poll);
    }
    case SourceAction::fetch: return refuse(status, "the source is being polled already");
    case SourceAction::wake:
      if (!event.poll_was_lost) return refuse(status, "the source is being polled already");
      return begin_poll(status, event);
    case SourceAction::done:
    case SourceAction::cease:
    case SourceAction::block_until: break;
  }
  return end_poll(status, event);
}

SourceTransition when_stopping(const SourceStatus& status, const SourceEvent& event) {
  switch (event.action) {
    case SourceAction::start: {
      auto going_on = status;
      going_on.state = SourceState::fetching;
      return become(std::move(going_on));
    }
    case SourceAction::stop: return refuse(status, "the source is being stopped already");
    case SourceAction::fetch: return refuse(status, "the source is being stopped: try again when it is");
    case SourceAction::wake:
      if (!event.poll_was_lost) return refuse(status, "the source is being stopped");
      return become(stopped(status));
    case SourceAction::done:
    case SourceAction::cease:
    case SourceAction::block_until: break;
  }
  auto ended = status;
  ended.stop_after_poll = true;
  return end_poll(std::move(ended), event);
}

}  // namespace

std::string_view to_string(SourceAction action) {
  switch (action) {
    case SourceAction::start: return "start";
    case SourceAction::stop: return "stop";
    case SourceAction::fetch: return "fetch";
    case SourceAction::done: return "done";
    case SourceAction::cease: return "cease";
    case SourceAction::block_until: return "block_until";
    case SourceAction::wake: return "wake";
  }
  return "unknown";
}

std::string_view to_string(SourceState state) {
  switch (state) {
    case SourceState::stopped: return "stopped";
    case SourceState::idle: return "idle";
    case SourceState::fetching: return "fetching";
    case SourceState::blocked: return "blocked";
    case SourceState::stopping: return "stopping";
  }
  return "unknown";
}

SourceTransition next_status(const SourceStatus& status, const SourceEvent& event) {
  switch (status.state) {
    case SourceState::stopped: return when_stopped(status, event);
    case SourceState::idle:
    case SourceState::blocked: return when_waiting(status, event);
    case SourceState::fetching: return when_fetching(status, event);
    case SourceState::stopping: return when_stopping(status, event);
  }
  return refuse(status, "the source is in no known state");
}

}  // namespace creel
