#pragma once

// AWS Lambda functions in C++: write ordinary functions, give them names, hand them to `run`.
//
//   boost::json::value hello(boost::json::value event, creel::lambda::Context context) { ... }
//   int main(int argc, char** argv) { return creel::lambda::run(argc, argv, {{"hello", hello}}); }
//
// A handler takes an event, and returns a result, in one of these forms:
//
//   R f(Event)    R f(Event, Context)                 R: value, void, Task<value>, Task<void>, std::future<value>
//   R f(Event, ResponseStream&[, Context])            R: void, Task<void>, std::future<void>; streams its response
//   void f(std::istream&, std::ostream&[, Context])   bytes in, bytes out
//
// Event and value are boost::json::value or any type with Boost.JSON conversions. Event and Context may be taken by value
// or by const reference. Coroutines (Task) run on the event loop and must not block; all others run on a thread of a pool.
// What a handler throws is the error of the invocation.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <future>
#include <iosfwd>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

namespace creel::lambda {

namespace json = boost::json;

/// A coroutine on the event loop; `co_await boost::asio::this_coro::executor` gives its executor.
template <class T>
using Task = boost::asio::awaitable<T>;

/// The name that the service uses for the function, and what it is given. Threads: immutable.
struct FunctionInfo {
  std::string name;
  /// `$LATEST` or a number.
  std::string version;
  std::uint64_t memory_mib = 0;
  std::string log_group;
  std::string log_stream;
};

/// Who called through an Amazon Cognito identity pool.
struct CognitoIdentity {
  std::string identity_id;
  std::string identity_pool_id;
};

/// What the service says about one invocation. A test fills in what its handler looks at.
struct Invocation {
  /// One a request; the service's own retries of an event keep it.
  std::string request_id;
  /// One an attempt; empty where the service gives none.
  std::string invocation_id;
  /// With the version or alias, if the caller named one.
  std::string function_arn;
  /// When the service ends the process.
  std::chrono::system_clock::time_point deadline = std::chrono::system_clock::time_point::max();
  /// X-Ray: `Root=1-...;Parent=...;Sampled=1`.
  std::string trace_id;
  /// What the caller sent as client context; null if nothing.
  json::value client_context;
  std::optional<CognitoIdentity> cognito_identity;
  std::string tenant_id;
};

/// Everything a handler may know about its invocation beside the event. Cheap to copy. Threads: immutable.
class Context {
 public:
  /// A context without an invocation, for tests: never expires, is never cancelled.
  Context();
  explicit Context(Invocation invocation, FunctionInfo function = {}, std::stop_token cancel = {});
  Context(Invocation invocation, std::shared_ptr<const FunctionInfo> function, std::stop_token cancel);

  const std::string& request_id() const { return invocation_->request_id; }
  const std::string& invocation_id() const { return invocation_->invocation_id; }
  const std::string& function_arn() const { return invocation_->function_arn; }
  const std::string& trace_id() const { return invocation_->trace_id; }
  const json::value& client_context() const { return invocation_->client_context; }
  const std::optional<CognitoIdentity>& cognito_identity() const { return invocation_->cognito_identity; }
  const std::string& tenant_id() const { return invocation_->tenant_id; }

  const std::string& function_name() const { return function_->name; }
  const std::string& function_version() const { return function_->version; }
  std::uint64_t memory_mib() const { return function_->memory_mib; }
  const std::string& log_group() const { return function_->log_group; }
  const std::string& log_stream() const { return function_->log_stream; }

  std::chrono::system_clock::time_point deadline() const { return invocation_->deadline; }
  /// What is left until the deadline; never less than zero.
  std::chrono::milliseconds remaining() const;

  /// Stop is requested a little before the deadline, so that a handler can still answer: 5 % of the invocation's time
  /// before it, but at least 50 ms and at most 500 ms (and never more than half of the time). Callbacks registered with
  /// it run on the event loop's thread.
  std::stop_token cancel() const { return cancel_; }

