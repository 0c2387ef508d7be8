#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "lambda/settings.h"

namespace creel::lambda {

using ApiReply = boost::beast::http::response<boost::beast::http::string_body>;

/// A header's value, or "".
std::string header(const ApiReply& reply, std::string_view name);

/// A request of the Runtime API. The body is not copied: it lives until the reply is there.
struct ApiRequest {
  std::string_view method;
  /// After the base path, such as `/2018-06-01/runtime/invocation/next`.
  std::string path;
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::string_view body;
};

/// One connection to the Runtime API, made when it is needed and kept. Threads: its event loop.
///
/// Nothing here has a time-out: the peer is on this machine, a call of `next` may wait for days, and a timer that ran
/// while the process was frozen would cut off good answers.
class ApiConnection {
 public:
  ApiConnection(const boost::asio::any_io_executor& executor, ApiAddress address);

  /// Sends a request and reads the reply. A kept connection that turns out to be dead is replaced once.
  /// @throws boost::system::system_error
  Task<ApiReply> exchange(ApiRequest request);

  /// The parts of `exchange`, for a body that is sent while it is made. `begin` uses a new connection, and the
  /// headers say how the body is delimited.
  Task<void> begin(ApiRequest request);
  Task<void> send(std::string bytes);
  Task<ApiReply> read_reply();

  void close();

 private:
  Task<void> connect();
  Task<ApiReply> try_exchange(std::string head, std::string_view body);

  ApiAddress address_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace creel::lambda
