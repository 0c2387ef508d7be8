#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"
#include "net/http_headers.h"

namespace creel {

/// Takes the body of an answer that is made while it is sent.
class HttpBodyWriter {
 public:
  virtual ~HttpBodyWriter() = default;

  /// Sends a piece; it has left, or stands in the socket's buffer, when this returns. An empty piece is nothing.
  /// @throws Failure connect  the client has gone
  virtual Task<void> write(std::string_view piece) = 0;

  /// Cuts the connection at once; a `write` under way fails. May be called while one waits.
  virtual void cut() {}
};

/// What a request is answered with.
struct HttpReply {
  int status = 200;
  /// Without Content-Length, Transfer-Encoding, Connection and Date, which are the server's own.
  HttpHeaders headers{};
  std::string body{};
  /// If set, the body is what this writes, and `body` is not looked at: chunked, or up to the end of the connection
  /// for HTTP/1.0. If it throws, the connection is cut, so that the client sees that something is missing.
  std::function<Task<void>(HttpBodyWriter& writer)> stream{};
  /// How many bytes `stream` writes, if that is known: they go out under a Content-Length, which HEAD is told too. If it
  /// writes fewer the connection is cut.
  std::optional<std::uint64_t> stream_bytes{};
  /// Cuts the connection after this many bytes of the body; for tests of clients.
  std::size_t cut_after_bytes = SIZE_MAX;
};

/// One request, while it is answered. Threads: the server's event loop.
class HttpCall {
 public:
  virtual ~HttpCall() = default;

  virtual std::string_view method() const = 0;
  /// Path and query, as sent; of a target with a host, what follows the host. `Host` is that of the target then.
  virtual std::string_view target() const = 0;
  virtual const HttpHeaders& headers() const = 0;

  /// The whole body.
  /// @throws Failure too_large  it has more than `max_bytes`; the server answers 413 if the handler lets it pass
  /// @throws Failure truncated  the client went, or was too slow
  virtual Task<std::string> read_body(std::size_t max_bytes) = 0;

  /// The next piece of the body, as it arrives; empty at its end.
  /// @throws Failure truncated  the client went, or was too slow
  virtual Task<std::string> read_some() = 0;

  /// The fields that followed a chunked body; there once the body has been read to its end.
  virtual const HttpHeaders& trailers() const = 0;

  /// The target up to the `?`, still percent-encoded.
  std::string_view path() const;
  /// What follows the `?`, or nothing.
  std::string_view query() const;
  /// The first value of a parameter of the query, decoded; empty if it is not there.
  std::string parameter(std::string_view name) const;
  /// The first header of that name, or "".
  std::string_view header(std::string_view name) const;
};

/// Answers one request. What it throws becomes an answer: a Failure that of its kind's status, with the message as text;
/// anything else 500. It may wait as long as it likes; when the server stops or the deadline of the stop comes, it is
/// cancelled at its next wait.
using HttpHandler = std::function<Task<HttpReply>(HttpCall& call)>;

struct HttpServerOptions {
  /// For a request's first line and headers.
  std::size_t max_header_bytes = 64UL * 1024;
  /// How long a request may take to arrive, from its first byte to the end of its headers, and each piece of a body or
  /// an answer after that.
  std::chrono::milliseconds transfer_timeout{60'000};
  /// How long all of a body may take to arrive.
  std::chrono::milliseconds body_timeout{std::chrono::hours(24)};
  /// How long a new connection may wait before its first request; the idle timeout if that is shorter.
  std::chrono::milliseconds first_byte_timeout{600'000};
  /// How long a connection may wait for its next request.
  std::chrono::milliseconds idle_timeout{600'000};
  /// For one above this, the connection is closed that has waited longest for a request; if all have a request under way,
  /// the new one is.
  std::size_t max_connections = 100'000;
  /// What is read of a body that the handler did not want, so that the client comes to read the answer; then the
  /// connection is cut.
  std::uint64_t max_drained_bytes = 128UL << 20;
  /// Makes the answer to what is no request that a handler could be given: 400 and 431. Plain text if empty.
  std::function<HttpReply(int status, std::string_view why)> refusal{};
  /// Told what a handler threw that is no Failure; may be empty.
  std::function<void(std::string_view what)> on_error{};
};

/// An HTTP/1.1 server. A connection that waits for a request holds no buffer. Threads: its own event loop; destroyed on
/// it after `stop`, or after the loop has stopped.
class HttpServer {
 public:
  HttpServer(boost::asio::any_io_executor executor, HttpHandler handler, HttpServerOptions options = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Begins to accept connections.
  /// @param port  0 for any that is free
  /// @throws Failure bad_request  the address is none, or its port is in use or not allowed
  void listen(const std::string& address, std::uint16_t port);

  /// The port that is listened on; 0 if none is.
  std::uint16_t port() const;

  /// Connections that are open.
  std::size_t connections() const;

  /// Accepts no more, closes the connections that wait, lets requests under way end until the deadline, and cuts what is
  /// left. When it returns, no handler runs any more.
  Task<void> stop(std::chrono::steady_clock::time_point deadline);

 private:
  class State;
  std::shared_ptr<State> state_;
};

/// "http://127.0.0.1:8080": how a program on this machine calls a server that listens on `address`.
/// @param address  of IPv4 or IPv6; one that means all addresses of the machine stands for its loopback
std::string local_url(std::string_view address, std::uint16_t port);

}  // namespace creel
