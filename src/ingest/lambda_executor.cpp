#include "ingest/lambda_executor.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include "aws/retry.h"
#include "ingest/lambda_batch.h"
#include "ingest/lambda_flight.h"
#include "store/adaptive_limit.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// For the start of an environment and the way there and back, beyond the function's own time.
constexpr std::chrono::seconds kInvokeSlack{30};
/// Tries of a request that is alone with a function that fails.
constexpr int kTriesAlone = 2;
/// So many invocations failed, or so many requests alone, while none has ever succeeded: then it is the function.
constexpr std::size_t kBrokenWithoutSuccess = 64;
constexpr std::size_t kLostWithoutSuccess = 8;
/// So many requests alone, one after the other without a success between them: then something has come over a function
/// that worked before. Without this each image of the job would take three invocations to be lost.
constexpr std::size_t kLostInARow = 128;

using Item = LambdaItem;
using Items = LambdaItems;
using Flight = LambdaFlight;

}  // namespace

/// Flights keep it alive until they are over, which the requests in them wait for.
class LambdaExecutor::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& loop, LambdaExecutorOptions options, aws::LambdaInvoker& invoker,
       const Clock& clock, Random random, Log log)
      : loop_(loop),
        options_(std::move(options)),
        invoker_(invoker),
        clock_(clock),
        random_(std::move(random)),
        log_(std::move(log)),
        limit_(options_.in_flight, clock),
        linger_(loop) {}

  std::shared_ptr<Item> item_for(StoreRequest request);
  static Task<StoreOutcome> carry_out(std::shared_ptr<Impl> self, std::shared_ptr<Item> item);

  std::size_t invocations() const { return invocations_; }
  std::size_t limit() const { return limit_.limit(); }

 private:
  enum class Next : std::uint8_t { again, over };

  // Filling of batches.
  void add(const std::shared_ptr<Item>& item);
  void dispatch();
  bool may_send();
  void wait_for_more(SteadyTime until);
  Items take_batch();
  bool abandon(Item& item);

  // Flights.
  void start(Items items, int tries_alone = 0);
  static Task<void> fly(std::shared_ptr<Impl> self, std::shared_ptr<Flight> flight);
  Task<void> invoke_until_settled(Flight& flight);
  Task<std::variant<aws::LambdaAnswer, Failure>> invoke(Flight& flight);
  void settle(Flight& flight, const aws::LambdaAnswer& answer);
  Task<Next> after_failure(Flight& flight, Failure failure, SteadyTime first_try);
  Task<Next> after_throttling(Flight& flight, Failure failure, SteadyTime first_try);
  Task<Next> after_no_answer(Flight& flight, Failure failure);
  void end(Flight& flight, const Failure& failure);
  bool is_hopeless(const Failure& reason);
  void divide(Flight& flight, const Failure& reason);
  void lose(Flight& flight, const Failure& reason);
  void give_up_on_function(const Failure& reason);
  void give_up(FailureKind kind, const std::string& why);

  const asio::any_io_executor loop_;
  const LambdaExecutorOptions options_;
  aws::LambdaInvoker& invoker_;
  const Clock& clock_;
  const Random random_;
  const Log log_;

  AdaptiveLimit limit_;
  /// In order of arrival; those that are abandoned are passed over.
  std::deque<std::shared_ptr<Item>> queue_;
  std::size_t waiting_ = 0;
  bool dispatch_is_posted_ = false;
  asio::steady_timer linger_;
  SteadyTime linger_until_ = SteadyTime::max();

  std::size_t flights_ = 0;
  std::size_t invocations_ = 0;
  bool has_succeeded_ = false;
  std::size_t broken_ = 0;
  /// Since the last success.
  std::size_t lost_ = 0;
  std::optional<ExecutorUnusable> unusable_;
};

std::shared_ptr<Item> LambdaExecutor::Impl::item_for(StoreRequest request) {
  const auto item = std::make_shared<Item>(loop_);
  StoreEvent event{.bucket = options_.bucket, .key_prefix = options_.key_prefix, .request = std::move(request)};
  event.request.timeout = std::min(event.request.timeout, fetch_time(options_.function_timeout, options_.batch));
  item->text = request_text(event);
  item->text.shrink_to_fit();
  item->host = std::hash<std::string>{}(event.request.image_url.authority());
  item->answer_bytes = answer_bytes(event);
  return item;
}

