#include "functions/fetch_store_image.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <boost/system/system_error.hpp>

#include "base/wakeup.h"
#include "functions/function_time.h"
#include "functions/store_answer_json.h"
#include "functions/store_outcome.h"
#include "functions/store_request_json.h"

namespace creel {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

/// The work of one invocation. Those who do it keep it alive, also when it is no longer waited for.
struct Work {
  Work(asio::any_io_executor executor, StoreBatch wanted)
      : loop(std::move(executor)),
        batch(std::move(wanted)),
        outcomes(batch.requests.size()),
        done(std::make_shared<Wakeup>(loop)) {}

  const asio::any_io_executor loop;
  const StoreBatch batch;
  /// Nothing where it has not ended.
  std::vector<std::optional<StoreOutcome>> outcomes;
  std::size_t next = 0;
  bool is_stopped = false;

  struct Worker {
    asio::cancellation_signal cancel;
    bool is_over = false;
  };
  std::deque<Worker> workers;
  /// Workers that are not over.
  std::size_t at_work = 0;
  std::shared_ptr<Wakeup> done;
};

Task<StoreOutcome> carry_out(Storers& storers, asio::any_io_executor loop, const StoreEvent& event) {
  std::shared_ptr<ImageStorer> storer;
  try {
    storer = storers.storer(loop, event.bucket, event.key_prefix);
  } catch (const Failure& failure) {
    co_return failure;
  } catch (const std::exception& error) {
    co_return Failure(FailureKind::internal, error.what());
  }
  co_return co_await outcome_of(*storer, event.request);
}

/// Takes one request after the other, until there are no more.
Task<void> take_turns(std::shared_ptr<Work> work, Storers& storers, Work::Worker& self) {
  while (!work->is_stopped && work->next < work->batch.requests.size()) {
    const auto index = work->next++;
    const auto& request = work->batch.requests[index];
    if (const auto* wrong = std::get_if<Failure>(&request)) {
      work->outcomes[index].emplace(*wrong);
      continue;
    }
    auto outcome = co_await carry_out(storers, work->loop, std::get<StoreEvent>(request));
    const auto* failure = std::get_if<Failure>(&outcome);
    const bool was_cut_off = failure != nullptr && failure->kind() == FailureKind::cancelled;
    if (!was_cut_off) work->outcomes[index].emplace(std::move(outcome));
  }
  self.is_over = true;
}

void start(const std::shared_ptr<Work>& work, Storers& storers) {
  work->at_work = std::min(work->batch.concurrency, work->batch.requests.size());
  for (std::size_t i = 0; i < work->at_work; ++i) {
    auto& worker = work->workers.emplace_back();
    asio::co_spawn(work->loop, take_turns(work, storers, worker),
                   asio::bind_cancellation_slot(worker.cancel.slot(), [work](const std::exception_ptr& error) {
                     if (--work->at_work == 0) work->done->notify();
                     if (error) std::rethrow_exception(error);
                   }));
  }
}

/// Waits until all is done or the time is over; then stops the rest, and gives it a moment to clear away what is half
/// done. A caller that is cancelled has no more time.
Task<void> wait_for(std::shared_ptr<Work> work, FunctionTime time) {
  try {
    while (work->at_work > 0 && co_await work->done->wait(time.stop_at)) continue;
  } catch (const boost::system::system_error&) {
    // It goes on below.
  }
  if (work->at_work == 0) co_return;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  work->is_stopped = true;
  for (auto& worker : work->workers) {
    if (!worker.is_over) worker.cancel.emit(asio::cancellation_type::terminal);
  }
  while (work->at_work > 0 && co_await work->done->wait(time.answer_at)) continue;
}

Failure cut_off(bool was_begun) {
  return {FailureKind::timeout, was_begun ? "the function's time was over before the image was stored"
                                          : "the function's time was over before it was this image's turn"};
}

json::array bodies_of(const Work& work) {
  json::array bodies;
  bodies.reserve(work.outcomes.size());
  for (std::size_t i = 0; i < work.outcomes.size(); ++i) {
    const auto& outcome = work.outcomes[i];
    if (!outcome) {
      bodies.push_back(failure_body(cut_off(i < work.next)));
    } else if (const auto* failure = std::get_if<Failure>(&*outcome)) {
      bodies.push_back(failure_body(*failure));
    } else {
      const auto& event = std::get<StoreEvent>(work.batch.requests[i]);
      bodies.push_back(stored_body(event.bucket, event.key_prefix, std::get<StoredImage>(*outcome)));
    }
  }
  return bodies;
}

}  // namespace

Task<json::value> FetchStoreImage::operator()(json::value event, SystemTime deadline) {
  const bool is_one = !is_batch(event);
  StoreBatch batch;
  try {
    if (is_one) {
      batch.requests.emplace_back(store_event(event));
    } else {
      batch = store_batch(event);
    }
  } catch (const Failure& failure) {
    co_return single_answer(failure_body(failure));
  }
  event = nullptr;
  const auto work = std::make_shared<Work>(co_await asio::this_coro::executor, std::move(batch));
  start(work, storers_);
  co_await wait_for(work, function_time(deadline, clock_));
  auto bodies = bodies_of(*work);
  if (is_one) co_return single_answer(std::move(bodies.front().as_object()));
  co_return batch_answer(std::move(bodies));
}

}  // namespace creel
