#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "creel/lambda.h"
#include "lambda/api_connection.h"
#include "lambda/error_report.h"

namespace creel::lambda {

/// Sends a response in chunks while the handler makes it. Threads: its event loop; `write_blocking` any other.
class StreamedAnswer final : public ResponseStream::Sink {
 public:
  /// `invocation` outlives it.
  StreamedAnswer(boost::asio::io_context& loop, const ApiAddress& api, const Invocation& invocation);

  Task<void> write(std::string content_type, std::string bytes) override;
  void write_blocking(const std::string& content_type, std::string_view bytes) override;

  /// Whether the service may know of the response. Until then an error can still be reported in the ordinary way.
  bool has_begun() const { return has_begun_; }

  /// Ends the response, with an error if there is one: it goes out as trailers. The connection ends with it.
  /// @throws CannotGoOn
  /// @throws boost::system::system_error
  Task<void> finish(std::optional<ErrorReport> error);

 private:
  Task<void> begin(std::string content_type);

  boost::asio::io_context& loop_;
  const Invocation& invocation_;
  ApiConnection connection_;
  bool has_begun_ = false;
  // Whether a send failed: nothing more can go out then.
  bool is_broken_ = false;
};

/// A chunk of an HTTP/1.1 body; nothing for no bytes, since an empty chunk would end the body.
std::string chunk(std::string_view bytes);

std::string base64(std::string_view bytes);

}  // namespace creel::lambda
