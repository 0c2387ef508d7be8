#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace creel {

class BodySink;

/// Undoes a Content-Encoding while a body arrives, and never holds more of the result than one small buffer: however
/// much the bytes blow up to, it goes no faster than the sink takes it. Threads: one at a time.
class ContentDecoder {
 public:
  /// @param encoding  the header's value: "gzip", "x-gzip" or "deflate", in any case
  /// @return  null for "identity" and an empty value
  /// @throws Failure server_error  for any other, which nobody asked for
  static std::unique_ptr<ContentDecoder> make(std::string_view encoding);

  ContentDecoder();
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  /// Decodes as much of `data` as `sink` takes and returns how many bytes of it were used up: fewer mean that the sink
  /// is full, and the rest has to be given again.
  /// @throws Failure truncated  the bytes are not what the header says
  std::size_t decode(std::span<const std::byte> data, BodySink& sink);

  /// True if the sink has not taken yet all that was decoded: `decode` has to be called again, with no data if need be.
  bool has_output() const { return output_begin_ != output_end_; }

  /// To be called at the end of the body, which may be empty. @throws Failure truncated  the compressed data has no end
  void finish() const;

 private:
  struct Stream;

  bool flush(BodySink& sink);
  bool inflate_some(std::span<const std::byte>& data);

  std::unique_ptr<Stream> stream_;
  std::vector<std::byte> output_;
  std::size_t output_begin_ = 0;
  std::size_t output_end_ = 0;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace creel
