#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>

#include "base/clock.h"
#include "base/wakeup.h"
#include "functions/store_request.h"

namespace creel {

struct LambdaFlight;

/// One request of a Lambda executor, as long as it is waited for. Threads: the ingest loop, as all here.
struct LambdaItem {
  explicit LambdaItem(const boost::asio::any_io_executor& loop) : done(std::make_shared<Wakeup>(loop)) {}

  /// What came first counts.
  void finish(StoreOutcome with) {
    if (outcome) return;
    outcome = std::make_unique<StoreOutcome>(std::move(with));
    flight = nullptr;
    done->notify();
  }

  std::string text;
  /// Tells hosts apart.
  std::size_t host = 0;
  std::size_t answer_bytes = 0;
  SteadyTime waits_since{};
  /// Nobody waits for it any more.
  bool is_abandoned = false;
  /// Null while it waits for its batch.
  LambdaFlight* flight = nullptr;
  /// Null until it has one. Apart, since thousands wait without.
  std::unique_ptr<StoreOutcome> outcome;
  std::shared_ptr<Wakeup> done;
};

using LambdaItems = std::vector<std::shared_ptr<LambdaItem>>;

/// The requests of one invocation, until it has an answer or is divided.
struct LambdaFlight {
  explicit LambdaFlight(LambdaItems of) : items(std::move(of)), waited_for(items.size()) {
    for (const auto& item : items) item->flight = this;
  }

  void finish(const StoreOutcome& outcome) {
    for (const auto& item : items) item->finish(outcome);
  }

  /// What is still to be done of it.
  LambdaItems unanswered() const {
    LambdaItems left;
    for (const auto& item : items) {
      if (!item->outcome && !item->is_abandoned) left.push_back(item);
    }
    return left;
  }

  LambdaItems items;
  /// Requests that somebody waits for.
  std::size_t waited_for;
  /// Tries of one request alone.
  int tries_alone = 0;
  int throttled = 0;
  int unanswered_tries = 0;
  boost::asio::cancellation_signal cancel;
  bool is_over = false;
};

}  // namespace creel
