#pragma once

#include <cstdint>

#include "base/byte_budget.h"
#include "base/byte_buffer.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/task.h"
#include "net/http_client.h"

namespace creel {

/// The part of an image's bytes that is in memory, with the memory that it was granted, and the digest of all bytes
/// so far. Threads: its own event loop.
class ImageBody final : private BodySink {
 public:
  enum class Part : std::uint8_t { last, more_follow };

  /// @param max_bytes  of the whole image
  ImageBody(ByteBudget& budget, BlockPool& pool, std::uint64_t max_bytes)
      : budget_(budget), bytes_(pool), max_bytes_(max_bytes) {}

  /// Reserves memory for the whole body of `response` if it is known to fit and the memory is free at once.
  bool reserve_at_once(const HttpResponse& response);

  /// Reserves memory, unless that is done, and reads from `response` until the image ends or 8 MiB are held. After
  /// `more_follow` the bytes held have to be used, and `next_part` called.
  /// @throws Failure too_large | not_an_image (as soon as the first bytes say so) | timeout | truncated
  Task<Part> read(HttpResponse& response);

  /// Forgets the bytes held, not the digest, and reads on.
  Task<Part> next_part(HttpResponse& response);

  /// The bytes held.
  BodyView view() const { return bytes_.view(); }

  /// Of all bytes so far.
  std::uint64_t total_bytes() const { return total_bytes_; }

  /// The digest of all bytes; to be called once, after the last part.
  Sha256Digest finish_digest() { return hash_.finish(); }

 private:
  std::size_t write(std::span<const std::byte> data) override;
  Task<Part> fill(HttpResponse& response);
  void sniff();

  ByteBudget& budget_;
  ByteBudget::Ticket ticket_;
  ByteBuffer bytes_;
  Sha256 hash_;
  std::uint64_t max_bytes_;
  std::uint64_t total_bytes_ = 0;
  bool sniffed_ = false;
  bool is_image_ = true;
};

}  // namespace creel
