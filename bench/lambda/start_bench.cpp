// start_bench [--runs N] NAME=PROGRAM[,ARGUMENT...]...
//
// Starts each program again and again, in turn, with the environment of a Lambda function whose Runtime API is a socket
// here, and measures from just before the start to its first request for an event; for a program that makes none, to
// its end. Prints one JSON object: {"NAME": {"median_us", "min_us", "p90_us"}, ...}.

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Program {
  std::string name;
  std::vector<std::string> words;
  std::vector<double> microseconds;
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "start_bench: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

/// The start of "GET /2018-06-01/runtime/invocation/next".
constexpr std::string_view kNext = "GET ";

int listen_somewhere(std::string& address) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof name;
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&name), length) != 0 ||
      ::listen(listener, 64) != 0 || ::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    die("cannot listen on loopback");
  }
  address = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
  return listener;
}

/// Waits for the program's request or its end, whichever comes first.
void wait_for_first(int listener, int process) {
  pollfd waits[2] = {{listener, POLLIN, 0}, {process, POLLIN, 0}};
  while (::poll(waits, 2, 30'000) < 0 && errno == EINTR) continue;
  if ((waits[0].revents & POLLIN) == 0) {
    if ((waits[1].revents & POLLIN) == 0) die("neither a request nor an end within 30 s");
    return;
  }
  const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  std::string text(4096, '\0');
  const auto got = ::recv(connection, text.data(), text.size(), 0);
  if (got < static_cast<ssize_t>(kNext.size()) || !text.starts_with(kNext)) die("this is no request for an event");
  ::close(connection);
}

double start_once(const Program& program, int listener, const std::vector<char*>& environment) {
  std::vector<char*> arguments;
  for (const auto& word : program.words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  pid_t pid = 0;
  const auto started = Clock::now();
  if (const int error = ::posix_spawnp(&pid, arguments[0], nullptr, nullptr, arguments.data(), environment.data())) {
    errno = error;
    die(program.words[0]);
  }
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  wait_for_first(listener, process);
  const auto took = std::chrono::duration<double, std::micro>(Clock::now() - started).count();
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  ::close(process);
  return took;
}

}  // namespace

int main(int count, char** words) {
  int runs = 200;
  std::vector<Program> programs;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--runs" && i + 1 < count) {
      runs = std::max(1, std::atoi(words[++i]));
      continue;
    }
    const auto equals = word.find('=');
    if (equals == std::string::npos) die(word + " is not NAME=PROGRAM");
    Program program{.name = word.substr(0, equals), .words = {}, .microseconds = {}};
    for (auto rest = word.substr(equals + 1);;) {
      const auto comma = rest.find(',');
      program.words.push_back(rest.substr(0, comma));
      if (comma == std::string::npos) break;
      rest = rest.substr(comma + 1);
    }
    programs.push_back(std::move(program));
  }

  std::string address;
  const int listener = listen_somewhere(address);
  const std::string path = std::getenv("PATH") == nullptr ? "/usr/bin:/bin" : std::getenv("PATH");
  std::vector<std::string> variables{
      "AWS_LAMBDA_RUNTIME_API=" + address,   "_HANDLER=fetch-store-image", "AWS_LAMBDA_FUNCTION_NAME=bench",
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "AWS_REGION=us-east-1",       "PATH=" + path};
  std::vector<char*> environment;
  for (auto& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);

  for (int run = 0; run < runs; ++run) {
    for (auto& program : programs) program.microseconds.push_back(start_once(program, listener, environment));
  }
  std::printf("{");
  for (auto& program : programs) {
    auto& times = program.microseconds;
    std::ranges::sort(times);
    std::printf("%s\"%s\": {\"median_us\": %.0f, \"min_us\": %.0f, \"p90_us\": %.0f}",
                &program == programs.data() ? "" : ", ", program.name.c_str(), times[times.size() / 2], times.front(),
                times[times.size() * 9 / 10]);
  }
  std::printf("}\n");
}
