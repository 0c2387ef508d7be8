#pragma once

#include <arpa/inet.h>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "base/file_descriptor.h"
#include "base/wakeup.h"
#include "net/event_loop.h"
#include "net/http_server.h"

namespace creel::testing {

/// A connection whose bytes the test writes and reads itself.
class Wire {
 public:
  explicit Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }

  void send(std::string_view text) const { ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL); }

  /// Reads until `end` has come, or to the end of the connection.
  std::string read_until(std::string_view end) {
    while (text_.find(end) == std::string::npos && read_more()) continue;
    const auto found = text_.find(end);
    const auto size = found == std::string::npos ? text_.size() : found + end.size();
    auto result = text_.substr(0, size);
    text_.erase(0, size);
    return result;
  }

  std::string read_all() {
    while (read_more()) continue;
    return std::exchange(text_, {});
  }

 private:
  bool read_more() {
    char buffer[4096];
    const auto count = ::recv(socket_.number(), buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    text_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  FileDescriptor socket_;
  std::string text_;
  bool connected_ = false;
};

/// A server on a loop of its own.
class Served {
 public:
  explicit Served(HttpHandler handler, HttpServerOptions options = {}) {
    server_ = std::make_unique<HttpServer>(loop_.executor(), std::move(handler), std::move(options));
    on_loop([this] { server_->listen("127.0.0.1", 0); });
    on_loop([this] { port_ = server_->port(); });
  }
  ~Served() { loop_.stop(); }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  std::uint16_t port() const { return port_; }
  HttpServer& server() { return *server_; }
  auto executor() { return loop_.executor(); }

  std::future<void> stop(std::chrono::milliseconds patience) {
    return boost::asio::co_spawn(loop_.executor(), server_->stop(std::chrono::steady_clock::now() + patience),
                                 boost::asio::use_future);
  }

  std::string ask(std::string_view request) const {
    Wire wire(port_);
    wire.send(request);
    return wire.read_all();
  }

  template <class Work>
  void on_loop(Work work) {
    std::promise<void> done;
    boost::asio::post(loop_.executor(), [&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }

 private:
  EventLoop loop_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

/// A handler that waits until the test lets it go on.
struct Gate {
  explicit Gate(const boost::asio::any_io_executor& executor) : entered(), leave(std::make_shared<Wakeup>(executor)) {}

  Task<HttpReply> pass() {
    entered.set_value();
    co_await leave->wait();
    co_return HttpReply{.body = "passed"};
  }

  std::promise<void> entered;
  std::shared_ptr<Wakeup> leave;
};

}  // namespace creel::testing
