#include "net/content_decoder.h"

#include <new>

#include <fmt/format.h>
#include <zlib.h>

#include "base/failure.h"
#include "base/text.h"
#include "net/http_client.h"

namespace creel {
namespace {

constexpr std::size_t kOutputBytes = 16 * 1024;
/// zlib's largest window, with either a gzip or a zlib header.
constexpr int kGzipOrZlib = MAX_WBITS + 32;
/// "deflate" without any header: wrong, and common.
constexpr int kRawDeflate = -MAX_WBITS;

Failure broken() {
  return {FailureKind::truncated, "the answer's compression is broken"};
}

}  // namespace

struct ContentDecoder::Stream {
  Stream() {
    if (inflateInit2(&zlib, kGzipOrZlib) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&zlib); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream zlib{};
};

std::unique_ptr<ContentDecoder> ContentDecoder::make(std::string_view encoding) {
  const auto name = ascii_lower(trim(encoding));
  if (name.empty() || name == "identity") return nullptr;
  if (name == "gzip" || name == "x-gzip" || name == "deflate") return std::make_unique<ContentDecoder>();
  throw Failure(FailureKind::server_error,
                fmt::format("the answer is compressed as '{}', which was not asked for", name));
}

ContentDecoder::ContentDecoder() : stream_(std::make_unique<Stream>()), output_(kOutputBytes) {}
ContentDecoder::~ContentDecoder() = default;

std::size_t ContentDecoder::decode(std::span<const std::byte> data, BodySink& sink) {
  const auto given = data.size();
  while (flush(sink) && inflate_some(data)) continue;
  return given - data.size();
}

/// Gives the sink what is decoded; false if it is full.
bool ContentDecoder::flush(BodySink& sink) {
  if (!has_output()) return true;
  const auto ready = std::span(output_).subspan(output_begin_, output_end_ - output_begin_);
  output_begin_ += sink.write(ready);
  return !has_output();
}

/// Decodes into the empty output buffer; false if that gave nothing. What follows the end of the compressed data is
/// dropped.
bool ContentDecoder::inflate_some(std::span<const std::byte>& data) {
  if (ended_) data = {};
  if (data.empty() && !started_) return false;
  auto& zlib = stream_->zlib;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
  zlib.avail_in = static_cast<uInt>(data.size());
  zlib.next_out = reinterpret_cast<Bytef*>(output_.data());
  zlib.avail_out = static_cast<uInt>(output_.size());

  int result = ended_ ? Z_STREAM_END : inflate(&zlib, Z_NO_FLUSH);
  if (result == Z_DATA_ERROR && !started_) {
    inflateReset2(&zlib, kRawDeflate);
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
    zlib.avail_in = static_cast<uInt>(data.size());
    result = inflate(&zlib, Z_NO_FLUSH);
  }
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) throw broken();
  started_ = true;
  ended_ = result == Z_STREAM_END;
  data = data.last(ended_ ? 0 : zlib.avail_in);
  output_begin_ = 0;
  output_end_ = output_.size() - zlib.avail_out;
  return has_output();
}

void ContentDecoder::finish() const {
  if (started_ && !ended_) throw broken();
}

}  // namespace creel
