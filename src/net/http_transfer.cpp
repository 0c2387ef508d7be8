#include "net/http_transfer.h"

#include <charconv>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "net/curl_failure.h"

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kMaxHeaderBytes = 256 * 1024;
constexpr std::size_t kMaxIdleEasies = 64;
/// libcurl sends a body of less than 64 KiB together with the headers if it has all of it.
constexpr curl_off_t kMostSentWithHeaders = 64 * 1024;
/// For the name-and-address pairs given to each transfer; the resolver decides how long an address is believed.
constexpr long kCurlDnsSeconds = 60;

asio::ip::address address_of(const curl_sockaddr& address) {
  if (address.family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &address.addr, sizeof in);
    return asio::ip::address_v4(ntohl(in.sin_addr.s_addr));
  }
  sockaddr_in6 in6;
  std::memcpy(&in6, &address.addr, sizeof in6);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &in6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, in6.sin6_scope_id);
}

std::uint16_t port_of(const curl_sockaddr& address) {
  // The port lies at the same place in both forms.
  sockaddr_in in;
  std::memcpy(&in, &address.addr, sizeof in);
  return ntohs(in.sin_port);
}

}  // namespace

TransferPool::TransferPool(const asio::any_io_executor& loop, HttpClientOptions client_options)
    : options(std::move(client_options)), executor(loop), multi(loop, options.max_idle_connections) {}

TransferPool::~TransferPool() {
  for (CURL* easy : idle_easies) curl_easy_cleanup(easy);
}

CURL* TransferPool::take_easy() {
  if (idle_easies.empty()) return curl_easy_init();
  CURL* easy = idle_easies.back();
  idle_easies.pop_back();
  return easy;
}

void TransferPool::give_back(CURL* easy) {
  if (idle_easies.size() < kMaxIdleEasies) {
    curl_easy_reset(easy);
    idle_easies.push_back(easy);
  } else {
    curl_easy_cleanup(easy);
  }
}

HttpResponse::Transfer::Transfer(std::shared_ptr<TransferPool> pool, HttpRequest request, std::string proxy)
    : pool_(std::move(pool)),
      request_(std::move(request)),
      proxy_(std::move(proxy)),
      wakeup_(std::make_shared<Wakeup>(pool_->executor)),
      easy_(pool_->take_easy()) {}

HttpResponse::Transfer::~Transfer() {
  if (in_multi_) pool_->multi.remove(easy_);
  curl_slist_free_all(header_lines_);
  curl_slist_free_all(resolved_);
  pool_->give_back(easy_);
}

void HttpResponse::Transfer::hold(std::shared_ptr<Semaphore> owner, Semaphore::Permit permit) {
  permit_owner_ = std::move(owner);
  permit_ = std::move(permit);
}

Task<void> HttpResponse::Transfer::start(const std::vector<asio::ip::address>& addresses) {
  set_up(addresses);
  do {
    done_ = false;
    uploaded_ = 0;
    started_ = std::chrono::steady_clock::now();
    set_timeout();
    pool_->multi.add(easy_, this);
    in_multi_ = true;
    while (!headers_complete_ && !done_) co_await wakeup_->wait();
  } while (met_a_dead_connection());
  if (!headers_complete_ || (done_ && code_ != CURLE_OK)) throw failure();
  if (const auto encoding = headers_.find("Content-Encoding")) decoder_ = ContentDecoder::make(*encoding);
  stop_clock();
}

/// libcurl counts from the start of the transfer.
void HttpResponse::Transfer::set_timeout() {
  long timeout_ms = 0;
  if (request_.deadline != SteadyTime::max()) {
    const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(request_.deadline - started_);
    timeout_ms = std::max(1L, static_cast<long>(timeout.count()));
  }
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, timeout_ms);
}

void HttpResponse::Transfer::stop_clock() {
  stopped_ = std::chrono::steady_clock::now();
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, 0L);
}

void HttpResponse::Transfer::start_clock() {
  if (request_.deadline != SteadyTime::max()) request_.deadline += std::chrono::steady_clock::now() - stopped_;
  set_timeout();
}

/// libcurl itself sends a request again if a reused connection turned out to be closed when it was read from, but not
/// when it was written to. The connection is gone then, so that this ends at the latest with a new one.
bool HttpResponse::Transfer::met_a_dead_connection() const {
  long new_connections = 0;
  curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &new_connections);
  return done_ && code_ == CURLE_SEND_ERROR && header_bytes_ == 0 && new_connections == 0;
}