 private:
  std::shared_ptr<const Invocation> invocation_;
  std::shared_ptr<const FunctionInfo> function_;
  std::stop_token cancel_;
};

/// An error with a type of its own, for callers to tell it from others. Every other exception is reported too, under
/// the name of its C++ type.
class Error : public std::runtime_error {
 public:
  /// @param type  the answer's `errorType`, such as `Function.NoSuchImage`; the service itself keeps those of the form
  ///              `Function.TitleCase`, and derives such a name from others for its metrics
  Error(std::string type, const std::string& message) : std::runtime_error(message), type_(std::move(type)) {}

  const std::string& type() const noexcept { return type_; }

 private:
  std::string type_;
};

/// The status and headers of a streamed response to a function URL or API Gateway.
struct HttpHead {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Values of Set-Cookie headers.
  std::vector<std::string> cookies;
};

/// A response that is sent while it is made. The function's URL or caller must be set to streaming (`InvokeMode`
/// `RESPONSE_STREAM`). An exception before the first write is an ordinary error; after it, the error goes out behind
/// the bytes that were written.
/// Threads: that of the handler.
class ResponseStream {
 public:
  /// Where the bytes go.
  class Sink {
   public:
    virtual ~Sink() = default;
    /// The head is sent with the first bytes.
    virtual Task<void> write(std::string content_type, std::string bytes) = 0;
    virtual void write_blocking(const std::string& content_type, std::string_view bytes) = 0;
  };

  /// Keeps what is written in memory, for tests.
  ResponseStream();
  explicit ResponseStream(Sink& sink);
  ResponseStream(const ResponseStream&) = delete;
  ResponseStream& operator=(const ResponseStream&) = delete;
  ~ResponseStream();

  /// Of the bytes as they are; `application/octet-stream` unless set. Before the first write.
  /// @throws std::logic_error  after it
  void set_content_type(std::string content_type);

  /// Makes this an HTTP response; headers carry its content type then. Before the first write.
  /// @throws std::logic_error  after it
  void set_http_head(HttpHead head);

  /// Sends bytes, and waits until the connection has room for more. In coroutines. What is not awaited is not sent.
  /// @throws boost::system::system_error  if the other end has gone
  Task<void> write(std::string bytes);

  /// The same, for handlers that are no coroutines.
  /// @throws boost::system::system_error  if the other end has gone
  /// @throws std::logic_error             on the event loop's thread, which it would block
  void write_blocking(std::string_view bytes);

  /// What was written so far, without the HTTP head; only of a stream in memory.
  const std::string& written() const { return written_; }
  const std::optional<HttpHead>& http_head() const { return head_; }
  const std::string& content_type() const { return content_type_; }
  /// Whether something was written.
  bool started() const { return started_; }

  /// Sends the head if nothing was written; called by the runtime when a handler has returned.
  Task<void> finish();

 private:
  std::string with_head(std::string_view bytes);
  void must_not_have_started(const char* what) const;

  Sink* sink_ = nullptr;
  std::optional<HttpHead> head_;
  std::string content_type_ = "application/octet-stream";
  std::string written_;
  bool started_ = false;
};

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, fatal };

/// Writes one line to standard error, where the service reads the log: text, or JSON if AWS_LAMBDA_LOG_FORMAT says so,
/// with time, level and request id. Lines below AWS_LAMBDA_LOG_LEVEL (`INFO` without) are dropped. Each line of a text
/// of several is a line of the log. Threads: any.
void log(LogLevel level, std::string_view message, const Context& context);

/// The same for code that has no context, such as a logging library's sink. The request id is that of the invocation
/// under way on this thread; or of the only one, if the function does not run several at a time; or none.
void log(LogLevel level, std::string_view message);

/// Whether lines of that level are written. Threads: any.
bool log_enabled(LogLevel level);

struct Options {
  /// Runs before the first event is asked for. What it throws is reported as an init error, and the process ends.
  std::function<void()> on_start;

