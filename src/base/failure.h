#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace creel {

/// Why an image could not be fetched or stored. The list is closed; the numbers are persisted in the catalog.
enum class FailureKind : std::uint8_t {
  bad_url = 1,
  blocked_address = 2,
  dns = 3,
  connect = 4,
  tls = 5,
  timeout = 6,
  redirected = 7,
  bad_request = 8,
  bad_auth = 9,
  forbidden = 10,
  not_found = 11,
  rate_limited = 12,
  server_error = 13,
  truncated = 14,
  too_large = 15,
  not_an_image = 16,
  placeholder = 17,
  opted_out = 18,
  store_denied = 19,
  store_throttled = 20,
  store_error = 21,
  function_error = 22,
  function_timeout = 23,
  function_throttled = 24,
  cancelled = 25,
  internal = 26,
};

/// Every kind, in the order of their numbers.
std::span<const FailureKind> all_failure_kinds();

/// The kind's name in reports, flags and answers, e.g. "not_found".
std::string_view to_string(FailureKind kind);

/// The kind of that name, or nothing.
std::optional<FailureKind> failure_kind(std::string_view name);

/// The kind of that persisted number, or nothing.
std::optional<FailureKind> failure_kind(int number);

/// True if trying again later may succeed.
bool is_retryable(FailureKind kind);

/// The HTTP status with which a failure of this kind is answered.
int status_code(FailureKind kind);

/// What the outside world did wrong. Thrown where it fails; caught where a record is written, an answer is sent or
/// a command ends. The message is for people: it names what was wrong, never a secret or a payload.
class Failure : public std::runtime_error {
 public:
  Failure(FailureKind kind, const std::string& message, std::optional<std::chrono::seconds> retry_after = std::nullopt)
      : std::runtime_error(message), kind_(kind), retry_after_(retry_after) {}

  FailureKind kind() const { return kind_; }

  /// How long the peer asked us to wait before the next try, if it did.
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

 private:
  FailureKind kind_;
  std::optional<std::chrono::seconds> retry_after_;
};

}  // namespace creel
