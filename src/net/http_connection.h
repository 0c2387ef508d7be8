#pragma once

// The inside of http_server.h: for http_server.cpp and http_connection.cpp alone.

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/wakeup.h"
#include "net/http_server.h"

namespace creel {

/// What the server, its connections and a `stop` under way share.
class HttpServer::State : public std::enable_shared_from_this<HttpServer::State> {
 public:
  class Connection;

  State(boost::asio::any_io_executor executor, HttpHandler handler, HttpServerOptions options)
      : executor_(executor),
        handler_(std::move(handler)),
        options_(std::move(options)),
        acceptor_(executor),
        sweeper_(executor),
        all_gone_(std::make_shared<Wakeup>(executor)) {}

  void listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return acceptor_.is_open() ? acceptor_.local_endpoint().port() : std::uint16_t{0}; }
  std::size_t size() const { return open_; }
  Task<void> stop(SteadyTime deadline);
  void abandon();

 private:
  static Task<void> accept_all(std::shared_ptr<State> self);
  void add(boost::asio::ip::tcp::socket socket);
  bool make_room();
  void sweep();

  boost::asio::any_io_executor executor_;
  HttpHandler handler_;
  HttpServerOptions options_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer sweeper_;
  std::shared_ptr<Wakeup> all_gone_;
  std::list<Connection*> connections_;
  /// Those that have no request under way, the one that has waited longest first.
  std::list<Connection*> waiting_;
  /// Connections whose socket is open: one that was closed stays in the list until it has noticed.
  std::size_t open_ = 0;
  bool stopping_ = false;
};

/// A connection, the request on it, and the writer of its answer.
class HttpServer::State::Connection final : public HttpCall, public HttpBodyWriter {
 public:
  Connection(std::shared_ptr<State> server, boost::asio::ip::tcp::socket socket);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static Task<void> serve(std::shared_ptr<Connection> self);

  std::string_view method() const override;
  std::string_view target() const override;
  const HttpHeaders& headers() const override;
  const HttpHeaders& trailers() const override;
  Task<std::string> read_body(std::size_t max_bytes) override;
  Task<std::string> read_some() override;
  Task<void> write(std::string_view piece) override;
  void cut() override { close(); }

  void close();
  bool is_waiting() const { return request_ == nullptr; }
  bool is_late(SteadyTime time) const { return time >= deadline_; }
  boost::asio::cancellation_signal& cancel_signal() { return cancel_; }

 private:
  struct Request;

  Task<std::string_view> receive();
  Task<bool> read_head();
  Task<void> refuse(int status, std::string_view why);
  Task<HttpReply> reply();
  Task<bool> answer();
  std::string head_of(const HttpReply& reply) const;
  Task<void> send_reply(HttpReply reply);
  Task<void> send(std::string_view first, std::string_view second = {}, std::string_view third = {});
  Task<bool> drain();
  Task<bool> read_into_parser();
  void start_timeout();
  void begin_waiting();
  void end_waiting();

  std::shared_ptr<State> server_;
  boost::asio::ip::tcp::socket socket_;
  std::list<Connection*>::iterator place_;
  /// The node that stands among those that wait, or here.
  std::list<Connection*> node_;
  const std::list<Connection*>::iterator own_node_ = node_.begin();
  bool is_listed_ = false;
  boost::asio::cancellation_signal cancel_;
  /// When the client's patience with us, or ours with it, is at an end.
  SteadyTime deadline_ = SteadyTime::max();
  /// When all of the request's body must have come; set with its first piece.
  SteadyTime body_deadline_ = SteadyTime::max();
  /// Received and not yet parsed.
  std::string leftover_;
  std::unique_ptr<Request> request_;
};

}  // namespace creel