  /// Runs when the service is about to end the process (SIGTERM), on the event loop's thread; it has 500 ms. If given,
  /// an internal extension is registered, since the service sends SIGTERM to none but extensions' environments.
  std::function<void()> on_shutdown;
};

namespace detail {

/// How a handler wants to be called.
enum class Mode : std::uint8_t { coroutine, blocking };
enum class Answer : std::uint8_t { whole, streamed };

/// A handler without its types: text in, text out.
class Callable {
 public:
  Callable(Mode mode, Answer answer) : mode_(mode), answer_(answer) {}
  virtual ~Callable();

  Mode mode() const { return mode_; }
  Answer answer() const { return answer_; }

  /// On the event loop. `stream` is not null for Answer::streamed, and outlives the coroutine; so does the callable.
  virtual Task<std::string> start(std::string event, Context context, ResponseStream* stream) const = 0;
  /// On a thread that may be blocked.
  virtual std::string call(std::string event, Context context, ResponseStream* stream) const = 0;

 private:
  Mode mode_;
  Answer answer_;
};

json::value parse_event(std::string_view text);
std::string to_text(const json::value& value);
[[noreturn]] void throw_misfit(const std::exception& why);
std::string call_with_streams(std::string event, const std::function<void(std::istream&, std::ostream&)>& call);
void drive(Task<void> task);

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

}  // namespace detail

/// Runs a coroutine to its end on a loop of its own, and returns its result or throws what it threw: for tests of
/// handlers that are coroutines.
template <class T>
T run_to_end(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    detail::drive(std::move(task));
  } else {
    std::optional<T> result;
    detail::drive(detail::keep_result(std::move(task), result));
    return std::move(*result);
  }
}

namespace detail {

template <class T>
struct ResultOf {
  using Value = T;
  static constexpr bool kTask = false, kFuture = false;
};
template <class T>
struct ResultOf<Task<T>> {
  using Value = T;
  static constexpr bool kTask = true, kFuture = false;
};
template <class T>
struct ResultOf<std::future<T>> {
  using Value = T;
  static constexpr bool kTask = false, kFuture = true;
};

template <class Signature>
struct Parts;
template <class R, class... A>
struct Parts<std::function<R(A...)>> {
  using Return = R;
  using Arguments = std::tuple<A...>;
  static constexpr std::size_t kCount = sizeof...(A);
};

template <class P, std::size_t I>
struct Argument {
  using Type = void;
};
template <class P, std::size_t I>
  requires(I < P::kCount)
struct Argument<P, I> {
  using Type = std::tuple_element_t<I, typename P::Arguments>;
};

template <class Event>
Event to_event(std::string_view text) {
  auto value = parse_event(text);
  if constexpr (std::same_as<Event, json::value>) {
    return value;
  } else {
    try {
      return json::value_to<Event>(value);
    } catch (const std::exception& why) {
      throw_misfit(why);
    }
  }
}

template <class T>
std::string result_text(T&& result) {
  if constexpr (std::same_as<std::remove_cvref_t<T>, json::value>) {
    return to_text(result);
  } else {
    return to_text(json::value_from(std::forward<T>(result)));
  }
}

/// A handler of the type F.
template <class F>
class Typed final : public Callable {
  using P = Parts<decltype(std::function{std::declval<F>()})>;
  using Result = ResultOf<typename P::Return>;
  using Value = typename Result::Value;
  using First = typename Argument<P, 0>::Type;
  using Second = typename Argument<P, 1>::Type;
  using Third = typename Argument<P, 2>::Type;
  using Event = std::remove_cvref_t<First>;

  template <class T>
  static constexpr bool kIsContext = std::same_as<std::remove_cvref_t<T>, Context>;

  static constexpr bool kStreamsIn = std::same_as<First, std::istream&> && std::same_as<Second, std::ostream&>;
  static constexpr bool kStreamsOut = std::same_as<Second, ResponseStream&>;
  static constexpr bool kContextSecond = !kStreamsIn && !kStreamsOut && P::kCount == 2;
  static constexpr bool kContextThird = P::kCount == 3;

