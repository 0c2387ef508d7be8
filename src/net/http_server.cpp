#include "net/http_server.h"

#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "net/http_connection.h"

namespace creel {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kSweepInterval = 1s;
constexpr std::chrono::milliseconds kAcceptPause = 100ms;

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

void HttpServer::State::listen(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) throw Failure(FailureKind::bad_request, fmt::format("'{}' is no address to listen on", address));
  const tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor_.close(ignored);
    throw Failure(FailureKind::bad_request,
                  fmt::format("cannot listen on {} port {}: {}{}", address, port, error.message(),
                              port == 0 ? "" : "; port 0 takes any that is free"));
  }
  asio::co_spawn(executor_, accept_all(shared_from_this()), must_not_fail);
  sweep();
}

Task<void> HttpServer::State::accept_all(std::shared_ptr<State> self) {
  while (!self->stopping_) {
    error_code error;
    auto socket = co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (self->stopping_ || error == asio::error::operation_aborted) co_return;
    if (error) {
      // Most likely out of file descriptors: those who wait to be accepted may as well wait on.
      asio::steady_timer pause(self->executor_, kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    // Where there is no room the socket is closed as it goes.
    if (self->open_ < self->options_.max_connections || self->make_room()) self->add(std::move(socket));
  }
}

void HttpServer::State::add(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  const auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket));
  asio::co_spawn(executor_, Connection::serve(connection),
                 asio::bind_cancellation_slot(connection->cancel_signal().slot(),
                                              [connection](const std::exception_ptr&) { connection->close(); }));
}

/// Closes the connection that has waited longest for a request; false if all have one.
bool HttpServer::State::make_room() {
  if (waiting_.empty()) return false;
  waiting_.front()->close();
  return true;
}

/// Now and then closes the connections that are late: a timer for each would cost more than it gives.
void HttpServer::State::sweep() {
  sweeper_.expires_after(std::min({kSweepInterval, options_.transfer_timeout, options_.body_timeout,
                                   options_.first_byte_timeout, options_.idle_timeout}));
  sweeper_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    const auto time = now();
    for (auto* connection : self->connections_) {
      if (connection->is_late(time)) connection->close();
    }
    self->sweep();
  });
}

void HttpServer::State::abandon() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  sweeper_.cancel();
  // A cancelled connection may go at once.
  for (auto it = connections_.begin(); it != connections_.end();) {
    auto* connection = *it++;
    connection->close();
    connection->cancel_signal().emit(asio::cancellation_type::terminal);
  }
}

Task<void> HttpServer::State::stop(SteadyTime deadline) {
  const auto self = shared_from_this();
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  for (auto* connection : connections_) {
    if (connection->is_waiting()) connection->close();
  }
  while (!connections_.empty() && now() < deadline) co_await all_gone_->wait(deadline);
  abandon();
  while (!connections_.empty()) co_await all_gone_->wait();
}

HttpServer::HttpServer(asio::any_io_executor executor, HttpHandler handler, HttpServerOptions options)
    : state_(std::make_shared<State>(std::move(executor), std::move(handler), std::move(options))) {}

HttpServer::~HttpServer() {
  state_->abandon();
}

void HttpServer::listen(const std::string& address, std::uint16_t port) {
  state_->listen(address, port);
}

std::uint16_t HttpServer::port() const {
  return state_->port();
}

std::size_t HttpServer::connections() const {
  return state_->size();
}

Task<void> HttpServer::stop(SteadyTime deadline) {
  return state_->stop(deadline);
}

std::string_view HttpCall::path() const {
  return target().substr(0, target().find('?'));
}

std::string_view HttpCall::query() const {
  const auto mark = target().find('?');
  return mark == std::string_view::npos ? std::string_view() : target().substr(mark + 1);
}

namespace {

std::optional<std::string> find_parameter(std::string_view query, std::string_view name) {
  for (const auto part : split(query, '&')) {
    const auto equals = part.find('=');
    if (percent_decode(part.substr(0, equals)) != name) continue;
    return equals == std::string_view::npos ? std::string() : percent_decode(part.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace

std::string HttpCall::parameter(std::string_view name) const {
  return find_parameter(query(), name).value_or("");
}

std::string_view HttpCall::header(std::string_view name) const {
  return headers().find(name).value_or("");
}

std::string local_url(std::string_view address, std::uint16_t port) {
  if (address == "0.0.0.0") address = "127.0.0.1";
  if (address == "::") address = "::1";
  const bool is_v6 = address.find(':') != std::string_view::npos;
  return is_v6 ? fmt::format("http://[{}]:{}", address, port) : fmt::format("http://{}:{}", address, port);
}

}  // namespace creel
