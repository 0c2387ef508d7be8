#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace creel::testing {

/// A request as it came over the wire.
struct WireRequest {
  std::string method;
  /// Path and query, as sent.
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  /// A chunked one as it came, with its chunks' lengths and its trailers.
  std::string body;
  /// Which connection it came on, from 1.
  int connection = 0;

  /// The first header of that name (any case), or "".
  std::string header(std::string_view name) const;
};

/// What to send back, byte for byte, and what to do then.
struct WireReply {
  enum class Then : std::uint8_t { keep_open, close, stall };

  std::string bytes;
  Then then = Then::keep_open;

  /// A whole response with Content-Length.
  static WireReply response(int status, std::string body = "",
                            std::vector<std::pair<std::string, std::string>> headers = {});
};

/// An HTTP/1.1 server on loopback that answers as it is told and remembers what it was asked. One thread a
/// connection; `stall` holds the connection open, silent, until the peer closes it or the server goes.
class ScriptedServer {
 public:
  using Script = std::function<WireReply(const WireRequest&)>;

  /// Listens on a free port of `address`. `script` is called on the connections' threads, one at a time.
  explicit ScriptedServer(Script script, const std::string& address = "127.0.0.1");
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path) const;

  std::vector<WireRequest> requests() const;
  int connections() const;
  /// The most connections that were open at one time.
  int peak_connections() const;

 private:
  void accept_all();
  void serve(int fd, int number);

  Script script_;
  std::string address_;
  int listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<WireRequest> requests_;
  std::vector<int> open_;
  int connections_ = 0;
  int peak_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace creel::testing
