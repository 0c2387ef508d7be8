#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/http_answer.h"
#include "aws/retry.h"
#include "aws/s3_endpoint.h"
#include "aws/s3_options.h"
#include "aws/service_clock.h"
#include "aws/sigv4.h"
#include "base/backoff.h"
#include "base/byte_buffer.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace creel::aws {

struct S3Object {
  std::string bucket;
  std::string key;
};

/// Who hears of a call while it goes on; called on its event loop. Each may be
/// empty.
struct S3Hooks {
  /// More bytes of the body went out; those of a second try count again.
  std::function<void(std::size_t)> on_sent{};
  /// The store asked us to slow down.
  std::function<void()> on_throttled{};
};

enum class S3Target : std::uint8_t { object, bucket };

/// One call to S3.
struct S3Request {
  /// For messages: "put".
  std::string_view action;
  HttpMethod method = HttpMethod::get;
  S3Object object;
  /// `bucket`: the call is about no object, and its key is empty.
  S3Target target = S3Target::object;
  QueryParameters query{};
  /// Beyond those of the signature.
  HttpHeaders headers{};
  /// Must outlive the call.
  BodyView body{};
  /// The digest of `body`. Without it the body is not signed over TLS, and
  /// hashed before it is sent without.
  std::optional<Sha256Digest> sha256{};
  S3Hooks hooks{};
  std::size_t max_answer_bytes = 256 * 1024;
  /// Statuses of 300 and more that are an answer and not a failure; a missing
  /// bucket is a failure all the same.
  std::vector<int> answers{};
};

/// What an S3 client works with. All of it must outlive the client.
struct S3Context {
  HttpClient& http;
  CredentialsProvider& credentials;
  /// Shared by all clients of the process.
  RetryQuota& quota;
  const Clock& clock;
  Random random;
};

/// Signs and sends calls, and tries again where that may help. It remembers
/// what it learns about the store: its clock, the regions of buckets, and
/// whether it knows checksum headers. Threads: its own event loop.
class S3Transport {
 public:
  S3Transport(S3Context context, S3Options options);

  /// @throws Failure store_denied | store_throttled | store_error | too_large
  /// (the answer) | bad_request (the key)
  Task<HttpAnswer> execute(S3Request request);

  /// A URL with which anybody can get the object until `lifetime` is over.
  Task<std::string> presign_get(S3Object object, std::chrono::seconds lifetime);

 private:
  class Call;

  const std::string& region_of(const std::string& bucket) const;

  S3Context context_;
  S3Options options_;
  S3Endpoint endpoint_;
  SigV4Signer signer_{"s3", SigV4Flavour::s3};
  ServiceClock clock_;
  std::map<std::string, std::string> regions_;
  bool knows_checksums_ = true;
};

}  // namespace creel::aws
