#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <curl/curl.h>

#include "base/failure.h"
#include "base/semaphore.h"
#include "base/wakeup.h"
#include "net/content_decoder.h"
#include "net/curl_multi.h"
#include "net/http_client.h"

namespace creel {

/// TLS sessions that connections share, so that a new one to a known peer needs no full handshake.
class SharedSessions {
 public:
  SharedSessions() : share_(curl_share_init()) {
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  ~SharedSessions() { curl_share_cleanup(share_); }
  SharedSessions(const SharedSessions&) = delete;
  SharedSessions& operator=(const SharedSessions&) = delete;

  CURLSH* get() const { return share_; }

 private:
  CURLSH* share_;
};

/// What all transfers of one client share. Threads: its own event loop.
struct TransferPool {
  TransferPool(const boost::asio::any_io_executor& executor, HttpClientOptions options);
  ~TransferPool();

  /// An easy handle with the settings that do not change from one transfer to the next.
  CURL* take_easy();
  void give_back(CURL* easy);

  const HttpClientOptions options;
  boost::asio::any_io_executor executor;
  SharedSessions sessions;
  CurlMulti multi;
  std::vector<CURL*> idle_easies;
};

/// One request and its response, as libcurl's callbacks see them. Threads: its client's event loop.
class HttpResponse::Transfer final : public CurlDone {
 public:
  Transfer(std::shared_ptr<TransferPool> pool, HttpRequest request, std::string proxy);
  ~Transfer() override;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Keeps the permit for a connection to the host until the transfer is over.
  void hold(std::shared_ptr<Semaphore> owner, Semaphore::Permit permit);

  /// Sends the request to one of `addresses` and waits for the headers.
  Task<void> start(const std::vector<boost::asio::ip::address>& addresses);
  Task<BodyProgress> read(BodySink& sink);

  int status() const { return status_; }
  const HttpHeaders& headers() const { return headers_; }
  bool is_http1() const;

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_upload(char* out, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_close_socket(void* pool, curl_socket_t socket);

  void set_up(const std::vector<boost::asio::ip::address>& addresses);
  void set_method();
  void set_headers();
  bool met_a_dead_connection() const;
  bool take_header_line(std::string_view line);
  std::size_t take_body(std::span<const std::byte> data);
  std::size_t give_to_sink(std::span<const std::byte> data);
  void set_timeout();
  /// While nobody reads, the deadline stands still.
  void stop_clock();
  void start_clock();
  bool sink_is_behind() const { return !carried_.empty() || (decoder_ && decoder_->has_output()); }
  void on_done(CURLcode code) override;
  Failure failure() const;

  std::shared_ptr<TransferPool> pool_;
  HttpRequest request_;
  std::string proxy_;
  std::shared_ptr<Semaphore> permit_owner_;
  Semaphore::Permit permit_;
  std::shared_ptr<Wakeup> wakeup_;

  CURL* easy_;
  curl_slist* header_lines_ = nullptr;
  curl_slist* resolved_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};

  SteadyTime started_;
  /// When the clock was stopped.
  SteadyTime stopped_;
  std::size_t uploaded_ = 0;
  int status_ = 0;
  HttpHeaders headers_;
  std::size_t header_bytes_ = 0;
  bool headers_complete_ = false;
  bool blocked_address_ = false;

  /// Null unless the body is compressed.
  std::unique_ptr<ContentDecoder> decoder_;
  std::optional<Failure> decoder_failure_;
  BodySink* sink_ = nullptr;
  /// Bytes as they came, that the sink had no room for.
  std::vector<std::byte> carried_;
  bool paused_ = false;
  bool in_multi_ = false;
  bool done_ = false;
  CURLcode code_ = CURLE_OK;
};

}  // namespace creel
