// Handlers of every form, and some that go wrong in every way.

#include <chrono>
#include <creel/lambda.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <istream>
#include <latch>
#include <ostream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

namespace asio = boost::asio;
namespace json = boost::json;
using creel::lambda::Context;
using creel::lambda::Error;
using creel::lambda::LogLevel;
using creel::lambda::ResponseStream;
using creel::lambda::Task;

struct Number {
  int number = 0;
};
Number tag_invoke(json::value_to_tag<Number>, const json::value& value) {
  return {value.at("number").to_number<int>()};
}
void tag_invoke(json::value_from_tag, json::value& value, const Number& number) {
  value = {{"number", number.number}};
}

namespace {

json::value echo(json::value event) {
  return event;
}

Number echo_typed(const Number& number) {
  return number;
}

Task<json::value> echo_later(json::value event) {
  co_return event;
}

std::future<Number> echo_elsewhere(Number number) {
  return std::async(std::launch::async, [number] { return number; });
}

void echo_streams(std::istream& in, std::ostream& out, const Context&) {
  out << in.rdbuf();
}

Number twice(Number number) {
  return {2 * number.number};
}

json::value tell_context(json::value, Context context) {
  const auto& identity = context.cognito_identity();
  return {{"request_id", context.request_id()},
          {"invocation_id", context.invocation_id()},
          {"function_arn", context.function_arn()},
          {"trace_id", context.trace_id()},
          {"trace_variable", std::getenv("_X_AMZN_TRACE_ID")},
          {"client_context", context.client_context()},
          {"cognito_identity", {identity->identity_id, identity->identity_pool_id}},
          {"tenant_id", context.tenant_id()},
          {"remaining", context.remaining().count()},
          {"function",
           {context.function_name(), context.function_version(), context.memory_mib(), context.log_group(),
            context.log_stream()}}};
}

[[gnu::noinline]] void throw_out_of_range() {
  throw std::out_of_range("there is nothing there");
}

void refuse(json::value) {
  throw Error("Function.Refused", "no");
}

int* volatile nowhere = nullptr;
[[gnu::noinline]] void crash(json::value) {
  *nowhere = 1;
}

Task<void> crash_later(json::value) {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  crash(nullptr);
}

[[gnu::noinline]] int deep(int level) {
  volatile char room[1000];
  room[level % 1000] = 1;
  return level < 0 ? 0 : deep(level + 1) + room[5];
}

void crash_or_wait(json::value event) {
  if (!event.as_object().contains("wait")) crash(nullptr);
  log(LogLevel::info, "waiting");
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

void loose_exception(json::value) {
  std::thread([] { throw std::runtime_error("nothing catches this"); }).join();
}

json::value repeat(json::value event) {
  return json::string(event.to_number<std::size_t>(), 'x');
}

std::string failure_of(const json::value& event) {
  const auto* fail = event.as_object().if_contains("fail");
  return fail ? std::string(fail->as_string()) : "";
}

void begin(const json::value& event, ResponseStream& stream) {
  if (failure_of(event) == "early") throw Error("Function.Refused", "not at all");
  stream.set_http_head({.status = 201, .headers = {{"X-Made", "here"}}, .cookies = {"a=1"}});
}

void stream(json::value event, ResponseStream& out, const Context&) {
  begin(event, out);
  out.write_blocking("one ");
  out.write_blocking("two");
  if (failure_of(event) == "late") throw Error("Function.Refused", "no more");
}

Task<void> stream_later(json::value event, ResponseStream& out) {
  begin(event, out);
  co_await out.write("one ");
  co_await out.write("two");
  if (failure_of(event) == "late") throw Error("Function.Refused", "no more");
}

json::value meet(json::value) {
  static std::latch all(4);
  all.arrive_and_wait();
  const char* trace = std::getenv("_X_AMZN_TRACE_ID");
  return {{"trace_variable", trace ? json::value(trace) : json::value()}};
}

Task<json::value> until_cancelled(json::value, Context context) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  const std::stop_callback on_cancel(context.cancel(), [&] { timer.cancel(); });
  boost::system::error_code cancelled;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  co_return json::value{{"left", context.remaining().count()}};
}

void block_for_ever(json::value, const Context& context) {
  log(LogLevel::info, "blocking", context);
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

void write_log(json::value, const Context& context) {
  log(LogLevel::debug, "not wanted", context);
  log(LogLevel::info, "with context", context);
  creel::lambda::log(LogLevel::warn, "without context");
  log(LogLevel::info, "last line", context);
}

void start() {
  const char* how = std::getenv("START");
  const std::string text = how ? how : "";
  if (text == "fails") throw Error("Runtime.ConfigInvalid", "no bucket is configured");
  if (text == "crashes") crash(nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  creel::lambda::Options options{.on_start = start, .on_shutdown = {}};
  if (std::getenv("HOOK")) options.on_shutdown = [] { creel::lambda::log(LogLevel::info, "closing"); };
  return creel::lambda::run(argc, argv,
                            {{"echo", echo},
                             {"echo-later", echo_later},
                             {"echo-typed", echo_typed},
                             {"echo-elsewhere", echo_elsewhere},
                             {"echo-streams", echo_streams},
                             {"twice", twice},
                             {"context", tell_context},
                             {"throw", [](json::value) { throw_out_of_range(); }},
                             {"refuse", refuse},
                             {"raise", [](json::value event) { std::raise(event.to_number<int>()); }},
                             {"crash", crash},
                             {"crash-later", crash_later},
                             {"overflow", [](json::value) { return deep(0); }},
                             {"crash-or-wait", crash_or_wait},
                             {"loose-exception", loose_exception},
                             {"repeat", repeat},
                             {"stream", stream},
                             {"stream-later", stream_later},
                             {"meet", meet},
                             {"until-cancelled", until_cancelled},
                             {"block-for-ever", block_for_ever},
                             {"log", write_log},
                             {"print", [](json::value) { std::puts("printed"); }}},
                            options);
}
