#include "net/http_headers.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

constexpr std::array<std::string_view, 13> kOwnHeaders = {
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "trailers",
    "proxy-authenticate",
    "proxy-authorization",
};

bool is_token(std::string_view name) {
  constexpr std::string_view kTokenChars =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !name.empty() && name.find_first_not_of(kTokenChars) == std::string_view::npos;
}

}  // namespace

void HttpHeaders::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void HttpHeaders::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return ascii_iequals(field.first, name); });
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
  for (const auto& [field_name, value] : fields_) {
    if (ascii_iequals(field_name, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> HttpHeaders::find_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [field_name, value] : fields_) {
    if (ascii_iequals(field_name, name)) values.push_back(value);
  }
  return values;
}

void check_user_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' is not the name of a header", utf8_prefix(name, 100)));
  }
  if (!is_header_safe(value)) {
    throw Failure(FailureKind::bad_request, fmt::format("the value of the header {} contains CR, LF or NUL", name));
  }
  if (std::ranges::find(kOwnHeaders, ascii_lower(name)) != kOwnHeaders.end()) {
    throw Failure(FailureKind::bad_request, fmt::format("the header {} is set by creel itself", name));
  }
}

}  // namespace creel
