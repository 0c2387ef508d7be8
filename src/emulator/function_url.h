#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_server.h"

namespace creel::emulator {

/// A request to a function's address, as far as the event tells of it.
struct UrlRequest {
  std::string method;
  /// Still percent-encoded.
  std::string path;
  std::string query;
  HttpHeaders headers;
  std::string body;
  std::string domain;
  std::string request_id;
  SystemTime time{};
};

/// The event of payload version 2.0 that the function gets, JSON.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
std::string url_event(const UrlRequest& request);

/// The answer that the function's result stands for: an object with statusCode, headers, cookies and body, or any other
/// JSON, which becomes the body.
HttpReply url_reply(std::string_view payload);

/// What stands before the body of a streamed answer: JSON and eight zero bytes.
struct UrlPrelude {
  HttpReply reply;
  /// How long it is, with the zero bytes.
  std::size_t bytes = 0;
  bool is_valid = false;
};

/// The prelude at the start of `text`; `bytes` is 0 while it is not complete.
UrlPrelude parse_url_prelude(std::string_view text);

/// A function's address as it was asked for: its name and the path within.
struct UrlTarget {
  std::string function;
  std::string path;
};

/// By the host "NAME.lambda-url.localhost:9000" or the path "/lambda-url/NAME/..."; an empty name if it is neither.
UrlTarget url_target(std::string_view host, std::string_view path);

}  // namespace creel::emulator