Task<BodyProgress> HttpResponse::Transfer::read(BodySink& sink) {
  struct Detach {
    BodySink*& sink;
    ~Detach() { sink = nullptr; }
  };
  const Detach detach{sink_};
  sink_ = &sink;
  start_clock();
  if (sink_is_behind()) {
    const auto used = give_to_sink(carried_);
    carried_.erase(carried_.begin(), carried_.begin() + static_cast<std::ptrdiff_t>(used));
  }
  if (paused_ && !sink_is_behind() && !decoder_failure_) {
    paused_ = false;
    pool_->multi.resume(easy_);
  }
  while (!done_ && !sink_is_behind() && !decoder_failure_) co_await wakeup_->wait();
  if (decoder_failure_) throw Failure(*decoder_failure_);
  if (sink_is_behind()) {
    stop_clock();
    co_return BodyProgress::sink_full;
  }
  if (code_ != CURLE_OK) throw failure();
  if (decoder_) decoder_->finish();
  co_return BodyProgress::finished;
}

bool HttpResponse::Transfer::is_http1() const {
  long version = 0;
  curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
  return version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1;
}

void HttpResponse::Transfer::set_up(const std::vector<asio::ip::address>& addresses) {
  const auto& options = pool_->options;
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(easy_, CURLOPT_URL, request_.url.str().c_str());
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION,
                   options.version == HttpVersion::http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_SHARE, pool_->sessions.get());
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, static_cast<long>(options.receive_buffer_bytes));
  curl_easy_setopt(easy_, CURLOPT_DNS_CACHE_TIMEOUT, kCurlDnsSeconds);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME,
                   std::max(1L, static_cast<long>(options.stall_timeout.count() / 1000)));
  if (options.keep_alive.count() > 0) {
    const auto seconds = static_cast<long>(options.keep_alive.count());
    curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy_, CURLOPT_TCP_KEEPIDLE, seconds);
    curl_easy_setopt(easy_, CURLOPT_TCP_KEEPINTVL, seconds);
  }
  // The proxy was chosen by proxy_settings.h: libcurl must not look at the environment once more.
  curl_easy_setopt(easy_, CURLOPT_PROXY, proxy_.c_str());
  curl_easy_setopt(easy_, CURLOPT_NOPROXY, "");
  if (!options.ca_file.empty()) curl_easy_setopt(easy_, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.ca_folder.empty()) curl_easy_setopt(easy_, CURLOPT_CAPATH, options.ca_folder.c_str());

  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETFUNCTION, &Transfer::on_close_socket);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETDATA, &pool_->multi);

  if (!addresses.empty()) {
    std::string entry = fmt::format("+{}:{}:", request_.url.host(), request_.url.port());
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      if (i != 0) entry += ',';
      const auto text = addresses[i].to_string();
      entry += addresses[i].is_v6() ? "[" + text + "]" : text;
    }
    resolved_ = curl_slist_append(resolved_, entry.c_str());
    curl_easy_setopt(easy_, CURLOPT_RESOLVE, resolved_);
  }
  if (options.keeps_connections && !options.keeps_connections(request_.url.authority())) {
    curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
  }
  set_method();
  set_headers();
}

void HttpResponse::Transfer::set_method() {
  const auto length = static_cast<curl_off_t>(request_.body.size());
  switch (request_.method) {
    case HttpMethod::get: curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L); return;
    case HttpMethod::head: curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L); return;
    case HttpMethod::delete_: curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, "DELETE"); return;
    case HttpMethod::put:
      curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(easy_, CURLOPT_INFILESIZE_LARGE, length);
      break;
    case HttpMethod::post:
    case HttpMethod::patch:
      curl_easy_setopt(easy_, CURLOPT_POST, 1L);
      if (request_.method == HttpMethod::patch) curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, "PATCH");
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, length);
      // In one piece with the headers, libcurl needs no upload buffer, which it would keep until the answer is there.
      if (const auto pieces = request_.body.pieces();
          !request_.on_sent && pieces.size() == 1 && length > 0 && length < kMostSentWithHeaders) {
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, pieces.front().data());
        return;
      }
      break;
  }
  curl_easy_setopt(easy_, CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(pool_->options.upload_buffer_bytes));
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &Transfer::on_upload);
  curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
  curl_easy_setopt(easy_, CURLOPT_SEEKDATA, this);
}

