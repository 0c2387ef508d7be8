#include "sources/list_download.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/failure.h"
#include "net/http_status.h"
#include "net/redirects.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// Holds what has arrived until it is written on.
class Chunk final : public BodySink {
 public:
  static constexpr std::size_t kMaxBytes = 64 * 1024;

  std::size_t write(std::span<const std::byte> data) override {
    const auto count = std::min(data.size(), kMaxBytes - bytes.size());
    bytes.insert(bytes.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

  std::vector<std::byte> bytes;
};

}  // namespace

Task<void> download_list(HttpClient& http, Url url, SystemTime now, FileDescriptor pipe) {
  asio::posix::stream_descriptor out(co_await asio::this_coro::executor, pipe.release());
  auto fetched = co_await get_following_redirects(http, {.url = std::move(url), .accept_encoding = "gzip, deflate"});
  auto& response = fetched.response;
  if (response.status() != 200) throw failure_for_status(response.status(), response.headers(), now);

  Chunk chunk;
  std::exception_ptr broken;
  for (auto progress = BodyProgress::sink_full; progress == BodyProgress::sink_full && !broken;) {
    chunk.bytes.clear();
    try {
      progress = co_await response.read(chunk);
    } catch (...) {
      broken = std::current_exception();
    }
    boost::system::error_code reader_gone;
    co_await asio::async_write(out, asio::buffer(chunk.bytes), asio::redirect_error(asio::use_awaitable, reader_gone));
    if (reader_gone) co_return;
  }
  if (broken) std::rethrow_exception(broken);
}

}  // namespace creel
