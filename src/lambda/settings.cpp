#include "lambda/settings.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>

#include "lambda/text.h"

namespace creel::lambda {

namespace asio = boost::asio;

namespace {

// Far above what the service asks for; each is a connection.
constexpr std::size_t kMostConcurrent = 1024;

// Reads a small file with system calls alone: streams would bring the locales into the program.
std::string read_file(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char block[4096];
  for (ssize_t size; (size = ::read(fd, block, sizeof block)) > 0;) text.append(block, static_cast<std::size_t>(size));
  ::close(fd);
  return text;
}

// Takes the next word off `line`.
std::string_view next_word(std::string_view& line) {
  const auto start = std::min(line.find_first_not_of(" \t\r"), line.size());
  const auto end = std::min(line.find_first_of(" \t\r", start), line.size());
  const auto word = line.substr(start, end - start);
  line.remove_prefix(end);
  return word;
}

std::optional<asio::ip::address> find_in_hosts(std::string_view name, const std::string& hosts_file) {
  const auto text = read_file(hosts_file);
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    line = line.substr(0, line.find('#'));
    boost::system::error_code error;
    auto address = asio::ip::make_address(next_word(line), error);
    if (error) continue;
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
      if (word == name) return address;
    }
  }
  return std::nullopt;
}

std::optional<asio::ip::address> find_host(std::string_view host, const std::string& hosts_file) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  auto address = asio::ip::make_address(host, error);
  if (!error) return address;
  if (host == "localhost") return asio::ip::address_v4::loopback();
  return find_in_hosts(host, hosts_file);
}

std::string text_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value ? value : "";
}

std::size_t read_concurrency(const Environment& environment) {
  const auto text = text_of(environment, "AWS_LAMBDA_MAX_CONCURRENCY");
  if (text.empty()) return 1;
  const auto number = number_or<std::size_t>(text, 0);
  if (number == 0) {
    throw std::invalid_argument(concat({"AWS_LAMBDA_MAX_CONCURRENCY is '", text, "'; it must be a number from 1"}));
  }
  return std::min(number, kMostConcurrent);
}

}  // namespace

ApiAddress parse_api_address(std::string_view text, const std::string& hosts_file) {
  auto rest = text;
  if (rest.starts_with("http://")) rest.remove_prefix(7);
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto host = rest.substr(0, slash);
  auto base_path = rest.substr(slash);
  while (base_path.ends_with('/')) base_path.remove_suffix(1);

  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const auto port = has_port ? number_or<std::uint16_t>(host.substr(colon + 1), 0) : std::uint16_t{80};
  if (port == 0) throw std::invalid_argument(concat({"AWS_LAMBDA_RUNTIME_API is '", text, "', without a usable port"}));

  const auto address = find_host(has_port ? host.substr(0, colon) : host, hosts_file);
  if (!address) {
    throw std::invalid_argument(concat(
        {"AWS_LAMBDA_RUNTIME_API is '", text, "'; its host must be an address, localhost, or a name in ", hosts_file}));
  }
  return {{*address, port}, std::string(host), std::string(base_path)};
}

std::chrono::milliseconds Backoff::wait(int failures, double random) const {
  const auto doublings = std::min(std::max(failures, 1) - 1, 30);
  const auto longest =
      std::min(static_cast<double>(cap.count()), std::ldexp(static_cast<double>(base.count()), doublings));
  return std::chrono::milliseconds(static_cast<std::int64_t>(longest * random));
}

std::optional<Settings> read_settings(const Environment& environment) {
  const auto api = text_of(environment, "AWS_LAMBDA_RUNTIME_API");
  if (api.empty()) return std::nullopt;
  Settings settings;
  settings.api = parse_api_address(api);
  if (const char* handler = environment("_HANDLER"); handler && *handler) settings.handler = handler;
  settings.concurrency = read_concurrency(environment);
  settings.function = std::make_shared<const FunctionInfo>(FunctionInfo{
      .name = text_of(environment, "AWS_LAMBDA_FUNCTION_NAME"),
      .version = text_of(environment, "AWS_LAMBDA_FUNCTION_VERSION"),
      .memory_mib = number_or<std::uint64_t>(text_of(environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 0),
      .log_group = text_of(environment, "AWS_LAMBDA_LOG_GROUP_NAME"),
      .log_stream = text_of(environment, "AWS_LAMBDA_LOG_STREAM_NAME"),
  });
  return settings;
}

LogFormat read_log_format(const Environment& environment) {
  const auto text = text_of(environment, "AWS_LAMBDA_LOG_FORMAT");
  return text == "JSON" || text == "json" || text == "Json" ? LogFormat::json : LogFormat::text;
}

LogLevel read_log_level(const Environment& environment) {
  auto text = text_of(environment, "AWS_LAMBDA_LOG_LEVEL");
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (text == "TRACE") return LogLevel::trace;
  if (text == "DEBUG") return LogLevel::debug;
  if (text == "WARN" || text == "WARNING") return LogLevel::warn;
  if (text == "ERROR") return LogLevel::error;
  if (text == "FATAL" || text == "CRITICAL") return LogLevel::fatal;
  return LogLevel::info;
}

}  // namespace creel::lambda
