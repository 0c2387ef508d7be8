#include "lambda/api_connection.h"

#include <array>
#include <limits>

#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "lambda/text.h"

namespace creel::lambda {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::string_view kUserAgent = "creel-lambda/" CREEL_VERSION;

enum class Body : std::uint8_t { sized, open_ended };

std::string head_of(const ApiAddress& address, const ApiRequest& request, Body body) {
  auto head = concat({request.method, " ", address.base_path, request.path, " HTTP/1.1\r\nHost: ", address.host,
                      "\r\nUser-Agent: ", kUserAgent, "\r\n"});
  for (const auto& [name, value] : request.headers) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  if (body == Body::sized && request.method != "GET") {
    head += concat({"Content-Length: ", std::to_string(request.body.size()), "\r\n"});
  }
  return head += "\r\n";
}

}  // namespace

std::string header(const ApiReply& reply, std::string_view name) {
  const auto found = reply.find({name.data(), name.size()});
  return found == reply.end() ? "" : std::string(found->value());
}

ApiConnection::ApiConnection(const asio::any_io_executor& executor, ApiAddress address)
    : address_(std::move(address)), socket_(executor) {}

Task<ApiReply> ApiConnection::exchange(ApiRequest request) {
  const auto head = head_of(address_, request, Body::sized);
  bool is_kept = socket_.is_open();
  for (;; is_kept = false) {
    std::exception_ptr failure;
    try {
      co_return co_await try_exchange(head, request.body);
    } catch (...) {
      failure = std::current_exception();
    }
    close();
    if (!is_kept) std::rethrow_exception(failure);
  }
}

Task<ApiReply> ApiConnection::try_exchange(std::string head, std::string_view body) {
  co_await connect();
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body.data(), body.size())};
  co_await asio::async_write(socket_, parts, asio::use_awaitable);
  co_return co_await read_reply();
}

Task<void> ApiConnection::begin(ApiRequest request) {
  close();
  co_await connect();
  co_await send(head_of(address_, request, Body::open_ended));
}

Task<void> ApiConnection::send(std::string bytes) {
  co_await asio::async_write(socket_, asio::buffer(bytes), asio::use_awaitable);
}

Task<ApiReply> ApiConnection::read_reply() {
  http::response_parser<http::string_body> parser;
  // An event may be as large as the service lets it.
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.header_limit(1024 * 1024);
  co_await http::async_read(socket_, buffer_, parser, asio::use_awaitable);
  auto reply = parser.release();
  if (!reply.keep_alive()) close();
  co_return reply;
}

Task<void> ApiConnection::connect() {
  if (socket_.is_open()) co_return;
  buffer_.clear();
  co_await socket_.async_connect(address_.endpoint, asio::use_awaitable);
  socket_.set_option(asio::ip::tcp::no_delay(true));
}

void ApiConnection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  buffer_.clear();
}

}  // namespace creel::lambda