void HttpResponse::Transfer::set_headers() {
  for (const auto& [name, value] : request_.headers) {
    // libcurl sends a header without a value only if it ends in ";".
    const auto line = value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value);
    header_lines_ = curl_slist_append(header_lines_, line.c_str());
  }
  // libcurl does not decode: it would keep without bound what a paused transfer's bytes blow up to.
  if (!request_.headers.find("Accept-Encoding")) {
    header_lines_ =
        curl_slist_append(header_lines_, fmt::format("Accept-Encoding: {}", request_.accept_encoding).c_str());
  }
  // A body is sent at once: waiting for "100 Continue" costs a round trip an image.
  if (request_.body.size() != 0) header_lines_ = curl_slist_append(header_lines_, "Expect:");
  const bool is_posted = request_.method == HttpMethod::post || request_.method == HttpMethod::patch;
  if (is_posted && !request_.headers.find("Content-Type")) {
    header_lines_ = curl_slist_append(header_lines_, "Content-Type:");
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_lines_);
}

std::size_t HttpResponse::Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  return transfer->take_header_line({data, size * count}) ? size * count : 0;
}

/// Headers of interim responses (1xx) come before those of the final one and are forgotten; trailers are ignored.
bool HttpResponse::Transfer::take_header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) return false;
  if (headers_complete_) return true;
  const auto text = trim(line);
  if (text.starts_with("HTTP/")) {
    headers_ = {};
    const auto code = text.substr(std::min(text.find(' '), text.size() - 1) + 1);
    std::from_chars(code.data(), code.data() + code.size(), status_);
  } else if (text.empty()) {
    if (status_ >= 200) {
      headers_complete_ = true;
      wakeup_->notify();
    }
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    headers_.add(std::string(trim(text.substr(0, colon))), std::string(trim(text.substr(colon + 1))));
  }
  return true;
}

std::size_t HttpResponse::Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->take_body(std::as_bytes(std::span(data, size * count)));
}

std::size_t HttpResponse::Transfer::take_body(std::span<const std::byte> data) {
  if (sink_ == nullptr || sink_is_behind() || decoder_failure_) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  const auto used = give_to_sink(data);
  carried_.assign(data.begin() + static_cast<std::ptrdiff_t>(used), data.end());
  if (sink_is_behind() || decoder_failure_) wakeup_->notify();
  return data.size();
}

std::size_t HttpResponse::Transfer::give_to_sink(std::span<const std::byte> data) {
  if (!decoder_) return sink_->write(data);
  try {
    return decoder_->decode(data, *sink_);
  } catch (const Failure& failure) {
    decoder_failure_ = failure;
    return data.size();
  }
}

std::size_t HttpResponse::Transfer::on_upload(char* out, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const auto& request = transfer->request_;
  const auto copied = request.body.read(transfer->uploaded_, std::as_writable_bytes(std::span(out, size * count)));
  transfer->uploaded_ += copied;
  if (request.on_sent && copied != 0) request.on_sent(copied);
  return copied;
}

int HttpResponse::Transfer::on_seek(void* self, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Transfer*>(self)->uploaded_ = static_cast<std::size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

/// The last word on which address is connected to: after look-up and for every new connection.
curl_socket_t HttpResponse::Transfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* transfer = static_cast<Transfer*>(self);
  const bool through_proxy = !transfer->proxy_.empty();
  const auto& options = transfer->pool_->options;
  const auto ip = address_of(*address);
  const bool is_closed =
      !is_allowed(ip, options.address_policy) || is_among({ip, port_of(*address)}, options.blocked_endpoints);
  if (!through_proxy && is_closed) {
    transfer->blocked_address_ = true;
    return CURL_SOCKET_BAD;
  }
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
  if (fd >= 0) transfer->pool_->multi.count_open();
  return fd;
}

int HttpResponse::Transfer::on_close_socket(void* multi, curl_socket_t socket) {
  static_cast<CurlMulti*>(multi)->count_close();
  return close(socket);
}

void HttpResponse::Transfer::on_done(CURLcode code) {
  in_multi_ = false;
  done_ = true;
  code_ = code;
  wakeup_->notify();
}

Failure HttpResponse::Transfer::failure() const {
  if (blocked_address_) {
    return {FailureKind::blocked_address,
            fmt::format("the address of '{}' is not one of the public Internet", request_.url.host())};
  }
  if (header_bytes_ > kMaxHeaderBytes) {
    return {FailureKind::server_error, fmt::format("the answer has more than {} bytes of headers", kMaxHeaderBytes)};
  }
  curl_off_t connected_us = 0;
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
  auto phase = TransferPhase::connecting;
  if (headers_complete_) {
    phase = TransferPhase::receiving_body;
  } else if (connected_us > 0) {
    phase = TransferPhase::waiting_for_headers;
  }
  long os_error = 0;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_error);
  return to_failure(code_, phase, os_error, error_);
}

}  // namespace creel
