#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "base/task.h"

namespace creel::aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  /// Empty for credentials that do not expire.
  Secret session_token{};
  std::optional<SystemTime> expires_at{};

  bool operator==(const Credentials&) const = default;
};

/// Where signatures get their credentials from. Threads: its own event loop.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  /// Credentials that are valid now.
  /// @throws Failure bad_auth  nothing usable was found; the message names the
  /// places that were looked at
  virtual Task<Credentials> get() = 0;

  /// Told that a service called `refused` expired or unknown: the next `get`
  /// looks for others.
  virtual void refuse(const Credentials& refused) { static_cast<void>(refused); }
};

}  // namespace creel::aws
