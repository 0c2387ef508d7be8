#include "net/http_client.h"

#include <charconv>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/semaphore.h"
#include "base/text.h"
#include "net/host_limits.h"
#include "net/http_transfer.h"
#include "net/resolver.h"

namespace creel {
namespace {

/// Collects a small body, and is full beyond its limit.
class TextSink final : public BodySink {
 public:
  explicit TextSink(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  std::size_t write(std::span<const std::byte> data) override {
    const auto count = std::min(data.size(), max_bytes_ - text.size());
    text.append(reinterpret_cast<const char*>(data.data()), count);
    return count;
  }

  std::string text;

 private:
  std::size_t max_bytes_;
};

/// Counts bytes, keeps none.
class CountingSink final : public BodySink {
 public:
  explicit CountingSink(std::size_t max_bytes) : left_(max_bytes) {}

  std::size_t write(std::span<const std::byte> data) override {
    const auto count = std::min(data.size(), left_);
    left_ -= count;
    return count;
  }

 private:
  std::size_t left_;
};

/// The address that `host` is written as; nothing for a name.
std::optional<boost::asio::ip::address> literal_address(const std::string& host) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(host, is_name);
  return is_name ? std::nullopt : std::optional(address);
}

/// True for a host of which its name alone says that it must not be reached.
bool is_closed(const Url& url, const HttpClientOptions& options) {
  const auto& host = url.host();
  if (const auto address = literal_address(host)) {
    return !is_allowed(*address, options.address_policy) || is_among({*address, url.port()}, options.blocked_endpoints);
  }
  const bool is_local = host == "localhost" || host.ends_with(".localhost");
  return is_local && options.address_policy == AddressPolicy::public_only;
}

Failure blocked(const std::string& host) {
  return {FailureKind::blocked_address, fmt::format("the address of '{}' is not one of the public Internet", host)};
}

}  // namespace

std::string_view to_string(HttpMethod method) {
  switch (method) {
    case HttpMethod::get: return "GET";
    case HttpMethod::head: return "HEAD";
    case HttpMethod::put: return "PUT";
    case HttpMethod::post: return "POST";
    case HttpMethod::delete_: return "DELETE";
    case HttpMethod::patch: return "PATCH";
  }
  throw std::logic_error("unknown HttpMethod");
}

HttpResponse::HttpResponse(std::shared_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
HttpResponse::~HttpResponse() = default;
HttpResponse::HttpResponse(HttpResponse&&) noexcept = default;
HttpResponse& HttpResponse::operator=(HttpResponse&&) noexcept = default;

int HttpResponse::status() const {
  return transfer_->status();
}
const HttpHeaders& HttpResponse::headers() const {
  return transfer_->headers();
}

bool HttpResponse::can_wait() const {
  return transfer_->is_http1();
}

std::optional<std::uint64_t> HttpResponse::content_length() const {
  const auto encoding = headers().find("Content-Encoding");
  if (encoding && !ascii_iequals(*encoding, "identity")) return std::nullopt;
  const auto value = headers().find("Content-Length");
  if (!value || headers().find("Transfer-Encoding")) return std::nullopt;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), length);
  if (error != std::errc{} || end != value->data() + value->size()) return std::nullopt;
  return length;
}

Task<BodyProgress> HttpResponse::read(BodySink& sink) {
  return transfer_->read(sink);
}

Task<std::string> HttpResponse::read_text(std::size_t max_bytes) {
  TextSink sink(max_bytes);
  if (co_await transfer_->read(sink) == BodyProgress::sink_full) {
    throw Failure(FailureKind::too_large, fmt::format("the answer has more than {} bytes", max_bytes));
  }
  co_return std::move(sink.text);
}

Task<void> HttpResponse::discard(std::size_t max_bytes) {
  CountingSink sink(max_bytes);
  try {
    co_await transfer_->read(sink);
  } catch (const Failure&) {
    // The answer's status has been seen; only the reuse of the connection is lost.
    co_return;
  }
}

class HttpClient::Impl {
 public:
  Impl(const boost::asio::any_io_executor& executor, HttpClientOptions options, Resolver& resolver)
      : resolver_(resolver), pool_(std::make_shared<TransferPool>(executor, std::move(options))) {}

  Task<HttpResponse> send(HttpRequest request) {
    const auto host = request.url.host();
    const auto deadline = request.deadline;
    const auto& options = pool_->options;
    auto proxy = options.proxies.proxy_for(request.url);
    // A proxy connects by itself, so that this is the only check there is; names it looks up itself.
    if (!proxy.empty() && is_closed(request.url, options)) throw blocked(host);
    if (request.url.is_https() && !options.ca_failure.empty()) throw Failure(FailureKind::tls, options.ca_failure);

    std::shared_ptr<Semaphore> slots;
    Semaphore::Permit permit;
    if (options.host_limits) {
      slots = options.host_limits->of(request.url.authority());
      permit = co_await slots->acquire(1, deadline);
    }
    Resolver::Addresses addresses;
    if (proxy.empty() && !literal_address(host))
      addresses = co_await allowed_addresses(host, request.url.port(), deadline);

    auto transfer = std::make_shared<HttpResponse::Transfer>(pool_, std::move(request), std::move(proxy));
    if (slots) transfer->hold(std::move(slots), std::move(permit));
    co_await transfer->start(addresses);
    co_return HttpResponse(std::move(transfer));
  }

  std::size_t open_connections() const { return pool_->multi.open_sockets(); }

 private:
  Task<Resolver::Addresses> allowed_addresses(std::string host, std::uint16_t port, SteadyTime deadline) {
    auto addresses = co_await resolver_.resolve(host, deadline);
    const auto& options = pool_->options;
    std::erase_if(addresses, [&options, port](const auto& address) {
      return !is_allowed(address, options.address_policy) || is_among({address, port}, options.blocked_endpoints);
    });
    if (addresses.empty()) {
      throw blocked(host);
    }
    co_return addresses;
  }

  Resolver& resolver_;
  std::shared_ptr<TransferPool> pool_;
};

HttpClient::HttpClient(boost::asio::any_io_executor executor, HttpClientOptions options, Resolver& resolver)
    : impl_(std::make_unique<Impl>(executor, std::move(options), resolver)) {}
HttpClient::~HttpClient() = default;

Task<HttpResponse> HttpClient::send(HttpRequest request) {
  return impl_->send(std::move(request));
}

std::size_t HttpClient::open_connections() const {
  return impl_->open_connections();
}

}  // namespace creel
