#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/clock.h"
#include "base/task.h"

namespace creel {

struct ResolverOptions {
  std::size_t threads = 16;
  /// How long an answer, and a "no such name", are believed.
  std::chrono::seconds positive_ttl{60};
  std::chrono::seconds negative_ttl{10};
  std::size_t max_cached_names = 10'000;
};

/// Looks names up on a few threads, once for all who ask at the same time, and remembers the answers.
/// Threads: any; an answer arrives where it was awaited.
class Resolver {
 public:
  using Addresses = std::vector<boost::asio::ip::address>;

  /// Looks one name up and blocks. @throws Failure dns
  using Lookup = std::function<Addresses(const std::string& host)>;

  /// @param lookup  `system_lookup` but in tests
  Resolver(const Clock& clock, Lookup lookup, ResolverOptions options = {});
  ~Resolver();

  /// The addresses of `host`, at least one; an address literal is its own answer.
  /// @throws Failure dns  there is none, or no answer came before the deadline
  Task<Addresses> resolve(std::string host, SteadyTime deadline = SteadyTime::max());

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

/// getaddrinfo(3).
Resolver::Addresses system_lookup(const std::string& host);

}  // namespace creel
