#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/byte_buffer.h"
#include "base/clock.h"
#include "base/task.h"
#include "net/address_policy.h"
#include "net/http_headers.h"
#include "net/proxy_settings.h"
#include "net/url.h"

namespace creel {

class HostLimits;
class Resolver;

enum class HttpVersion : std::uint8_t {
  /// HTTP/2 over TLS where the server offers it, else HTTP/1.1.
  best,
  http1,
};

enum class HttpMethod : std::uint8_t { get, head, put, post, delete_, patch };

std::string_view to_string(HttpMethod method);

struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  Url url;
  HttpHeaders headers;

  /// Sent with its length; must outlive the transfer. Read again from its start if a reused connection was dead.
  BodyView body;

  /// Told how many more bytes of the body went out; called on the client's loop.
  std::function<void(std::size_t)> on_sent;

  /// When all of it, the response's body included, must be over. It moves on by the time in which the body waits to be
  /// read: that is not the server's.
  SteadyTime deadline = SteadyTime::max();

  /// The Accept-Encoding to send. An answer in gzip or deflate is decoded in any case.
  std::string accept_encoding = "identity";
};

/// Takes the bytes of a response's body as they arrive. Called on the client's loop, and must not throw.
class BodySink {
 public:
  virtual ~BodySink() = default;

  /// Takes some or all of `data` and returns how many bytes it took: fewer mean that it is full for now.
  virtual std::size_t write(std::span<const std::byte> data) = 0;
};

enum class BodyProgress : std::uint8_t { sink_full, finished };

/// A response whose headers have arrived. The body waits, at the cost of one receive buffer, until it is read.
/// Destroying it ends the transfer; the connection is reused only if the body was read to its end.
/// Threads: its client's event loop. Must not outlive its client.
class HttpResponse {
 public:
  class Transfer;
  explicit HttpResponse(std::shared_ptr<Transfer> transfer);
  ~HttpResponse();
  HttpResponse(HttpResponse&&) noexcept;
  HttpResponse& operator=(HttpResponse&&) noexcept;

  int status() const;
  const HttpHeaders& headers() const;

  /// True if the body can wait at the server, at next to no cost here. False over HTTP/2: there libcurl (7.88) lets up
  /// to 32 MiB of each response come, and keeps them.
  bool can_wait() const;

  /// The length of the body as it will be read: nothing if the header is absent, or the body is compressed.
  std::optional<std::uint64_t> content_length() const;

  /// Moves body bytes into `sink` until the body ends or the sink is full; in the second case it can be called again.
  /// @throws Failure truncated (a broken compression or chunk too) | timeout | connect | server_error
  Task<BodyProgress> read(BodySink& sink);

  /// The whole body, for answers that are small.
  /// @throws Failure too_large  beyond `max_bytes`; and what `read` throws
  Task<std::string> read_text(std::size_t max_bytes);

  /// Reads the body without keeping it, so that the connection can be used again; gives up beyond `max_bytes` and on
  /// any failure.
  Task<void> discard(std::size_t max_bytes);

 private:
  std::shared_ptr<Transfer> transfer_;
};

struct HttpClientOptions {
  // What it does.
  std::string user_agent;
  AddressPolicy address_policy = AddressPolicy::public_only;
  /// Closed whatever the policy: services of this machine that strangers' URLs must not reach.
  std::vector<Endpoint> blocked_endpoints;
  ProxySettings proxies;
  /// File of CA certificates to trust; the system's if empty.
  std::string ca_file;
  /// The same as a folder of files named after hashes.
  std::string ca_folder;
  /// Why there are no CA certificates: then every https request fails with it, as `tls`. Empty if there are some.
  std::string ca_failure;
  HttpVersion version = HttpVersion::best;

  // How fast, and at whose cost.
  std::chrono::milliseconds connect_timeout{10'000};
  /// A transfer that moves no byte for this long is ended.
  std::chrono::milliseconds stall_timeout{30'000};
  std::size_t max_idle_connections = 256;
  /// Bounds the transfers from one host; a further one waits its turn. Unlimited if null.
  std::shared_ptr<HostLimits> host_limits;
  /// What each transfer has at hand for what comes in and for what goes out; where very many of them wait at a time, less
  /// is better.
  std::size_t receive_buffer_bytes = 32 * 1024;
  std::size_t upload_buffer_bytes = 64 * 1024;
  /// How often the peer's machine is asked for a sign of life while a connection is silent, so that what lies between
  /// does not forget it; never if 0.
  std::chrono::seconds keep_alive{0};
  /// Whether an idle connection to a host, by its authority, is kept for the next transfer. It is if this is empty.
  std::function<bool(std::string_view authority)> keeps_connections;
};

/// HTTP/1.1 and HTTP/2 over libcurl's multi socket interface. Redirects are not followed: see redirects.h.
/// Threads: its own event loop.
class HttpClient {
 public:
  /// @param resolver  shared by all clients of the process; must outlive the client
  HttpClient(boost::asio::any_io_executor executor, HttpClientOptions options, Resolver& resolver);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends the request and returns once the final response's headers are there. A status of 400 or more is a
  /// response like any other. Cancelling the coroutine ends the transfer.
  /// @throws Failure blocked_address | dns | connect | tls | timeout | truncated | server_error (an answer that is
  ///         not HTTP)
  Task<HttpResponse> send(HttpRequest request);

  /// Open connections, the idle ones included.
  std::size_t open_connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
