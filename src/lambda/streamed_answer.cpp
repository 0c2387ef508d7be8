#include "lambda/streamed_answer.h"

#include <charconv>
#include <cstdint>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>

#include "lambda/log.h"
#include "lambda/runtime_api.h"
#include "lambda/text.h"

namespace creel::lambda {

namespace asio = boost::asio;

StreamedAnswer::StreamedAnswer(asio::io_context& loop, const ApiAddress& api, const Invocation& invocation)
    : loop_(loop), invocation_(invocation), connection_(loop.get_executor(), api) {}

Task<void> StreamedAnswer::begin(std::string content_type) {
  ApiRequest request{.method = "POST", .path = answer_path(invocation_, "response"), .headers = {}, .body = {}};
  request.headers = answer_headers(invocation_);
  request.headers.emplace_back("Content-Type", std::move(content_type));
  request.headers.emplace_back("Lambda-Runtime-Function-Response-Mode", "streaming");
  request.headers.emplace_back("Transfer-Encoding", "chunked");
  request.headers.emplace_back("Trailer", "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");
  request.headers.emplace_back("Connection", "close");
  co_await connection_.begin(std::move(request));
  has_begun_ = true;
}

Task<void> StreamedAnswer::write(std::string content_type, std::string bytes) {
  if (is_broken_) throw boost::system::system_error(asio::error::broken_pipe);
  try {
    if (!has_begun_) co_await begin(std::move(content_type));
    if (!bytes.empty()) co_await connection_.send(chunk(bytes));
  } catch (...) {
    is_broken_ = true;
    throw;
  }
}

void StreamedAnswer::write_blocking(const std::string& content_type, std::string_view bytes) {
  if (loop_.get_executor().running_in_this_thread()) {
    throw std::logic_error("write_blocking would block the event loop: a coroutine uses co_await write(...)");
  }
  asio::co_spawn(loop_, write(content_type, std::string(bytes)), asio::use_future).get();
}

Task<void> StreamedAnswer::finish(std::optional<ErrorReport> error) {
  if (is_broken_) {
    log(LogLevel::warn, concat({"the response to ", invocation_.request_id, " was cut off: its reader has gone"}));
    co_return;
  }
  std::string end = "0\r\n";
  if (error) {
    end += concat({"Lambda-Runtime-Function-Error-Type: ", service_type(error->type), "\r\n",
                   "Lambda-Runtime-Function-Error-Body: ", base64(to_json(*error)), "\r\n"});
  }
  co_await connection_.send(std::move(end) + "\r\n");
  const auto reply = co_await connection_.read_reply();
  connection_.close();
  RuntimeApi::judge(reply, invocation_.request_id);
}

std::string chunk(std::string_view bytes) {
  if (bytes.empty()) return "";
  char size[16];
  const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
  return concat({{size, static_cast<std::size_t>(end - size)}, "\r\n", bytes, "\r\n"});
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) text += j <= group.size() ? kDigits[bits >> (18 - 6 * j) & 63U] : '=';
  }
  return text;
}

}  // namespace creel::lambda
