#include "lambda/crash_report.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "lambda/error_report.h"
#include "lambda/fixed_text.h"
#include "lambda/log.h"
#include "lambda/stack_trace.h"
#include "lambda/utf8.h"

// From the signal on, nothing here takes memory or a lock: what the crash has left behind is unknown. All texts are in
// buffers that were there before, and the report goes out over a socket of its own.

namespace creel::lambda {

namespace {

constexpr std::size_t kSignalStackBytes = 128 * 1024;
constexpr std::size_t kLongestFrame = 240;
constexpr std::size_t kLongestMessage = 900;
constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);

struct Slot {
  std::atomic<bool> is_used{false};
  FixedText<128> request_id;
  FixedText<128> invocation_id;
};

struct Target {
  sockaddr_storage address{};
  socklen_t address_size = 0;
  FixedText<256> host;
  FixedText<256> base_path;
};

struct Report {
  FixedText<128> type;
  FixedText<128> service_type;
  FixedText<1024> message;
  // The elements of a JSON array.
  FixedText<12 * 1024> stack;
};

// Signal handlers find nothing but what is global.
constinit Target g_target{};
constinit Slot* g_slots = nullptr;
constinit std::size_t g_slot_count = 0;
constinit Report g_report{};
constinit FixedText<16 * 1024> g_body{};
constinit FixedText<1024> g_head{};
constinit std::atomic<pid_t> g_crashing_thread{0};
constinit std::atomic<bool> g_is_posting{false};
thread_local constinit std::size_t t_slot = kNoSlot;

struct FatalSignal {
  int number;
  std::string_view type;
  std::string_view message;
};

constexpr std::array kFatalSignals{
    FatalSignal{SIGSEGV, "Runtime.SegmentationFault", "signal: segmentation fault (SIGSEGV)"},
    FatalSignal{SIGABRT, "Runtime.Aborted", "signal: aborted (SIGABRT)"},
    FatalSignal{SIGBUS, "Runtime.BusError", "signal: bus error (SIGBUS)"},
    FatalSignal{SIGFPE, "Runtime.ArithmeticError", "signal: arithmetic error, such as a division by zero (SIGFPE)"},
    FatalSignal{SIGILL, "Runtime.IllegalInstruction", "signal: illegal instruction (SIGILL)"},
};

void restore_default(int signal) {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
}

[[noreturn]] void die_of(int signal) {
  restore_default(signal);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

// One thread reports; the others wait for the end. @return false if this thread is reporting already
bool begin_crash() {
  const auto self = static_cast<pid_t>(::syscall(SYS_gettid));
  pid_t nobody = 0;
  if (g_crashing_thread.compare_exchange_strong(nobody, self)) return true;
  if (nobody == self) return false;
  for (;;) ::pause();
}

void add_frame(std::string_view name, std::size_t offset) {
  auto& stack = g_report.stack;
  if (stack.room() < 2 * kLongestFrame + 32) return;
  stack.add(stack.view().empty() ? "\"" : ",\"").add_escaped(name.substr(0, kLongestFrame));
  stack.add("+0x").add_number(offset, 16).add("\"");
}

void add_stack(const StackTrace& trace) {
  const SymbolTable symbols;
  for (std::size_t i = 0; i < trace.count; ++i) {
    const auto place = symbols.find(trace.frames[i]);
    if (place.calls_handlers()) return;
    add_frame(place.symbol ? std::string_view(place.symbol) : place.file, place.offset);
  }
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Sends g_head and g_body, and waits for the answer: the process must not end before the service has them.
void post() {
  const int socket = ::socket(g_target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&g_target.address), g_target.address_size) == 0 &&
      send_all(socket, g_head.view()) && send_all(socket, g_body.view())) {
    char answer[512];
    while (::recv(socket, answer, sizeof answer, 0) < 0 && errno == EINTR) continue;
  }
  ::close(socket);
}

void make_body(bool is_cause) {
  g_body.clear();
  g_body.add(R"({"errorMessage":")").add(is_cause ? "" : "the process ended because of another invocation: ");
  g_body.add_escaped(g_report.message.view()).add(R"(","errorType":")").add_escaped(g_report.type.view());
  g_body.add(R"(","stackTrace":[)").add(is_cause ? g_report.stack.view() : "").add("]}");
}

void make_head(const Slot* slot) {
  g_head.clear();
  g_head.add("POST ").add(g_target.base_path.view()).add("/2018-06-01/runtime/");
  if (slot) {
    g_head.add("invocation/").add(slot->request_id.view()).add("/error");
  } else {
    g_head.add("init/error");
  }
  g_head.add(" HTTP/1.1\r\nHost: ").add(g_target.host.view());
  g_head.add("\r\nContent-Type: application/json\r\nLambda-Runtime-Function-Error-Type: ");
  g_head.add(g_report.service_type.view());
  if (slot && !slot->invocation_id.view().empty()) {
    g_head.add("\r\nLambda-Runtime-Invocation-Id: ").add(slot->invocation_id.view());
  }
  g_head.add("\r\nContent-Length: ").add_number(g_body.view().size()).add("\r\nConnection: close\r\n\r\n");
}

