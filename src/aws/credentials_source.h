#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/thread_pool.hpp>

#include "aws/credentials.h"
#include "aws/environment.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/failure.h"
#include "base/task.h"
#include "net/http_client.h"

namespace creel::aws {

/// What the sources of credentials work with. All of it must outlive them.
struct CredentialsContext {
  const Environment& environment;
  /// Must be allowed to reach any address: metadata services are on link-local
  /// ones.
  HttpClient& http;
  /// For programs that print credentials.
  boost::asio::thread_pool& threads;
  const Clock& clock;
  Random random;
};

/// Nothing was found, and why, for people: "AWS_ACCESS_KEY_ID is not set".
struct NothingFound {
  std::string reason;
};

using CredentialsSearch = std::variant<Credentials, NothingFound>;

/// One place where credentials may be. Threads: its own event loop.
class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;

  /// For people: "environment variables".
  virtual std::string_view name() const = 0;

  /// Looks, anew each time.
  /// @throws Failure bad_auth  something is there, but it is wrong; and
  /// whatever asking for it can throw
  virtual Task<CredentialsSearch> find() = 0;
};

}  // namespace creel::aws
