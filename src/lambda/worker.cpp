#include "lambda/worker.h"

#include <algorithm>
#include <cstdlib>
#include <exception>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "lambda/crash_report.h"
#include "lambda/error_report.h"
#include "lambda/log.h"
#include "lambda/streamed_answer.h"
#include "lambda/text.h"

namespace creel::lambda {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// _X_AMZN_TRACE_ID, from which X-Ray's libraries take it. The text is put into one and the same place, since setenv
// keeps every value that it was ever given.
void set_trace_variable(std::string_view trace_id) {
  // NOLINTBEGIN(concurrency-mt-unsafe): between invocations, where only one runs at a time
  static constexpr char kName[] = "_X_AMZN_TRACE_ID";
  static std::array<char, 4096> place{};
  if (trace_id.empty() || sizeof kName + trace_id.size() >= place.size()) {
    ::unsetenv(kName);
    return;
  }
  const auto text = concat({kName, "=", trace_id});
  std::ranges::copy(text, place.begin());
  place[text.size()] = '\0';
  ::putenv(place.data());
  // NOLINTEND(concurrency-mt-unsafe)
}

// While a function that runs one invocation at a time works on this one.
class AloneScope {
 public:
  explicit AloneScope(const Invocation& invocation) {
    set_only_request_id(invocation.request_id);
    set_trace_variable(invocation.trace_id);
  }
  ~AloneScope() { set_only_request_id(""); }
  AloneScope(const AloneScope&) = delete;
  AloneScope& operator=(const AloneScope&) = delete;
};

void log_failure(const ErrorReport& report, const Context& context) {
  log(LogLevel::error, concat({report.type, ": ", report.message}), context);
}

}  // namespace

milliseconds notice_before(milliseconds time) {
  return std::min(std::clamp(time / 20, milliseconds(50), milliseconds(500)), std::max(time / 2, milliseconds(0)));
}

Worker::Worker(asio::io_context& loop, const Settings& settings, const detail::Callable& handler, BlockingPool& pool,
               std::size_t slot)
    : loop_(loop),
      settings_(settings),
      handler_(handler),
      pool_(pool),
      slot_(slot),
      api_(loop.get_executor(), settings),
      timer_(loop) {}

Task<void> Worker::serve() {
  for (;;) {
    auto event = co_await api_.next();
    co_await answer(std::move(event));
  }
}

Task<void> Worker::answer(Event event) {
  const UnderWay under_way(slot_, event.invocation.request_id, event.invocation.invocation_id);
  std::optional<AloneScope> alone;
  if (is_alone()) alone.emplace(event.invocation);
  std::stop_source cancel;
  start_timer(event.invocation, cancel);
  Context context(event.invocation, settings_.function, cancel.get_token());
  if (handler_.answer() == detail::Answer::streamed) {
    co_await answer_streamed(std::move(event.body), std::move(context), event.invocation);
  } else {
    co_await answer_whole(std::move(event.body), std::move(context), event.invocation);
  }
}

Task<void> Worker::answer_whole(std::string event, Context context, const Invocation& invocation) {
  std::exception_ptr failure;
  std::string result;
  try {
    result = co_await call(std::move(event), context, nullptr);
  } catch (...) {
    failure = std::current_exception();
  }
  timer_.cancel();
  if (!failure) {
    co_await api_.respond(invocation, std::move(result));
    co_return;
  }
  auto report = report_of(failure);
  log_failure(report, context);
  co_await api_.fail(invocation, std::move(report));
}

Task<void> Worker::answer_streamed(std::string event, Context context, const Invocation& invocation) {
  StreamedAnswer answer(loop_, settings_.api, invocation);
  std::optional<ErrorReport> error;
  try {
    ResponseStream stream(answer);
    co_await call(std::move(event), context, &stream);
    co_await stream.finish();
  } catch (...) {
    error = report_of(std::current_exception());
  }
  timer_.cancel();
  if (error) log_failure(*error, context);
  if (error && !answer.has_begun()) {
    co_await api_.fail(invocation, std::move(*error));
    co_return;
  }
  try {
    co_await answer.finish(std::move(error));
  } catch (const boost::system::system_error& gone) {
    log(LogLevel::warn, concat({"the end of the response could not be sent: ", gone.code().message()}), context);
  }
}

Task<std::string> Worker::call(std::string event, Context context, ResponseStream* stream) {
  if (handler_.mode() == detail::Mode::blocking) return call_blocking(std::move(event), std::move(context), stream);
  return handler_.start(std::move(event), std::move(context), stream);
}

Task<std::string> Worker::call_blocking(std::string event, Context context, ResponseStream* stream) {
  std::string result;
  std::exception_ptr failure;
  auto work = [&] {
    const ThreadWorksOn mark(slot_);
    const ThreadLogScope log_scope(context.request_id());
    try {
      result = handler_.call(std::move(event), context, stream);
    } catch (...) {
      failure = std::current_exception();
    }
  };
  auto initiate = [&](auto handler) {
    // The loop goes on running meanwhile; the guard is given up on it, never on the pool's thread.
    auto busy = asio::make_work_guard(loop_);
    pool_.post([&work, this, busy = std::move(busy), handler = std::move(handler)]() mutable {
      work();
      asio::post(loop_, [busy = std::move(busy), handler = std::move(handler)]() mutable {
        busy.reset();
        std::move(handler)();
      });
    });
  };
  is_blocked_ = true;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
  is_blocked_ = false;
  if (failure) std::rethrow_exception(failure);
  co_return result;
}

void Worker::start_timer(const Invocation& invocation, std::stop_source cancel) {
  using std::chrono::system_clock;
  if (invocation.deadline == system_clock::time_point::max()) return;
  const auto time = std::chrono::duration_cast<milliseconds>(invocation.deadline - system_clock::now());
  timer_.expires_after(time - notice_before(time));
  timer_.async_wait([cancel = std::move(cancel)](const boost::system::error_code& error) mutable {
    if (!error) cancel.request_stop();
  });
}

}  // namespace creel::lambda
