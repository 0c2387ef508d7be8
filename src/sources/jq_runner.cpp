#include "sources/jq_runner.h"

#include <csignal>
#include <mutex>
#include <set>
#include <string_view>
#include <sys/wait.h>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/failure.h"
#include "base/hash.h"
#include "base/semaphore.h"
#include "base/text.h"
#include "sources/jq_filter.h"
#include "sources/jq_process.h"
#include "sources/json_members.h"

namespace creel {
namespace {

namespace asio = boost::asio;

/// A parsed value takes up to sixteen bytes for two of text, twice that while an array grows, and is copied when a
/// program changes it.
constexpr std::size_t kMemoryPerInputByte = 24;
constexpr std::size_t kMaxKnownPrograms = 256;

[[noreturn]] void fail(std::string message) {
  throw Failure(FailureKind::bad_request, std::move(message));
}

/// Puts the child's answer together: its results, and how it ended.
class Answer {
 public:
  explicit Answer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// False if there is more than there may be.
  bool add(std::string_view chunk) {
    bytes_ += chunk.size();
    if (bytes_ > max_bytes_) return false;
    for (;;) {
      const auto end = chunk.find('\n');
      line_ += chunk.substr(0, end);
      if (end == std::string_view::npos) return true;
      take_line();
      chunk.remove_prefix(end + 1);
    }
  }

  bool is_complete() const { return !last_.empty(); }
  std::vector<std::string> take_results() { return std::move(results_); }

  struct Fault {
    JqFault kind;
    std::string message;
  };
  std::optional<Fault> fault() const {
    if (last_.size() < 2 || last_[0] != '!') return std::nullopt;
    const auto text = std::string_view(last_).substr(2);
    return Fault{static_cast<JqFault>(last_[1]), is_json(text) && text[0] == '"' ? json_string(text) : ""};
  }

 private:
  void take_line() {
    if (line_.starts_with('+')) {
      results_.push_back(line_.substr(1));
    } else if (line_.starts_with('.') || line_.starts_with('!')) {
      last_ = line_;
    }
    line_.clear();
  }

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::string line_;
  std::string last_;
  std::vector<std::string> results_;
};

std::string text_of(const Answer::Fault& fault, const JqLimits& limits) {
  switch (fault.kind) {
    case JqFault::compile: return fmt::format("the jq program does not compile: {}", fault.message);
    case JqFault::input: return fmt::format("the answer is no JSON: {}", fault.message);
    case JqFault::output: return fmt::format("the jq program yields too much: {}", fault.message);
    case JqFault::memory:
      return fmt::format("the jq program needs more memory than allowed ({} MiB)", limits.memory_bytes >> 20);
    case JqFault::run: break;
  }
  return fmt::format("the jq program ends with an error: {}", fault.message);
}

/// For a child that did not say how it ended.
std::string text_of(const ProcessEnd& end, const JqLimits& limits) {
  if (end.is_late) {
    return fmt::format("the jq program takes longer than {} s",
                       std::chrono::duration<double>(limits.wall_time).count());
  }
  if (WIFSIGNALED(end.status)) {
    const int signal = WTERMSIG(end.status);
    if (signal == SIGXCPU || signal == SIGKILL) {
      return fmt::format("the jq program takes more than {} s of computing", limits.cpu_time.count());
    }
    // What libjq 1.6 does when it gets no memory: it calls no handler.
    if (signal == SIGABRT) {
      return fmt::format("libjq gives up on the jq program: it seems to need more memory than allowed ({} MiB)",
                         limits.memory_bytes >> 20);
    }
    return fmt::format("the jq program crashes (signal {}): are its values nested too deeply?", signal);
  }
  return {};
}

std::string greeting(const JqJob& job) {
  const auto memory = job.limits.memory_bytes + job.input.size() * kMemoryPerInputByte;
  return fmt::format("{} {} {} {} {} {} {} {}\n", kJqGreeting, memory, job.limits.cpu_time.count(),
                     job.limits.output_bytes, job.limits.results, job.program.size(), job.variables.size(),
                     job.input.size());
}

Task<std::vector<std::string>> run_in_child(std::string program_path, JqJob job) {
  const auto executor = co_await asio::this_coro::executor;
  JqProcess child(executor, program_path, job.limits.wall_time);
  const auto head = greeting(job);
  co_await child.write(head);
  co_await child.write(job.program);
  co_await child.write(job.variables);
  co_await child.write(job.input);

  // The child keeps to the limit itself; this is for one that does not.
  Answer answer(job.limits.output_bytes + std::size_t{64} * 1024);
  for (;;) {
    const auto chunk = co_await child.read_some();
    if (chunk.empty()) break;
    if (!answer.add(chunk)) fail("the jq program yields too much");
  }
  const auto end = co_await child.wait();
  if (const auto fault = answer.fault()) fail(text_of(*fault, job.limits));
  if (answer.is_complete()) co_return answer.take_results();
  auto message = text_of(end, job.limits);
  if (!message.empty()) fail(std::move(message));
  throw Failure(FailureKind::internal,
                fmt::format("'{} jq-filter' ended with {} and no answer", program_path, WEXITSTATUS(end.status)));
}

}  // namespace

struct JqRunner::State {
  State(std::string path, std::size_t at_a_time) : program_path(std::move(path)), places(at_a_time) {}

  std::string program_path;
  Semaphore places;
  std::mutex mutex;
  /// Digests of programs, and their variables, that compile.
  std::set<Sha256Digest> known;
};

JqRunner::JqRunner(std::string program_path, std::size_t at_a_time)
    : state_(std::make_unique<State>(std::move(program_path), at_a_time)) {}

JqRunner::~JqRunner() = default;

Task<std::vector<std::string>> JqRunner::run(JqJob job) const {
  if (trim(job.input).empty()) fail("the answer is empty: JSON was expected");
  const auto place = co_await state_->places.acquire();
  co_return co_await run_in_child(state_->program_path, std::move(job));
}

std::optional<std::string> JqRunner::compile_error(const std::string& program, const std::string& variables) const {
  const auto digest = sha256(variables + '\0' + program);
  {
    const std::scoped_lock lock(state_->mutex);
    if (state_->known.contains(digest)) return std::nullopt;
  }
  JqJob job{.program = program, .input = {}, .variables = variables};
  job.limits.wall_time = std::chrono::seconds(3);
  job.limits.cpu_time = std::chrono::seconds(2);
  asio::io_context loop;
  std::exception_ptr error;
  asio::co_spawn(loop, run_in_child(state_->program_path, std::move(job)),
                 [&error](std::exception_ptr thrown, const std::vector<std::string>&) { error = thrown; });
  loop.run();
  try {
    if (error) std::rethrow_exception(error);
  } catch (const Failure& failure) {
    if (failure.kind() != FailureKind::bad_request) throw;
    return failure.what();
  }
  const std::scoped_lock lock(state_->mutex);
  if (state_->known.size() >= kMaxKnownPrograms) state_->known.clear();
  state_->known.insert(digest);
  return std::nullopt;
}

}  // namespace creel
