#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace creel {

/// An absolute http or https URL, cleaned the way browsers do: surrounding blanks dropped, characters that may not
/// stand in a URL percent-encoded, scheme and host in lower case, an international host name in its ASCII form
/// (IDNA 2008), dot segments resolved, the default port and the fragment dropped. Immutable.
class Url {
 public:
  static constexpr std::size_t kMaxBytes = 8000;

  /// @throws Failure bad_url, naming what is wrong: no scheme, another scheme than http(s), no host, a user name or
  ///         password, a bad port, an unusable host name, or more than `kMaxBytes`
  static Url parse(std::string_view text);

  /// The URL that `reference` means on a page or in a redirect at this URL (RFC 3986, section 5).
  /// @throws Failure bad_url
  Url resolve(std::string_view reference) const;

  const std::string& str() const { return text_; }
  bool is_https() const { return https_; }

  /// Host name or address without the brackets of an IPv6 address.
  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }

  /// "host" or "host:port" as in the Host header: the port only where it is not the scheme's own.
  std::string authority() const;

  /// Scheme, host and port: who is talked to. "https://example.com", "http://[::1]:8080".
  std::string origin() const;

  /// As sent: percent-encoded, starting with "/".
  const std::string& encoded_path() const { return path_; }

  /// Without the "?"; empty if there is none.
  const std::string& encoded_query() const { return query_; }

  bool operator==(const Url& other) const { return text_ == other.text_; }

 private:
  Url() = default;

  std::string text_;
  bool https_ = false;
  std::string host_;
  std::uint16_t port_ = 0;
  std::string path_;
  std::string query_;
};

}  // namespace creel
