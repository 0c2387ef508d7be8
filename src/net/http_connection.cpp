#include "net/http_connection.h"

#include <array>
#include <ctime>
#include <optional>
#include <span>
#include <stdexcept>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "net/piece_body.h"
#include "net/request_head.h"

namespace creel {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kScratchBytes = 64UL * 1024;

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

using Parser = http::request_parser<PieceBody>;

/// Where what was received stands until the parser has seen it; nothing stays in it over a wait, so that all connections
/// of a thread share it.
std::span<char> scratch() {
  static thread_local std::string buffer(kScratchBytes, '\0');
  return buffer;
}

HttpHeaders copy_fields(const http::fields& fields) {
  HttpHeaders headers;
  for (const auto& field : fields) headers.add(std::string(field.name_string()), std::string(field.value()));
  return headers;
}

std::string http_date() {
  static thread_local std::time_t last = 0;
  static thread_local std::string text;
  const auto seconds = std::time(nullptr);
  if (seconds != last) {
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> buffer{};
    text.assign(buffer.data(), std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    last = seconds;
  }
  return text;
}

HttpReply text_reply(int status, std::string_view text) {
  return {
      .status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = fmt::format("{}\n", text)};
}

int status_of(const Failure& failure) {
  return failure.kind() == FailureKind::too_large ? 413 : status_code(failure.kind());
}

bool has_no_body(int status) {
  return status == 204 || status == 304 || status < 200;
}

enum class Framing : std::uint8_t { length, chunked, to_the_end };

}  // namespace

struct HttpServer::State::Connection::Request {
  Parser parser;
  std::string method;
  std::string target;
  HttpHeaders headers;
  HttpHeaders trailers;
  bool keep_alive = false;
  bool is_http_1_0 = false;
  /// The client waits to be told that it may send the body.
  bool waits_for_continue = false;
  Framing framing = Framing::length;
  /// Of the answer: what may still be sent before the connection is cut.
  std::size_t left_to_cut = SIZE_MAX;
  /// Of the answer's body, if it is streamed.
  std::uint64_t written = 0;
  /// What came as its body is none.
  bool is_malformed = false;
  /// Since the body grew last.
  std::size_t framing_bytes = 0;
};

HttpServer::State::Connection::Connection(std::shared_ptr<State> server, tcp::socket socket)
    : server_(std::move(server)), socket_(std::move(socket)), node_{this} {
  place_ = server_->connections_.insert(server_->connections_.end(), this);
  ++server_->open_;
}

HttpServer::State::Connection::~Connection() {
  close();
  server_->connections_.erase(place_);
  if (server_->connections_.empty()) server_->all_gone_->notify();
}

std::string_view HttpServer::State::Connection::method() const {
  return request_->method;
}

std::string_view HttpServer::State::Connection::target() const {
  return request_->target;
}

const HttpHeaders& HttpServer::State::Connection::headers() const {
  return request_->headers;
}

const HttpHeaders& HttpServer::State::Connection::trailers() const {
  return request_->trailers;
}

void HttpServer::State::Connection::close() {
  end_waiting();
  if (!socket_.is_open()) return;
  --server_->open_;
  error_code ignored;
  socket_.close(ignored);
}

/// A request is under way once its head has come.
void HttpServer::State::Connection::begin_waiting() {
  if (!socket_.is_open()) return;
  server_->waiting_.splice(server_->waiting_.end(), node_);
  is_listed_ = true;
}

void HttpServer::State::Connection::end_waiting() {
  if (std::exchange(is_listed_, false)) node_.splice(node_.end(), server_->waiting_, own_node_);
}

void HttpServer::State::Connection::start_timeout() {
  deadline_ = now() + server_->options_.transfer_timeout;
}

Task<void> HttpServer::State::Connection::serve(std::shared_ptr<Connection> self) {
  const auto& options = self->server_->options_;
  self->deadline_ = now() + std::min(options.first_byte_timeout, options.idle_timeout);
  for (;;) {
    self->begin_waiting();
    const bool has_request = co_await self->read_head();
    self->end_waiting();
    if (!has_request) break;
    self->body_deadline_ = SteadyTime::max();
    const bool goes_on = co_await self->answer();
    self->request_.reset();
    if (!goes_on || self->server_->stopping_) break;
    self->deadline_ = now() + options.idle_timeout;
  }
}

/// The next bytes, in the common buffer, good until the next wait; none at the end of the connection.
Task<std::string_view> HttpServer::State::Connection::receive() {
  for (;;) {
    error_code error;
    const auto buffer = scratch();
    const auto count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
    if (!error) co_return std::string_view(buffer.data(), count);
    if (error != asio::error::would_block && error != asio::error::try_again) co_return std::string_view();
    co_await socket_.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return std::string_view();
  }
}

/// Reads a request up to the end of its headers; false if the connection is at its end.
Task<bool> HttpServer::State::Connection::read_head() {
  for (;;) {
    if (!leftover_.empty()) {
      if (!request_) {
        request_ = std::make_unique<Request>();
        request_->parser.header_limit(static_cast<std::uint32_t>(server_->options_.max_header_bytes));
        request_->parser.body_limit(boost::none);
        start_timeout();
      }
      error_code error;
      try {
        leftover_.erase(0, request_->parser.put(asio::buffer(leftover_), error));
      } catch (const std::length_error&) {
        // One header of more than 64 KiB: the parser has no error code for it.
        error = http::error::header_limit;
      }
      if (error && error != http::error::need_more) {
        const bool too_long = error == http::error::header_limit;
        co_await refuse(too_long ? 431 : 400,
                        too_long ? "The request's headers are too long" : "This is no HTTP request");
        co_return false;
      }
      if (request_->parser.is_header_done()) break;
    }
    const auto received = co_await receive();
    if (received.empty()) co_return false;
    leftover_.append(received);
  }
  auto& parser = request_->parser;
  auto& message = parser.get();
  request_->method = message.method_string();
  request_->target = message.target();
  request_->headers = copy_fields(message);
  request_->keep_alive = parser.keep_alive();
  request_->is_http_1_0 = message.version() < 11;
  request_->waits_for_continue = !request_->is_http_1_0 && leftover_.empty() && !parser.is_done() &&
                                 ascii_iequals(message[http::field::expect], "100-continue");
  // What is added from here on are trailers.
  message.clear();
  parser.eager(true);
  auto fault = wrong_framing(request_->headers, request_->is_http_1_0);
  if (!fault) fault = settle_target(request_->target, request_->headers, request_->is_http_1_0);
  if (fault) {
    co_await refuse(400, *fault);
    co_return false;
  }
  deadline_ = SteadyTime::max();
  co_return true;
}

Task<void> HttpServer::State::Connection::refuse(int status, std::string_view why) {
  request_->keep_alive = false;
  const auto& refusal = server_->options_.refusal;
  co_await send_reply(refusal ? refusal(status, why) : text_reply(status, why));
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

/// Gives the parser what has arrived, waiting for it if need be; false at the end of the connection or of sense.
Task<bool> HttpServer::State::Connection::read_into_parser() {
  std::string_view received = leftover_;
  const bool was_left_over = !received.empty();
  if (!was_left_over) {
    received = co_await receive();
    if (received.empty()) co_return false;
  }
  error_code error;
  const auto body_before = request_->parser.get().body().size();
  const auto parsed = request_->parser.put(asio::buffer(received), error);
  // What frames the body, chunk extensions and trailers, is bounded as a head is.
  const bool has_grown = request_->parser.get().body().size() > body_before;
  request_->framing_bytes = has_grown ? 0 : request_->framing_bytes + parsed;
  if (request_->framing_bytes > server_->options_.max_header_bytes) co_return false;
  if (was_left_over && error == http::error::need_more && parsed == 0) {
    if (leftover_.size() > server_->options_.max_header_bytes) co_return false;
    const auto more = co_await receive();
    if (more.empty()) co_return false;
    leftover_.append(more);
    co_return true;
  }
  if (was_left_over) {
    leftover_.erase(0, parsed);
  } else {
    leftover_.assign(received.substr(parsed));
  }
  if (!error || error == http::error::need_more) co_return true;
  request_->is_malformed = true;
  co_return false;
}

Task<std::string> HttpServer::State::Connection::read_some() {
  if (request_->waits_for_continue) {
    request_->waits_for_continue = false;
    co_await send("HTTP/1.1 100 Continue\r\n\r\n");
  }
  auto& parser = request_->parser;
  auto& body = parser.get().body();
  if (body_deadline_ == SteadyTime::max()) body_deadline_ = now() + server_->options_.body_timeout;
  while (body.empty() && !parser.is_done()) {
    start_timeout();
    deadline_ = std::min(deadline_, body_deadline_);
    if (!co_await read_into_parser()) {
      request_->keep_alive = false;
      throw Failure(FailureKind::truncated, "the request's body ended early");
    }
  }
  deadline_ = SteadyTime::max();
  if (parser.is_done() && request_->trailers.empty()) request_->trailers = copy_fields(parser.get());
  co_return std::exchange(body, {});
}

Task<std::string> HttpServer::State::Connection::read_body(std::size_t max_bytes) {
  const auto length = request_->parser.content_length();
  const auto refuse_it = [&] {
    throw Failure(FailureKind::too_large, fmt::format("the request's body has more than {} bytes", max_bytes));
  };
  if (length && *length > max_bytes) refuse_it();
  auto body = co_await read_some();
  if (request_->parser.is_done()) {
    if (body.size() > max_bytes) refuse_it();
    co_return body;
  }
  if (length) body.reserve(*length);
  for (;;) {
    const auto piece = co_await read_some();
    if (piece.empty()) co_return body;
    if (body.size() + piece.size() > max_bytes) refuse_it();
    body += piece;
  }
}

/// What the handler answers, or what becomes of its failure.
Task<HttpReply> HttpServer::State::Connection::reply() {
  try {
    co_return co_await server_->handler_(*this);
  } catch (const Failure& failure) {
    if (failure.kind() == FailureKind::truncated) throw;
    co_return text_reply(status_of(failure), failure.what());
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    if (server_->options_.on_error) server_->options_.on_error(error.what());
  } catch (const std::exception& error) {
    if (server_->options_.on_error) server_->options_.on_error(error.what());
  }
  co_return text_reply(500, "Internal Server Error");
}

/// Answers the request that has begun; true if another may follow on the connection.
Task<bool> HttpServer::State::Connection::answer() {
  bool is_unanswered = true;
  try {
    auto answered = co_await reply();
    is_unanswered = false;
    if (server_->stopping_ || request_->waits_for_continue) request_->keep_alive = false;
    co_await send_reply(std::move(answered));
    if (request_->parser.is_done()) co_return request_->keep_alive;
    co_return co_await drain() && request_->keep_alive;
  } catch (const Failure&) {
    if (!is_unanswered || !request_->is_malformed) co_return false;
  }
  try {
    co_await refuse(400, "The request's body is not framed as HTTP has it");
  } catch (const Failure&) {
    // The client has gone.
  }
  co_return false;
}

std::string HttpServer::State::Connection::head_of(const HttpReply& reply) const {
  std::string head;
  head.reserve(256);
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", reply.status,
                 std::string_view(http::obsolete_reason(static_cast<http::status>(reply.status))), http_date());
  for (const auto& [name, value] : reply.headers) {
    if (is_header_safe(name) && is_header_safe(value)) fmt::format_to(out, "{}: {}\r\n", name, value);
  }
  if (!has_no_body(reply.status)) {
    const auto length = reply.stream_bytes.value_or(reply.body.size());
    if (request_->framing == Framing::length) fmt::format_to(out, "Content-Length: {}\r\n", length);
    if (request_->framing == Framing::chunked) head += "Transfer-Encoding: chunked\r\n";
  }
  if (!request_->keep_alive) {
    head += "Connection: close\r\n";
  } else if (request_->is_http_1_0) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

Task<void> HttpServer::State::Connection::send_reply(HttpReply reply) {
  auto& request = *request_;
  if (reply.stream && !reply.stream_bytes) {
    request.framing = request.is_http_1_0 ? Framing::to_the_end : Framing::chunked;
  }
  if (request.framing == Framing::to_the_end) request.keep_alive = false;
  const auto head = head_of(reply);
  const bool bodiless = request.method == "HEAD" || has_no_body(reply.status);
  if (!reply.stream || bodiless) {
    const auto body = bodiless ? std::string_view() : std::string_view(reply.body).substr(0, reply.cut_after_bytes);
    co_await send(head, body);
    if (!bodiless && reply.cut_after_bytes < reply.body.size()) throw Failure(FailureKind::cancelled, "cut");
    co_return;
  }
  request.left_to_cut = reply.cut_after_bytes;
  co_await send(head);
  try {
    co_await reply.stream(*this);
  } catch (const std::exception& error) {
    throw Failure(FailureKind::cancelled, error.what());
  }
  if (request.framing == Framing::chunked) co_await send("0\r\n\r\n");
  if (reply.stream_bytes && request.written != *reply.stream_bytes) throw Failure(FailureKind::cancelled, "too short");
}

Task<void> HttpServer::State::Connection::write(std::string_view piece) {
  if (piece.empty()) co_return;
  auto& request = *request_;
  const bool is_cut = piece.size() > request.left_to_cut;
  piece = piece.substr(0, request.left_to_cut);
  request.left_to_cut -= request.left_to_cut == SIZE_MAX ? 0 : piece.size();
  request.written += piece.size();
  if (!piece.empty()) {
    if (request.framing == Framing::chunked) {
      const auto size = fmt::format("{:x}\r\n", piece.size());
      co_await send(size, piece, "\r\n");
    } else {
      co_await send(piece);
    }
  }
  if (is_cut) throw Failure(FailureKind::cancelled, "cut");
}

Task<void> HttpServer::State::Connection::send(std::string_view first, std::string_view second,
                                               std::string_view third) {
  std::array<std::string_view, 3> pieces{first, second, third};
  for (;;) {
    std::array<asio::const_buffer, 3> buffers;
    for (std::size_t i = 0; i < pieces.size(); ++i) buffers[i] = asio::buffer(pieces[i]);
    error_code error;
    auto sent = socket_.write_some(buffers, error);
    for (auto& piece : pieces) {
      const auto taken = std::min(piece.size(), sent);
      piece.remove_prefix(taken);
      sent -= taken;
    }
    if (pieces[0].empty() && pieces[1].empty() && pieces[2].empty()) break;
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
      throw Failure(FailureKind::connect, "the client has gone");
    }
    start_timeout();
    co_await socket_.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
    if (error) throw Failure(FailureKind::connect, "the client has gone");
  }
  deadline_ = SteadyTime::max();
}

/// Reads what the handler left of the body, so that the client is ready for the answer; false if that is too much.
Task<bool> HttpServer::State::Connection::drain() {
  if (request_->waits_for_continue) co_return false;
  std::uint64_t drained = 0;
  while (!request_->parser.is_done()) {
    drained += (co_await read_some()).size();
    if (drained > server_->options_.max_drained_bytes) co_return false;
  }
  co_return true;
}

}  // namespace creel
