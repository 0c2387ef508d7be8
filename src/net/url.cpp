#include "net/url.h"

#include <idn2.h>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

constexpr std::size_t kShownBytes = 200;
/// What stays as it is beside the unreserved characters: those with a meaning of their own (RFC 3986, 2.2),
/// and the sign of one that is encoded already.
constexpr std::string_view kReserved = ":/?#[]@!$&'()*+,;=%";
constexpr std::string_view kHostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-._";

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

/// `text` as a message may show it: without what may be a password, and not too long.
std::string shown(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return std::string(utf8_prefix(text, kShownBytes));
  const auto slashes = text.find("//");
  const auto before = slashes < at ? text.substr(0, slashes + 2) : std::string_view();
  return fmt::format("{}***{}", utf8_prefix(before, kShownBytes), utf8_prefix(text.substr(at), kShownBytes));
}

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
  throw Failure(FailureKind::bad_url, fmt::format("'{}' {}", shown(text), reason));
}

/// A part as libcurl has parsed it; empty if it is absent.
std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* value = nullptr;
  if (curl_url_get(handle, which, &value, flags) != CURLUE_OK) return {};
  std::string result(value);
  curl_free(value);
  return result;
}

std::string_view reason_for(CURLUcode code) {
  switch (code) {
    case CURLUE_UNSUPPORTED_SCHEME: return "is neither http nor https";
    case CURLUE_USER_NOT_ALLOWED: return "carries a user name or password, which is not allowed in a URL here";
    case CURLUE_BAD_PORT_NUMBER: return "has a bad port number";
    case CURLUE_NO_HOST:
    case CURLUE_BAD_HOSTNAME: return "has no usable host name";
    case CURLUE_BAD_IPV6: return "has a bad IPv6 address";
    case CURLUE_BAD_SCHEME: return "has no scheme: write it like https://host/path";
    default: return "is not a URL: write it like https://host/path";
  }
}

/// The host in lower case and, if it is international, in its ASCII form.
std::string ascii_host(const std::string& host, std::string_view text) {
  bool is_ascii = true;
  for (const char c : host) is_ascii = is_ascii && static_cast<unsigned char>(c) < 0x80;
  if (is_ascii) return ascii_lower(host);

  std::uint8_t* encoded = nullptr;
  const auto* input = reinterpret_cast<const std::uint8_t*>(host.c_str());
  if (idn2_lookup_u8(input, &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
    refuse(text, "has no usable international host name");
  }
  std::string result(reinterpret_cast<char*>(encoded));
  idn2_free(encoded);
  // Some characters stand for ones that end a host name, such as the full-width slash.
  if (result.empty() || result.find_first_not_of(kHostCharacters) != std::string::npos) {
    refuse(text, "has no usable international host name");
  }
  return result;
}

bool has_scheme(std::string_view text) {
  const auto end = text.find("://");
  return end != std::string_view::npos &&
         end == text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
}

}  // namespace

Url Url::parse(std::string_view text) {
  const std::string trimmed(trim(text));
  if (trimmed.size() > kMaxBytes) refuse(trimmed, fmt::format("has more than {} bytes", kMaxBytes));
  if (const auto nul = trimmed.find('\0'); nul != std::string::npos) {
    refuse(trimmed.substr(0, nul), "and more: it contains a NUL");
  }
  if (!has_scheme(trimmed)) refuse(trimmed, reason_for(CURLUE_BAD_SCHEME));

  const Handle handle(curl_url(), &curl_url_cleanup);
  const auto code = curl_url_set(handle.get(), CURLUPART_URL, trimmed.c_str(), CURLU_ALLOW_SPACE | CURLU_DISALLOW_USER);
  if (code != CURLUE_OK) refuse(trimmed, reason_for(code));
  const auto scheme = part(handle.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") refuse(trimmed, reason_for(CURLUE_UNSUPPORTED_SCHEME));

  Url url;
  url.https_ = scheme == "https";
  url.host_ = ascii_host(part(handle.get(), CURLUPART_HOST), trimmed);
  if (url.host_.starts_with('[')) url.host_ = url.host_.substr(1, url.host_.size() - 2);
  const auto port = std::stoi(part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
  if (port < 1 || port > 65535) refuse(trimmed, reason_for(CURLUE_BAD_PORT_NUMBER));
  url.port_ = static_cast<std::uint16_t>(port);
  url.path_ = percent_encode(part(handle.get(), CURLUPART_PATH), kReserved);
  url.query_ = percent_encode(part(handle.get(), CURLUPART_QUERY), kReserved);
  url.text_ = url.origin() + url.path_;
  if (!url.query_.empty()) url.text_ += "?" + url.query_;
  return url;
}

Url Url::resolve(std::string_view reference) const {
  const Handle handle(curl_url(), &curl_url_cleanup);
  curl_url_set(handle.get(), CURLUPART_URL, text_.c_str(), 0);
  const auto whole = trim(reference);
  const auto encoded = percent_encode(whole.substr(0, whole.find('#')), kReserved);
  if (encoded.empty()) return *this;
  const auto code = curl_url_set(handle.get(), CURLUPART_URL, encoded.c_str(), CURLU_DISALLOW_USER);
  if (code != CURLUE_OK) refuse(whole, reason_for(code));
  return parse(part(handle.get(), CURLUPART_URL));
}

std::string Url::authority() const {
  const auto name = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
  const int default_port = https_ ? 443 : 80;
  return port_ == default_port ? name : fmt::format("{}:{}", name, port_);
}

std::string Url::origin() const {
  return (https_ ? "https://" : "http://") + authority();
}

}  // namespace creel