  static_assert(P::kCount >= 1 && P::kCount <= 3 && (!kContextThird || kIsContext<Third>) &&
                    (!kContextSecond || kIsContext<Second>) && (!kContextThird || kStreamsIn || kStreamsOut),
                "a handler takes (event), (event, Context), (event, ResponseStream&[, Context]) or "
                "(std::istream&, std::ostream&[, Context])");
  static_assert(!kStreamsOut || std::is_void_v<Value>, "a handler with a ResponseStream returns nothing else");
  static_assert(!kStreamsIn || std::is_void_v<typename P::Return>, "a handler with streams returns void");

 public:
  explicit Typed(F function)
      : Callable(Result::kTask ? Mode::coroutine : Mode::blocking, kStreamsOut ? Answer::streamed : Answer::whole),
        function_(std::move(function)) {}

  Task<std::string> start(std::string event, Context context, ResponseStream* stream) const override {
    if constexpr (Result::kTask) {
      auto value = to_event<Event>(event);
      event = {};
      if constexpr (std::is_void_v<Value>) {
        co_await invoke(value, context, stream);
        co_return "null";
      } else {
        auto result = co_await invoke(value, context, stream);
        co_return result_text(std::move(result));
      }
    } else {
      co_return call(std::move(event), std::move(context), stream);
    }
  }

  std::string call(std::string event, Context context, ResponseStream* stream) const override {
    if constexpr (Result::kTask) {
      return run_to_end(start(std::move(event), std::move(context), stream));
    } else if constexpr (kStreamsIn) {
      return call_with_streams(std::move(event), [&](std::istream& in, std::ostream& out) {
        if constexpr (kContextThird) {
          function_(in, out, context);
        } else {
          function_(in, out);
        }
      });
    } else {
      auto value = to_event<Event>(event);
      event = {};
      return finish([&]() -> decltype(auto) { return invoke(value, context, stream); });
    }
  }

 private:
  decltype(auto) invoke(Event& event, const Context& context, ResponseStream* stream) const {
    if constexpr (kStreamsOut && kContextThird) {
      return function_(static_cast<First&&>(event), *stream, context);
    } else if constexpr (kStreamsOut) {
      return function_(static_cast<First&&>(event), *stream);
    } else if constexpr (kContextSecond) {
      return function_(static_cast<First&&>(event), context);
    } else {
      return function_(static_cast<First&&>(event));
    }
  }

  template <class Call>
  static std::string finish(const Call& call) {
    if constexpr (std::is_void_v<Value>) {
      if constexpr (Result::kFuture) {
        call().get();
      } else {
        call();
      }
      return "null";
    } else if constexpr (Result::kFuture) {
      return result_text(call().get());
    } else {
      return result_text(call());
    }
  }

  mutable F function_;
};

}  // namespace detail

/// A function that answers events; made from any callable of the forms at the top. Where the function runs several
/// invocations at a time, the callable is called by several at once.
class Handler {
 public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Handler>)
  Handler(F&& function)  // NOLINT(google-explicit-constructor): a handler is passed as what it is
      : callable_(std::make_shared<const detail::Typed<std::decay_t<F>>>(std::forward<F>(function))) {}

  const detail::Callable& callable() const { return *callable_; }

 private:
  std::shared_ptr<const detail::Callable> callable_;
};

/// A handler and the name by which the function's configuration (`Handler`, in the environment `_HANDLER`) picks it.
struct Function {
  std::string name;
  Handler handler;
};

/// Answers the service's events with the handler that `_HANDLER` names, until the service ends the process. Up to
/// AWS_LAMBDA_MAX_CONCURRENCY at a time; one if that is not set.
///
/// With `--list` it prints the functions' names, one a line; with `--help`, and outside Lambda, what this is.
/// A crash (std::terminate, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL) is reported before the process ends.
/// @return the process's exit code: 1 if the service or the configuration makes it impossible to go on; 2 outside Lambda
int run(int argc, char** argv, const std::vector<Function>& functions, const Options& options = {});

}  // namespace creel::lambda