Task<StoreOutcome> LambdaExecutor::Impl::carry_out(std::shared_ptr<Impl> self, std::shared_ptr<Item> item) {
  if (self->unusable_) throw ExecutorUnusable(*self->unusable_);
  self->add(item);
  bool was_cancelled = false;
  try {
    co_await item->done->wait();
  } catch (const boost::system::system_error&) {
    was_cancelled = true;
  }
  if (was_cancelled && !item->outcome) {
    if (self->abandon(*item)) co_return Failure(FailureKind::cancelled, "stopped");
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await item->done->wait();
  }
  const auto* failure = std::get_if<Failure>(&*item->outcome);
  if (item->is_abandoned && failure != nullptr) co_return Failure(FailureKind::cancelled, "stopped");
  const bool was_not_begun = failure != nullptr && failure->kind() == FailureKind::cancelled;
  if (was_not_begun && self->unusable_) throw ExecutorUnusable(*self->unusable_);
  co_return std::move(*item->outcome);
}

void LambdaExecutor::Impl::add(const std::shared_ptr<Item>& item) {
  item->waits_since = clock_.steady_now();
  queue_.push_back(item);
  ++waiting_;
  if (dispatch_is_posted_) return;
  // Behind what else is about to start, so that it comes along.
  dispatch_is_posted_ = true;
  asio::post(loop_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->dispatch_is_posted_ = false;
    self->dispatch();
  });
}

/// True if it is the caller's no more, false if its flight is being ended and has to be waited for.
bool LambdaExecutor::Impl::abandon(Item& item) {
  item.is_abandoned = true;
  if (item.flight == nullptr) {
    --waiting_;
    return true;
  }
  auto& flight = *item.flight;
  if (--flight.waited_for > 0) return true;
  if (!flight.is_over) flight.cancel.emit(asio::cancellation_type::terminal);
  return false;
}

void LambdaExecutor::Impl::dispatch() {
  while (waiting_ > 0 && flights_ < limit_.limit() && may_send()) start(take_batch());
}

/// A batch that is full, or whose first request has waited for long enough. While nothing is under way nobody waits.
bool LambdaExecutor::Impl::may_send() {
  if (waiting_ >= options_.batch || flights_ == 0) return true;
  while (queue_.front()->is_abandoned) queue_.pop_front();
  const auto until = queue_.front()->waits_since + options_.linger;
  if (until <= clock_.steady_now()) return true;
  wait_for_more(until);
  return false;
}

void LambdaExecutor::Impl::wait_for_more(SteadyTime until) {
  if (linger_until_ <= until) return;
  linger_until_ = until;
  linger_.expires_at(until);
  linger_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->linger_until_ = SteadyTime::max();
    self->dispatch();
  });
}

/// The oldest requests, as many as one invocation may carry, but not too many of one host: those keep their place.
Items LambdaExecutor::Impl::take_batch() {
  Items batch;
  std::deque<std::shared_ptr<Item>> passed_over;
  std::unordered_map<std::size_t, std::size_t> by_host;
  std::size_t event_bytes = 0;
  std::size_t answer_bytes = 0;
  while (!queue_.empty() && batch.size() < options_.batch && passed_over.size() < 2 * options_.batch) {
    auto item = std::move(queue_.front());
    queue_.pop_front();
    if (item->is_abandoned) continue;
    const auto event_so_far = event_bytes + item->text.size();
    const auto answer_so_far = answer_bytes + item->answer_bytes;
    const bool is_full = std::max(event_so_far, answer_so_far) > options_.max_payload_bytes;
    if (is_full && !batch.empty()) {
      queue_.push_front(std::move(item));
      break;
    }
    if (by_host[item->host] >= options_.per_host) {
      passed_over.push_back(std::move(item));
      continue;
    }
    ++by_host[item->host];
    event_bytes = event_so_far;
    answer_bytes = answer_so_far;
    batch.push_back(std::move(item));
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(passed_over.begin()),
                std::make_move_iterator(passed_over.end()));
  waiting_ -= batch.size();
  return batch;
}

