#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/hash.h"
#include "net/http_headers.h"
#include "net/url.h"

namespace creel::aws {

/// The payload hash of a body that is not part of the signature; only over TLS.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// The payload hash of an empty body.
inline constexpr std::string_view kEmptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// "/" and the segments percent-encoded once, as a request sends them; "/" if
/// there are none. A "/" inside a segment is encoded.
std::string encode_path(const std::vector<std::string_view>& segments);

/// The parameters percent-encoded once and in the order of the signature,
/// "a=b&c=", as a request sends them.
std::string encode_query(const QueryParameters& parameters);

/// The URL of a signed request: exactly what was signed, or the signature would not fit.
/// @throws Failure bad_request  no URL can carry the path
Url signed_url(std::string_view origin, std::string_view encoded_path, const QueryParameters& query);

/// A request as it is signed. What is signed is what has to be sent, byte for
/// byte.
struct SigV4Request {
  /// In upper case.
  std::string method;
  /// As in the Host header.
  std::string host;
  /// From `encode_path`.
  std::string encoded_path;
  /// Not encoded.
  QueryParameters query{};
  /// All of them are signed. Host is not among them.
  HttpHeaders headers{};
  /// SHA-256 of the body in hex, or `kUnsignedPayload`.
  std::string payload_hash;
};

/// Which service's rules a signature follows.
enum class SigV4Flavour : std::uint8_t {
  /// S3: the path is signed as sent, and the payload hash is a header.
  s3,
  /// All others: the path is normalised and encoded a second time.
  general,
};

/// Signs requests with AWS Signature Version 4 and remembers the last signing
/// key. Threads: one at a time. Source:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
class SigV4Signer {
 public:
  /// @param service  as in the credential scope: "s3", "sts", "lambda"
  SigV4Signer(std::string service, SigV4Flavour flavour) : service_(std::move(service)), flavour_(flavour) {}

  /// Adds Authorization and the headers that go with it to `request.headers`.
  void sign(SigV4Request& request, const Credentials& credentials, const std::string& region, SystemTime now);

  /// Adds the signature to `request.query`: the URL made of it is good for
  /// `lifetime`, at most seven days. The headers in `request.headers` must then
  /// be sent as well.
  void presign(SigV4Request& request, const Credentials& credentials, const std::string& region, SystemTime now,
               std::chrono::seconds lifetime);

 private:
  struct Scope {
    std::string time;
    std::string text;
  };
  struct KeyOrigin {
    std::string day;
    std::string region;
    Secret secret_access_key;

    bool operator==(const KeyOrigin&) const = default;
  };

  Scope scope(const std::string& region, SystemTime now) const;
  std::string canonical_path(const SigV4Request& request) const;
  std::string signature(const Credentials& credentials, const std::string& region, const Scope& scope,
                        std::string_view canonical_request);
  const Sha256Digest& signing_key(const Credentials& credentials, const std::string& region, std::string_view day);

  std::string service_;
  SigV4Flavour flavour_;
  KeyOrigin key_origin_;
  Sha256Digest key_{};
};

}  // namespace creel::aws
