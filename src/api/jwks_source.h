#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/token_keys.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"

namespace creel {

class HttpClient;
class Url;

struct JwksOptions {
  /// Keys that are older are fetched again, while the old ones are used on.
  std::chrono::seconds max_age{600};
  /// A key id that is unknown lets the set be fetched again: at once, so that a rotation is followed whenever it comes,
  /// but no more than `burst` times in a row and then once in this time, whatever ids strangers make up.
  std::chrono::seconds shortest_wait{60};
  int burst = 5;
  /// The same while there are no keys at all.
  std::chrono::seconds first_wait{5};
  std::chrono::seconds timeout{10};
};

/// The keys of an identity provider, fetched from a URL and kept. While the provider is away its last keys stay good.
/// Threads: the API's loop.
class JwksSource {
 public:
  /// @param http  of the same loop
  JwksSource(HttpClient& http, const std::string& url, const Clock& clock, Log log, JwksOptions options = {});
  ~JwksSource();

  /// The keys of that algorithm and id; all of the algorithm if the id is empty.
  /// @throws Problem unavailable  no keys could be fetched yet
  Task<std::vector<VerificationKey>> find(TokenAlgorithm algorithm, std::string key_id);

  /// Grows when the keys change.
  std::uint64_t generation() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace creel
