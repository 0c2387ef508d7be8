#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "api/api_parts.h"
#include "api/web_file.h"
#include "base/task.h"
#include "net/http_server.h"

namespace creel {

struct ApiOptions {
  /// What the program says it is.
  std::string version;
  std::size_t max_connections = 10'000;
  std::size_t max_header_bytes = 32UL * 1024;
  /// For headers to arrive in full, and for each piece of a body or an answer.
  std::chrono::milliseconds transfer_timeout{30'000};
  /// For all of a body.
  std::chrono::milliseconds body_timeout{120'000};
  std::chrono::milliseconds first_byte_timeout{10'000};
  std::chrono::milliseconds idle_timeout{75'000};
  /// The files of the page, which must outlive the API; without any, there is a line of text in its place.
  std::span<const WebFile> page{};
};

/// The HTTP API: routes, who may use them, events, metrics, the description of it all. Threads: the loop of its parts,
/// on which it is destroyed after `stop`, or after the loop has stopped.
class Api {
 public:
  /// @throws std::logic_error  routes contradict each other
  Api(ApiParts parts, ApiOptions options);
  ~Api();

  /// Begins to accept connections. May be called for several addresses.
  /// @param port  0 for any that is free
  /// @throws Failure bad_request  the address is none, or its port is in use or not allowed
  void listen(const std::string& address, std::uint16_t port);
  /// The port of the first address that is listened on; 0 if none is.
  std::uint16_t port() const;

  /// What answers requests, for a server of one's own.
  HttpHandler handler();

  /// The description at /openapi.json.
  const std::string& description() const;

  /// Accepts no more and ends the streams of events, lets requests under way end until the deadline, then cuts them.
  Task<void> stop(std::chrono::steady_clock::time_point deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
