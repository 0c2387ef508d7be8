#include "lambda/log.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <unistd.h>

#include <boost/json/serialize.hpp>

#include "lambda/text.h"
#include "lambda/utf8.h"

namespace creel::lambda {

namespace {

// The log is the process's own, like the standard error that it goes to.
constinit std::atomic<LogFormat> g_format{LogFormat::text};
constinit std::atomic<LogLevel> g_least{LogLevel::info};
constinit std::mutex g_only_mutex;
std::string& only_request_id() {
  static std::string id;
  return id;
}
thread_local constinit std::string_view t_request_id;

// One write a line, so that lines of several threads do not mix.
void write_out(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void put_number(char* where, int digits, unsigned number) {
  for (char* digit = where + digits; digit != where; number /= 10) *--digit = static_cast<char>('0' + number % 10);
}

std::string current_request_id() {
  if (!t_request_id.empty()) return std::string(t_request_id);
  const std::scoped_lock lock(g_only_mutex);
  return only_request_id();
}

void write_line(LogLevel level, std::string_view message, std::string_view request_id) {
  write_out(log_lines(log_format(), level, message, request_id, std::chrono::system_clock::now()) + '\n');
}

std::string json_line(std::string_view time, LogLevel level, std::string_view message, std::string_view request_id) {
  auto line = concat({R"({"timestamp":")", time, R"(","level":")", name_of(level), "\""});
  if (!request_id.empty()) line += concat({R"(,"requestId":)", json::serialize(json::string_view(request_id))});
  const auto valid = valid_utf8(message);
  return line + concat({R"(,"message":)", json::serialize(json::string_view(valid)), "}"});
}

}  // namespace

void configure_log(LogFormat format, LogLevel least) {
  g_format = format;
  g_least = least;
}

LogFormat log_format() {
  return g_format;
}

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 6> kNames{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
  return kNames[static_cast<std::size_t>(level)];
}

std::array<char, 24> timestamp(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  std::array<char, 24> text{};
  std::string_view("0000-00-00T00:00:00.000Z").copy(text.data(), text.size());
  put_number(&text[0], 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put_number(&text[5], 2, static_cast<unsigned>(date.month()));
  put_number(&text[8], 2, static_cast<unsigned>(date.day()));
  put_number(&text[11], 2, static_cast<unsigned>(clock.hours().count()));
  put_number(&text[14], 2, static_cast<unsigned>(clock.minutes().count()));
  put_number(&text[17], 2, static_cast<unsigned>(clock.seconds().count()));
  put_number(&text[20], 3, static_cast<unsigned>(clock.subseconds().count()));
  return text;
}

std::string log_lines(LogFormat format, LogLevel level, std::string_view message, std::string_view request_id,
                      std::chrono::system_clock::time_point now) {
  const auto stamp = timestamp(now);
  const std::string_view time(stamp.data(), stamp.size());
  if (format == LogFormat::json) return json_line(time, level, message, request_id);
  // The columns of AWS's own runtimes, which the log service's queries know.
  const auto prefix = concat({time, "\t", request_id.empty() ? "-" : request_id, "\t", name_of(level), "\t"});
  while (message.ends_with('\n')) message.remove_suffix(1);
  std::string lines;
  for (;;) {
    const auto end = message.find('\n');
    lines += prefix;
    lines += message.substr(0, end);
    if (end == std::string_view::npos) return lines;
    lines += '\n';
    message.remove_prefix(end + 1);
  }
}

ThreadLogScope::ThreadLogScope(std::string_view request_id) {
  t_request_id = request_id;
}
ThreadLogScope::~ThreadLogScope() {
  t_request_id = {};
}

void set_only_request_id(std::string_view request_id) {
  const std::scoped_lock lock(g_only_mutex);
  only_request_id() = request_id;
}

bool log_enabled(LogLevel level) {
  return level >= g_least.load();
}

void log(LogLevel level, std::string_view message, const Context& context) {
  if (log_enabled(level)) write_line(level, message, context.request_id());
}

void log(LogLevel level, std::string_view message) {
  if (log_enabled(level)) write_line(level, message, current_request_id());
}

}  // namespace creel::lambda