void LambdaExecutor::Impl::start(Items items, int tries_alone) {
  if (items.empty()) return;
  const auto flight = std::make_shared<Flight>(std::move(items));
  flight->tries_alone = tries_alone;
  ++flights_;
  asio::co_spawn(loop_, fly(shared_from_this(), flight),
                 asio::bind_cancellation_slot(flight->cancel.slot(),
                                              [self = shared_from_this(), flight](const std::exception_ptr& error) {
                                                --self->flights_;
                                                if (error) std::rethrow_exception(error);
                                                self->dispatch();
                                              }));
}

Task<void> LambdaExecutor::Impl::fly(std::shared_ptr<Impl> self, std::shared_ptr<Flight> flight) {
  try {
    co_await self->invoke_until_settled(*flight);
  } catch (const boost::system::system_error&) {
    flight->finish(Failure(FailureKind::cancelled, "stopped"));
  } catch (const std::exception& error) {
    flight->finish(Failure(FailureKind::internal, error.what()));
  }
  flight->is_over = true;
}

Task<void> LambdaExecutor::Impl::invoke_until_settled(Flight& flight) {
  const auto first_try = clock_.steady_now();
  for (;;) {
    if (unusable_) {
      flight.finish(Failure(FailureKind::cancelled, "not carried out"));
      co_return;
    }
    const auto answer = co_await invoke(flight);
    if (const auto* good = std::get_if<aws::LambdaAnswer>(&answer)) {
      settle(flight, *good);
      co_return;
    }
    if (co_await after_failure(flight, std::get<Failure>(answer), first_try) == Next::over) co_return;
  }
}

Task<std::variant<aws::LambdaAnswer, Failure>> LambdaExecutor::Impl::invoke(Flight& flight) {
  const auto permit = co_await limit_.acquire();
  std::vector<std::string_view> texts;
  texts.reserve(flight.items.size());
  for (const auto& item : flight.items) texts.push_back(item->text);
  aws::LambdaInvocation invocation{.function = options_.function,
                                   .qualifier = options_.qualifier,
                                   .payload = batch_payload(texts),
                                   .deadline = clock_.steady_now() + options_.function_timeout + kInvokeSlack};
  ++invocations_;
  try {
    co_return co_await invoker_.invoke(std::move(invocation));
  } catch (const Failure& failure) {
    co_return failure;
  }
}

void LambdaExecutor::Impl::settle(Flight& flight, const aws::LambdaAnswer& answer) {
  auto outcomes = batch_outcomes(answer, flight.items.size(), options_.key_prefix);
  if (const auto* reason = std::get_if<Failure>(&outcomes)) {
    divide(flight, *reason);
    return;
  }
  has_succeeded_ = true;
  lost_ = 0;
  limit_.on_success();
  auto& list = std::get<std::vector<StoreOutcome>>(outcomes);
  for (std::size_t i = 0; i < list.size(); ++i) flight.items[i]->finish(std::move(list[i]));
}

Task<LambdaExecutor::Impl::Next> LambdaExecutor::Impl::after_failure(Flight& flight, Failure failure,
                                                                     SteadyTime first_try) {
  switch (failure.kind()) {
    case FailureKind::function_throttled: co_return co_await after_throttling(flight, failure, first_try);
    case FailureKind::bad_auth:
    case FailureKind::forbidden: give_up(FailureKind::bad_auth, failure.what()); break;
    case FailureKind::not_found:
    case FailureKind::bad_url:
    case FailureKind::blocked_address:
    case FailureKind::tls: give_up(FailureKind::bad_request, failure.what()); break;
    // The batch may be too large, or one of its requests be such that the service does not take it.
    case FailureKind::bad_request:
    case FailureKind::too_large:
    case FailureKind::function_timeout: divide(flight, failure); co_return Next::over;
    default: co_return co_await after_no_answer(flight, failure);
  }
  end(flight, failure);
  co_return Next::over;
}

Task<LambdaExecutor::Impl::Next> LambdaExecutor::Impl::after_throttling(Flight& flight, Failure failure,
                                                                        SteadyTime first_try) {
  limit_.on_throttled();
  const auto wait = options_.throttled.wait(++flight.throttled, random_, failure.retry_after());
  if (clock_.steady_now() + wait - first_try > options_.throttle_patience) {
    flight.finish(failure);
    co_return Next::over;
  }
  log_->debug("{} is throttled, {} invocations at a time: {}", options_.function, limit_.limit(), failure.what());
  co_await aws::sleep_for(wait);
  co_return Next::again;
}

