#include "support/scripted_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace creel::testing {
namespace {

/// Where a chunked body with its trailers ends; nothing while there is more to come.
std::optional<std::size_t> end_of_chunks(const std::string& text) {
  for (std::size_t at = 0;;) {
    const auto line_end = text.find("\r\n", at);
    if (line_end == std::string::npos) return std::nullopt;
    const auto size = std::stoul(text.substr(at, line_end - at), nullptr, 16);
    if (size == 0) {
      const auto end = text.find("\r\n\r\n", line_end);
      return end == std::string::npos ? std::nullopt : std::optional(end + 4);
    }
    at = line_end + 2 + size + 2;
    if (at > text.size()) return std::nullopt;
  }
}

/// Reads one request from `fd`; `buffer` keeps what came beyond it. False at the end of the connection.
bool read_request(int fd, std::string& buffer, WireRequest& request) {
  const auto receive = [&] {
    char chunk[65536];
    const auto count = recv(fd, chunk, sizeof chunk, 0);
    if (count <= 0) return false;
    buffer.append(chunk, static_cast<std::size_t>(count));
    return true;
  };
  std::size_t head_end = 0;
  while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return false;
  }
  const std::string head = buffer.substr(0, head_end);
  buffer.erase(0, head_end + 4);

  const auto lines = split(head, '\n');
  const auto words = split(trim(lines[0]), ' ');
  request.method = words.at(0);
  request.target = words.at(1);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto line = trim(lines[i]);
    const auto colon = line.find(':');
    request.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  if (request.header("Transfer-Encoding") == "chunked") {
    std::optional<std::size_t> end;
    while (!(end = end_of_chunks(buffer))) {
      if (!receive()) return false;
    }
    request.body = buffer.substr(0, *end);
    buffer.erase(0, *end);
    return true;
  }
  const auto length_text = request.header("Content-Length");
  const std::size_t length = length_text.empty() ? 0 : std::stoul(length_text);
  while (buffer.size() < length) {
    if (!receive()) return false;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return true;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string WireRequest::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (ascii_iequals(field, name)) return value;
  }
  return {};
}

WireReply WireReply::response(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers) {
  std::string bytes = fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n", status, body.size());
  for (const auto& [name, value] : headers) bytes += fmt::format("{}: {}\r\n", name, value);
  return {.bytes = bytes + "\r\n" + body};
}

ScriptedServer::ScriptedServer(Script script, const std::string& address)
    : script_(std::move(script)), address_(address), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  inet_pton(AF_INET, address.c_str(), &in.sin_addr);
  socklen_t length = sizeof in;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&in), length) != 0 || listen(listener_, 1024) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&in), &length) != 0) {
    throw std::runtime_error("cannot listen on " + address);
  }
  port_ = ntohs(in.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& thread : threads_) thread.join();
  close(listener_);
}

std::string ScriptedServer::url(std::string_view path) const {
  return fmt::format("http://{}:{}{}", address_, port_, path);
}

std::vector<WireRequest> ScriptedServer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

int ScriptedServer::connections() const {
  const std::scoped_lock lock(mutex_);
  return connections_;
}

int ScriptedServer::peak_connections() const {
  const std::scoped_lock lock(mutex_);
  return peak_;
}

void ScriptedServer::accept_all() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::scoped_lock lock(mutex_);
    if (fd < 0 || stopping_) {
      if (fd >= 0) close(fd);
      return;
    }
    open_.push_back(fd);
    peak_ = std::max(peak_, static_cast<int>(open_.size()));
    threads_.emplace_back([this, fd, number = ++connections_] { serve(fd, number); });
  }
}

void ScriptedServer::serve(int fd, int number) {
  std::string buffer;
  WireRequest request;
  while (read_request(fd, buffer, request)) {
    request.connection = number;
    WireReply reply;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
      reply = script_(request);
    }
    send_all(fd, reply.bytes);
    if (reply.then == WireReply::Then::close) break;
    if (reply.then == WireReply::Then::stall) {
      char ignored = 0;
      while (recv(fd, &ignored, 1, 0) > 0) continue;
      break;
    }
    request = {};
  }
  const std::scoped_lock lock(mutex_);
  std::erase(open_, fd);
  close(fd);
}

}  // namespace creel::testing
