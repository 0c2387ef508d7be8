#include "sources/url_request.h"

#include "base/failure.h"
#include "base/text.h"
#include "net/http_headers.h"

namespace creel {

PollRequest url_request(const SourceConfig& source) {
  PollRequest request{.url = source.url};
  for (const auto& [name, value] : source.pairs("headers")) request.headers.set(name, value);
  if (const auto secret = source.secret("authorization"); !secret.empty()) {
    request.headers.set("Authorization", secret.reveal());
  }
  return request;
}

std::vector<SettingError> check_url_request(const SourceConfig& source) {
  std::vector<SettingError> errors;
  for (const auto& [name, value] : source.pairs("headers")) {
    try {
      check_user_header(name, value);
    } catch (const Failure& failure) {
      errors.push_back({.pointer = "/settings/headers", .message = failure.what()});
    }
  }
  if (!is_header_safe(source.secret("authorization").reveal())) {
    errors.push_back({.pointer = "/settings/authorization", .message = "it must not contain line ends"});
  }
  return errors;
}

}  // namespace creel
