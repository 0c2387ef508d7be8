#include "sources/jq_filter.h"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>

extern "C" {
#include <jq.h>
}

#include "base/text.h"
#include "sources/jq_sandbox.h"

namespace creel {
namespace {

constexpr int kDone = 0;
constexpr int kBadJob = 2;
constexpr std::size_t kMaxJobBytes = std::size_t{256} * 1024 * 1024;

struct Job {
  SandboxLimits limits;
  std::size_t output_bytes = 0;
  std::size_t results = 0;
  std::string program;
  std::string variables;
  std::string input;
};

/// Writes to the parent. Who cannot write has nobody to work for, and ends.
class Output {
 public:
  explicit Output(int file) : file_(file) {}

  void add(std::string_view text) {
    pending_ += text;
    if (pending_.size() >= kChunk) flush();
  }

  void flush() { write_all(std::exchange(pending_, {})); }

  /// Without taking memory.
  void write_all(std::string_view text) const {
    while (!text.empty()) {
      const auto written = ::write(file_, text.data(), text.size());
      if (written <= 0) ::_exit(kBadJob);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  static constexpr std::size_t kChunk = std::size_t{64} * 1024;
  int file_;
  std::string pending_;
};

bool read_exactly(int file, std::string& out, std::size_t bytes) {
  if (bytes > kMaxJobBytes) return false;
  out.resize(bytes);
  for (std::size_t at = 0; at < bytes;) {
    const auto count = ::read(file, out.data() + at, bytes - at);
    if (count <= 0) return false;
    at += static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<std::string> read_line(int file) {
  std::string line;
  for (char c = 0; ::read(file, &c, 1) == 1; line += c) {
    if (c == '\n') return line;
    if (line.size() > 200) break;
  }
  return std::nullopt;
}

bool read_numbers(std::string_view text, std::span<std::size_t* const> into) {
  const auto words = split(text, ' ');
  if (words.size() != into.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto end = words[i].data() + words[i].size();
    const auto read = std::from_chars(words[i].data(), end, *into[i]);
    if (read.ec != std::errc{} || read.ptr != end) return false;
  }
  return true;
}

/// Reads the job; shuts this process in as soon as the limits are known, before anything else is looked at.
std::optional<Job> take_job(int file) {
  const auto line = read_line(file);
  if (!line || !line->starts_with(kJqGreeting) || line->size() <= kJqGreeting.size() + 1) return std::nullopt;
  Job job;
  std::size_t program = 0;
  std::size_t variables = 0;
  std::size_t input = 0;
  std::size_t* const numbers[] = {
      &job.limits.memory_bytes, &job.limits.cpu_seconds, &job.output_bytes, &job.results, &program, &variables, &input};
  if (!read_numbers(std::string_view(*line).substr(kJqGreeting.size() + 1), numbers)) return std::nullopt;
  if (!enter_sandbox(job.limits)) return std::nullopt;
  if (!read_exactly(file, job.program, program) || !read_exactly(file, job.variables, variables) ||
      !read_exactly(file, job.input, input)) {
    return std::nullopt;
  }
  return job;
}

/// A jv value that is let go of. libjq's functions take over what they are given, so `copy` it for them.
class Value {
 public:
  explicit Value(jv value) : value_(value) {}
  ~Value() { jv_free(value_); }
  Value(Value&& other) noexcept : value_(std::exchange(other.value_, jv_null())) {}

  jv copy() const { return jv_copy(value_); }
  jv_kind kind() const { return jv_get_kind(value_); }
  bool is_valid() const { return jv_is_valid(value_) != 0; }

  std::string text() const {
    const auto length = jv_string_length_bytes(jv_copy(value_));
    return {jv_string_value(value_), static_cast<std::size_t>(length)};
  }

 private:
  jv value_;
};

std::string json(jv value) {
  return Value(jv_dump_string(value, 0)).text();
}

std::string json_string_of(const std::string& text) {
  const auto cut = utf8_prefix(text, kMaxJqMessageBytes);
  return json(jv_string_sized(cut.data(), static_cast<int>(cut.size())));
}

/// What an error value says, and nothing for the error that only means the end.
std::optional<std::string> error_text(jv invalid) {
  if (jv_invalid_has_msg(jv_copy(invalid)) == 0) {
    jv_free(invalid);
    return std::nullopt;
  }
  const Value message(jv_invalid_get_msg(invalid));
  return message.kind() == JV_KIND_STRING ? message.text() : json(message.copy());
}

void drop(std::string& text, std::string_view what) {
  if (const auto at = text.find(what); at != std::string::npos) text.erase(at, what.size());
}

/// Takes libjq's messages while it compiles: without what only makes sense to those who call jq in a shell.
void collect_message(void* out, jv value) {
  const Value message(jq_format_error(value));
  if (message.kind() != JV_KIND_STRING) return;
  auto text = message.text();
  if (text.find("compile error") != std::string::npos) return;
  drop(text, "jq: error: ");
  drop(text, " (Unix shell quoting issues?)");
  std::ranges::replace(text, '\n', ' ');
  auto& all = *static_cast<std::string*>(out);
  if (!all.empty()) all += "; ";
  all += trim(text);
}

void ignore_message(void*, jv value) {
  jv_free(value);
}

/// Without the escape "\\'", which JavaScript knows and JSON does not; some old APIs write it.
std::string without_escaped_quotes(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 1 < text.size();
    if (!is_escape || text[i + 1] != '\'') result += text[i];
    if (is_escape) result += text[++i];
  }
  return result;
}

/// `input` and `inputs` find no more than there is.
jv no_more_input(jq_state*, void*) {
  return jv_invalid();
}

class Filter {
 public:
  Filter(const Job& job, Output& output) : job_(job), output_(output), jq_(jq_init()) {
    jq_set_attr(jq_, jv_string("JQ_LIBRARY_PATH"), jv_array());
    jq_set_attr(jq_, jv_string("JQ_ORIGIN"), jv_string("/"));
    jq_set_attr(jq_, jv_string("PROGRAM_ORIGIN"), jv_string("/"));
    jq_set_debug_cb(jq_, ignore_message, nullptr);
    jq_set_input_cb(jq_, no_more_input, nullptr);
  }
  Filter(const Filter&) = delete;
  ~Filter() = default;  // the process ends, and with it all that libjq holds

  void run() {
    if (!compile()) return;
    if (job_.input.empty()) return end_well();
    const auto input = parse_input();
    if (!input) return;
    jq_start(jq_, input->copy(), 0);
    for (std::size_t results = 0;; ++results) {
      Value value(jq_next(jq_));
      if (!value.is_valid()) return end(value.copy());
      if (results == job_.results) return fail(JqFault::output, fmt::format("more than {} results", job_.results));
      if (!write(json(value.copy()))) return;
    }
  }

 private:
  bool compile() {
    std::string messages;
    jq_set_error_cb(jq_, collect_message, &messages);
    Value variables(jv_parse_sized(job_.variables.data(), static_cast<int>(job_.variables.size())));
    if (variables.kind() != JV_KIND_OBJECT) {
      fail(JqFault::compile, "its variables are no JSON object");
      return false;
    }
    if (job_.program.contains('\0')) {
      fail(JqFault::compile, "it contains a NUL character");
      return false;
    }
    if (jq_compile_args(jq_, job_.program.c_str(), variables.copy()) == 0) {
      fail(JqFault::compile, messages.empty() ? "libjq does not say why" : messages);
      return false;
    }
    jq_set_error_cb(jq_, ignore_message, nullptr);
    return true;
  }

  std::optional<Value> parse_input() {
    Value input(jv_parse_sized(job_.input.data(), static_cast<int>(job_.input.size())));
    if (input.is_valid()) return input;
    if (job_.input.contains("\\'")) {
      const auto corrected = without_escaped_quotes(job_.input);
      Value again(jv_parse_sized(corrected.data(), static_cast<int>(corrected.size())));
      if (again.is_valid()) return again;
    }
    auto reason = error_text(input.copy()).value_or("there is nothing in it");
    if (const auto at = reason.find(" (while parsing"); at != std::string::npos) reason.erase(at);
    fail(JqFault::input, reason);
    return std::nullopt;
  }

  bool write(const std::string& result) {
    written_ += result.size() + 2;
    if (written_ > job_.output_bytes) {
      fail(JqFault::output, fmt::format("more than {} bytes", job_.output_bytes));
      return false;
    }
    output_.add("+");
    output_.add(result);
    output_.add("\n");
    return true;
  }

  void end(jv last) {
    if (jq_halted(jq_) != 0) {
      jv_free(last);
      const Value message(jq_get_error_message(jq_));
      if (message.is_valid()) {
        return fail(JqFault::run, message.kind() == JV_KIND_STRING ? message.text() : json(message.copy()));
      }
      return end_well();
    }
    if (const auto error = error_text(last)) return fail(JqFault::run, *error);
    end_well();
  }

  void end_well() {
    output_.add(".\n");
    output_.flush();
  }

  void fail(JqFault fault, const std::string& message) {
    output_.add(fmt::format("!{}{}\n", static_cast<char>(fault), json_string_of(message)));
    output_.flush();
  }

  const Job& job_;
  Output& output_;
  jq_state* jq_;
  std::size_t written_ = 0;
};

/// Where the last word goes when there is no memory left.
int g_output = -1;

[[noreturn]] void out_of_memory() {
  // Results that are not written yet are lost; nobody uses those of a program that fails. The line end comes first, in
  // case that a result was cut off.
  Output(g_output).write_all("\n!m\"\"\n");
  ::_exit(kDone);
}

}  // namespace

void run_jq_filter(int input, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  g_output = output;
  std::set_new_handler(out_of_memory);
  jv_nomem_handler([](void*) { out_of_memory(); }, nullptr);
  const auto job = take_job(input);
  if (!job) ::_exit(kBadJob);
  Output out(output);
  Filter(*job, out).run();
  ::_exit(kDone);
}

}  // namespace creel
