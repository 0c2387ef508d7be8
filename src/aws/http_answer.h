#pragma once

#include <cstddef>
#include <string>

#include "base/task.h"
#include "net/http_client.h"
#include "net/http_headers.h"

namespace creel::aws {

/// A response with its whole body, and no connection held any more.
struct HttpAnswer {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

/// A request without a body, to be added to.
HttpRequest make_request(HttpMethod method, Url url, SteadyTime deadline);

/// Sends `request` and reads the whole answer.
/// @param http  must outlive the call
/// @throws Failure too_large  beyond `max_bytes`; and what `HttpClient::send`
/// and `HttpResponse::read` throw
Task<HttpAnswer> exchange(HttpClient& http, HttpRequest request, std::size_t max_bytes);

}  // namespace creel::aws
