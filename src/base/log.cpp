#include "base/log.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/failure.h"
#include "base/log_output.h"
#include "base/text.h"

namespace creel {
namespace {

constexpr std::string_view kReplacement = "\\ufffd";

/// The length of the UTF-8 character that `text` starts with (RFC 3629), or 0 if it starts with none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto in = [](unsigned value, unsigned first, unsigned last) { return value >= first && value <= last; };
  const auto continues = [&](std::size_t i) { return in(byte(i), 0x80, 0xBF); };
  const auto lead = byte(0);
  if (lead < 0x80) return 1;
  if (in(lead, 0xC2, 0xDF)) return continues(1) ? 2 : 0;
  if (in(lead, 0xE0, 0xEF)) {
    const bool usual = in(byte(1), lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return usual && continues(2) ? 3 : 0;
  }
  const bool usual = in(byte(1), lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
  return in(lead, 0xF0, 0xF4) && usual && continues(2) && continues(3) ? 4 : 0;
}

/// `%J`: the message as a JSON string; bytes that are no UTF-8 become U+FFFD.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    std::string_view rest(message.payload.data(), message.payload.size());
    out.push_back('"');
    while (!rest.empty()) {
      const char c = rest.front();
      const auto length = utf8_length(rest);
      if (c == '"' || c == '\\') out.push_back('\\');
      if (length == 0) {
        out.append(kReplacement);
      } else if (static_cast<unsigned char>(c) < 0x20) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      } else {
        out.append(rest.substr(0, length));
      }
      rest.remove_prefix(std::max<std::size_t>(1, length));
    }
    out.push_back('"');
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonMessage>(); }
};

}  // namespace

Log make_log(LogFormat format, std::string_view level) {
  return log_into(std::make_shared<spdlog::sinks::stderr_sink_mt>(), format, level, STDERR_FILENO);
}

Log log_into(std::shared_ptr<spdlog::sinks::sink> sink, LogFormat format, std::string_view level, int stream) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") {
    throw Failure(FailureKind::bad_request,
                  fmt::format("unknown log level '{}': use trace, debug, info, warn, error or off", level));
  }
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (format == LogFormat::json) {
    formatter->add_flag<JsonMessage>('J').set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%J})");
  } else {
    const std::string clear_line = stream >= 0 && ::isatty(stream) == 1 ? "\r\x1b[K" : "";
    formatter->set_pattern(clear_line + "%Y-%m-%d %H:%M:%S.%e %l: %v");
  }
  sink->set_formatter(std::move(formatter));
  auto log = std::make_shared<spdlog::logger>("creel", std::move(sink));
  log->set_level(parsed);
  return log;
}

Log silent_log() {
  auto log = std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
  log->set_level(spdlog::level::off);
  return log;
}

}  // namespace creel
