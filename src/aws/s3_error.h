#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/http_answer.h"
#include "base/clock.h"
#include "base/failure.h"

namespace creel::aws {

/// What S3 says when it does not do what it was asked.
struct S3Error {
  /// 200 for an error that came in the body of a success.
  int status = 0;
  /// "NoSuchKey"; empty where the answer has no body, as after HEAD.
  std::string code{};
  /// S3's words, one line.
  std::string message{};
  /// Where the bucket is, if the answer says so.
  std::string region{};
  std::string request_id{};
  /// The service's clock.
  std::optional<SystemTime> date{};
  std::optional<std::chrono::milliseconds> retry_after{};
};

/// What the caller does next.
enum class S3Recovery : std::uint8_t {
  give_up,
  retry,
  /// Retry, later and with less at a time.
  slow_down,
  /// Set our clock by the service's and send it again, if they are far apart.
  correct_clock,
  /// Send it to the region where the bucket is.
  change_region,
  /// Look for newer credentials and send it again.
  renew_credentials,
  /// Send it again without the headers that not every store knows.
  leave_out_checksum,
};

struct S3Verdict {
  /// store_denied | store_throttled | store_error
  FailureKind kind;
  S3Recovery recovery;
  /// What a person can do about it; empty if there is nothing to say.
  std::string_view advice;

  bool operator==(const S3Verdict&) const = default;
};

/// The error in `answer`: a status of 300 or more, or an <Error> in the body of
/// a success; nothing if there is none.
std::optional<S3Error> find_s3_error(const HttpAnswer& answer, SystemTime now);

/// By the code or, where that is unknown, by the status.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
S3Verdict judge(const S3Error& error);

/// @param action  what was refused, with where: "put of s3://bucket/key at
/// https://host"
Failure to_failure(const S3Error& error, std::string_view action);

/// The failure of a connection to the store, as a failure of the store. TLS
/// failures are store_denied.
Failure to_store_failure(const Failure& network, std::string_view action);

}  // namespace creel::aws
