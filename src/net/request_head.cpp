#include "net/request_head.h"

#include <algorithm>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::string_view kHost = "Host";

/// A name or an address, with a port or without; empty is allowed.
bool is_host(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_alphanumeric || std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
  });
}

/// What follows "http://" or "https://"; nothing if the target begins otherwise.
std::optional<std::string_view> after_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (ascii_iequals(target.substr(0, scheme.size()), scheme)) return target.substr(scheme.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> settle_target(std::string& target, HttpHeaders& headers, bool is_http_1_0) {
  const auto hosts = headers.find_all(kHost);
  if (hosts.empty() && !is_http_1_0) return "The request has no Host header";
  if (hosts.size() > 1) return "The request has more than one Host header";
  if (!hosts.empty() && !is_host(trim(hosts.front()))) return "The request's Host header names no host";

  const auto rest = after_scheme(target);
  if (!rest) return std::nullopt;
  const auto authority = rest->substr(0, rest->find_first_of("/?#"));
  if (authority.empty() || !is_host(authority)) return "The request's target names no host";
  headers.set(kHost, std::string(authority));
  auto path = std::string(rest->substr(authority.size()));
  target = path.starts_with('/') ? std::move(path) : "/" + path;
  return std::nullopt;
}

std::optional<std::string_view> wrong_framing(const HttpHeaders& headers, bool is_http_1_0) {
  const auto codings = headers.find_all("Transfer-Encoding");
  if (codings.empty()) return std::nullopt;
  if (is_http_1_0) return "HTTP/1.0 has no Transfer-Encoding";
  if (codings.size() > 1 || !ascii_iequals(trim(codings.front()), "chunked")) {
    return "The request's Transfer-Encoding must be chunked and nothing else";
  }
  if (headers.find("Content-Length")) return "The request has both a Transfer-Encoding and a Content-Length";
  return std::nullopt;
}

}  // namespace creel