/// Nothing is known of what was done: it may have been all.
Task<LambdaExecutor::Impl::Next> LambdaExecutor::Impl::after_no_answer(Flight& flight, Failure failure) {
  for (const auto& item : flight.items) mark_may_be_stored(item->text);
  if (++flight.unanswered_tries < options_.max_tries) {
    log_->debug("invocation of {} failed, {} requests are sent again: {}", options_.function, flight.items.size(),
                failure.what());
    co_await aws::sleep_for(options_.unreachable.wait(flight.unanswered_tries, random_, failure.retry_after()));
    co_return Next::again;
  }
  const bool is_out_of_reach = failure.kind() == FailureKind::dns || failure.kind() == FailureKind::connect;
  if (is_out_of_reach) give_up(FailureKind::connect, failure.what());
  if (!is_hopeless(failure)) failure = Failure(FailureKind::function_timeout, failure.what(), failure.retry_after());
  end(flight, failure);
  co_return Next::over;
}

void LambdaExecutor::Impl::end(Flight& flight, const Failure& failure) {
  flight.finish(unusable_ ? Failure(FailureKind::cancelled, "not carried out") : failure);
}

/// True, and then nothing goes on, if so many invocations failed and none ever succeeded that it must be the function.
bool LambdaExecutor::Impl::is_hopeless(const Failure& reason) {
  if (!has_succeeded_ && ++broken_ >= kBrokenWithoutSuccess) give_up_on_function(reason);
  return unusable_.has_value();
}

/// Tries what a failed invocation did not answer once more, in two halves; one that is alone is tried again or lost.
void LambdaExecutor::Impl::divide(Flight& flight, const Failure& reason) {
  const auto left = flight.unanswered();
  if (left.empty() || is_hopeless(reason)) {
    flight.finish(Failure(FailureKind::cancelled, "not carried out"));
    return;
  }
  for (const auto& item : left) mark_may_be_stored(item->text);
  if (left.size() > 1) {
    log_->debug("an invocation of {} is divided, {} requests are sent again: {}", options_.function, left.size(),
                reason.what());
    const auto middle = left.begin() + static_cast<std::ptrdiff_t>(left.size() / 2);
    start({left.begin(), middle});
    start({middle, left.end()});
    return;
  }
  const int tries = flight.items.size() == 1 ? flight.tries_alone + 1 : 0;
  if (tries < kTriesAlone) {
    start(left, tries);
  } else {
    lose(flight, reason);
  }
}

void LambdaExecutor::Impl::lose(Flight& flight, const Failure& reason) {
  log_->warn("the function {} does not survive one of the images: {}", options_.function, reason.what());
  if (++lost_ >= (has_succeeded_ ? kLostInARow : kLostWithoutSuccess)) give_up_on_function(reason);
  end(flight, Failure(FailureKind::function_error, reason.what()));
}

void LambdaExecutor::Impl::give_up_on_function(const Failure& reason) {
  give_up(FailureKind::function_error,
          fmt::format("the function {} fails whatever it is given: {}", options_.function, reason.what()));
}

/// Nothing is sent any more; what waits goes back to where it came from.
void LambdaExecutor::Impl::give_up(FailureKind kind, const std::string& why) {
  if (unusable_) return;
  unusable_.emplace(kind, why);
  waiting_ = 0;
  for (const auto& item : std::exchange(queue_, {})) {
    if (!item->is_abandoned) item->finish(Failure(FailureKind::cancelled, "not carried out"));
  }
}

LambdaExecutor::LambdaExecutor(const asio::any_io_executor& loop, LambdaExecutorOptions options,
                               aws::LambdaInvoker& invoker, const Clock& clock, Random random, Log log)
    : impl_(std::make_shared<Impl>(loop, std::move(options), invoker, clock, std::move(random), std::move(log))) {}

LambdaExecutor::~LambdaExecutor() = default;

/// No coroutine itself, so that the request is not kept while it is waited for.
Task<StoreOutcome> LambdaExecutor::execute(StoreRequest request) {
  return Impl::carry_out(impl_, impl_->item_for(std::move(request)));
}

std::size_t LambdaExecutor::invocations() const {
  return impl_->invocations();
}

std::size_t LambdaExecutor::limit() const {
  return impl_->limit();
}

}  // namespace creel
