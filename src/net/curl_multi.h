#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

namespace creel {

/// Hears of the end of a transfer. Called inside the multi handle's own work: it must not call back into it.
class CurlDone {
 public:
  virtual ~CurlDone() = default;
  virtual void on_done(CURLcode code) = 0;
};

/// A libcurl multi handle driven by an Asio event loop. libcurl's sockets lie in an epoll set of their own, of which
/// Asio watches only the one descriptor: a wake-up handles all sockets that are ready, and closing a socket needs no
/// bookkeeping. Threads: its own event loop.
class CurlMulti {
 public:
  CurlMulti(const boost::asio::any_io_executor& executor, std::size_t max_idle_connections);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  /// Starts a transfer. `done` must live until it was called or the transfer was removed.
  void add(CURL* easy, CurlDone* done);

  /// Ends a transfer without a word; its connection is closed if the answer was not complete.
  void remove(CURL* easy);

  /// Lets a paused transfer go on.
  void resume(CURL* easy);

  /// Open sockets, idle connections included.
  std::size_t open_sockets() const { return open_sockets_; }

  /// For CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION.
  void count_open() { ++open_sockets_; }
  void count_close() { --open_sockets_; }

 private:
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);

  void watch();
  void set_timer(long timeout_ms);
  void handle_ready_sockets();
  void act(curl_socket_t socket, int events);
  void report_done();

  CURLM* multi_;
  int epoll_fd_;
  boost::asio::posix::stream_descriptor epoll_;
  boost::asio::steady_timer timer_;
  std::uint64_t timer_version_ = 0;
  std::size_t open_sockets_ = 0;
  /// Handlers that Asio still holds when the object goes find it gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace creel