void write_log_line(const Slot* slot) {
  static constinit FixedText<16 * 1024> line{};
  line.clear();
  const auto stamp = timestamp(std::chrono::system_clock::now());
  const std::string_view time(stamp.data(), stamp.size());
  const auto id = slot ? slot->request_id.view() : std::string_view();
  if (log_format() == LogFormat::json) {
    line.add(R"({"timestamp":")").add(time).add(R"(","level":"FATAL","requestId":")").add_escaped(id);
    line.add(R"(","errorType":")").add_escaped(g_report.type.view());
    line.add(R"(","message":")").add_escaped(g_report.message.view());
    line.add(R"(","stackTrace":[)").add(g_report.stack.view()).add("]}\n");
  } else {
    line.add(time).add("\t").add(id.empty() ? "-" : id).add("\tFATAL\t").add(g_report.type.view()).add(": ");
    line.add_escaped(g_report.message.view()).add(" [").add(g_report.stack.view()).add("]\n");
  }
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.view().data(), line.view().size());
}

// The invocation that the crash is put down to: this thread's; on the event loop the only one, if it is.
const Slot* find_cause() {
  if (t_slot < g_slot_count && g_slots[t_slot].is_used) return &g_slots[t_slot];
  const Slot* only = nullptr;
  for (std::size_t i = 0; i < g_slot_count; ++i) {
    if (!g_slots[i].is_used) continue;
    if (only) return nullptr;
    only = &g_slots[i];
  }
  return only;
}

void post_report() {
  g_is_posting = true;
  const auto* cause = find_cause();
  write_log_line(cause);
  bool is_any_under_way = false;
  for (std::size_t i = 0; i < g_slot_count; ++i) {
    const auto& slot = g_slots[i];
    if (!slot.is_used) continue;
    is_any_under_way = true;
    // With several and no one to blame, each of them gets all that is known.
    make_body(!cause || cause == &slot);
    make_head(&slot);
    post();
  }
  if (is_any_under_way) return;
  make_body(true);
  make_head(nullptr);
  post();
}

void on_signal(int number, siginfo_t* info, void*) {
  if (!begin_crash()) {
    // Another crash while the stack was walked: the report goes out without the rest of it.
    if (!g_is_posting) post_report();
    die_of(number);
  }
  for (const auto& signal : kFatalSignals) {
    if (signal.number != number) continue;
    g_report.type.add(signal.type);
    g_report.service_type.add(signal.type);
    g_report.message.add(signal.message);
  }
  if ((number == SIGSEGV || number == SIGBUS) && info->si_code > 0) {
    g_report.message.add(" at address 0x").add_number(reinterpret_cast<std::uintptr_t>(info->si_addr), 16);
  }
  // This function and the frame that the kernel makes for it say nothing.
  add_stack(capture_stack(2));
  post_report();
  die_of(number);
}

// What ended in std::terminate; here memory may be taken.
void describe_termination() {
  const auto error = std::current_exception();
  if (error) {
    const auto report = report_of(error);
    g_report.type.add(report.type);
    g_report.service_type.add(service_type(report.type));
    g_report.message.add(valid_utf8(report.message, kLongestMessage)).add(" (nothing caught it: std::terminate)");
    for (const auto& frame : report.stack) {
      if (g_report.stack.room() < 2 * kLongestFrame + 32) break;
      g_report.stack.add(g_report.stack.view().empty() ? "\"" : ",\"");
      g_report.stack.add_escaped(std::string_view(frame).substr(0, kLongestFrame)).add("\"");
    }
  } else {
    g_report.type.add("Runtime.Terminated");
    g_report.service_type.add("Runtime.Terminated");
    g_report.message.add("std::terminate was called");
  }
  if (g_report.stack.view().empty()) add_stack(capture_stack(2));
}

[[noreturn]] void on_terminate() {
  if (begin_crash()) {
    describe_termination();
    post_report();
  }
  die_of(SIGABRT);
}

}  // namespace

void install_crash_reports(const ApiAddress& api, std::size_t slots) {
  std::memcpy(&g_target.address, api.endpoint.data(), api.endpoint.size());
  g_target.address_size = static_cast<socklen_t>(api.endpoint.size());
  g_target.host.add(api.host);
  g_target.base_path.add(api.base_path);
  // For the life of the process.
  g_slots = new Slot[slots];
  g_slot_count = slots;

  std::set_terminate(on_terminate);
  struct sigaction action{};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (const auto& signal : kFatalSignals) ::sigaction(signal.number, &action, nullptr);
}

UnderWay::UnderWay(std::size_t slot, std::string_view request_id, std::string_view invocation_id) : slot_(slot) {
  if (slot_ >= g_slot_count) return;
  auto& entry = g_slots[slot_];
  entry.request_id.clear();
  entry.request_id.add(request_id);
  entry.invocation_id.clear();
  entry.invocation_id.add(invocation_id);
  entry.is_used = true;
}

UnderWay::~UnderWay() {
  if (slot_ < g_slot_count) g_slots[slot_].is_used = false;
}

ThreadWorksOn::ThreadWorksOn(std::size_t slot) {
  t_slot = slot;
}
ThreadWorksOn::~ThreadWorksOn() {
  t_slot = kNoSlot;
}

SignalStack::SignalStack()
    : memory_(::mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
  if (memory_ == MAP_FAILED) {
    memory_ = nullptr;
    return;
  }
  stack_t stack{};
  stack.ss_sp = memory_;
  stack.ss_size = kSignalStackBytes;
  ::sigaltstack(&stack, nullptr);
}

SignalStack::~SignalStack() {
  if (!memory_) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
  ::munmap(memory_, kSignalStackBytes);
}

}  // namespace creel::lambda
