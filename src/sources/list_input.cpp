#include "sources/list_input.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "base/failure.h"

namespace creel {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{64} * 1024;
constexpr std::string_view kGzipMagic = "\x1f\x8b";

/// What the stream has at hand, at least one byte, or a line's worth where it does not say how much that is
/// (as standard input): a slow pipe is not waited for longer than need be.
std::size_t read_at_hand(std::istream& stream, std::span<char> out) {
  if (stream.peek() == std::istream::traits_type::eof()) return 0;
  const auto count = stream.readsome(out.data(), static_cast<std::streamsize>(out.size()));
  if (count > 0) return static_cast<std::size_t>(count);
  std::size_t filled = 0;
  while (filled < out.size() && stream.get(out[filled])) {
    if (out[filled++] == '\n') break;
  }
  return filled;
}

}  // namespace

/// zlib's inflate over a series of gzip members.
class ListInput::Gunzip {
 public:
  Gunzip() {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (::inflateInit2(&state_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Gunzip() { ::inflateEnd(&state_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  enum class Step { going_on, member_ended, broken };

  /// Unpacks from the front of `packed` and to the front of `out`; takes away what it used of either.
  Step unpack(std::span<char>& packed, std::span<char>& out) {
    state_.next_in = reinterpret_cast<Bytef*>(packed.data());
    state_.avail_in = static_cast<uInt>(packed.size());
    state_.next_out = reinterpret_cast<Bytef*>(out.data());
    state_.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&state_, Z_NO_FLUSH);
    in_member_ = true;
    packed = packed.last(state_.avail_in);
    out = out.last(state_.avail_out);
    if (result == Z_STREAM_END) {
      ::inflateReset(&state_);
      in_member_ = false;
      return Step::member_ended;
    }
    return result == Z_OK || result == Z_BUF_ERROR ? Step::going_on : Step::broken;
  }

  bool in_member() const { return in_member_; }

 private:
  z_stream state_{};
  bool in_member_ = false;
};

ListInput::ListInput(std::unique_ptr<std::istream> stream, std::string name)
    : stream_(std::move(stream)),
      name_(std::move(name)),
      packed_(kPackedBytes),
      at_hand_(std::span(packed_).first(0)) {}

ListInput::~ListInput() = default;
ListInput::ListInput(ListInput&&) noexcept = default;

bool ListInput::refill() {
  std::memmove(packed_.data(), at_hand_.data(), at_hand_.size());
  const auto room = std::span(packed_).subspan(at_hand_.size());
  const auto count = read_at_hand(*stream_, room);
  at_hand_ = std::span(packed_).first(at_hand_.size() + count);
  if (count == 0 && (stream_->bad() || !stream_->eof())) {
    throw Failure(FailureKind::truncated, fmt::format("{}: reading failed", name_));
  }
  return count > 0;
}

void ListInput::recognise() {
  while (at_hand_.size() < kGzipMagic.size() && refill()) continue;
  if (std::string_view(at_hand_.data(), at_hand_.size()).starts_with(kGzipMagic)) gunzip_ = std::make_unique<Gunzip>();
  recognised_ = true;
}

std::size_t ListInput::take_plain(std::span<char> out) {
  if (at_hand_.empty() && !refill()) return 0;
  const auto count = std::min(out.size(), at_hand_.size());
  std::memcpy(out.data(), at_hand_.data(), count);
  at_hand_ = at_hand_.subspan(count);
  return count;
}

std::size_t ListInput::read(std::span<char> out) {
  if (!recognised_) recognise();
  if (!gunzip_) return take_plain(out);

  auto left = out;
  while (left.size() == out.size()) {
    // Some writers pad the end with zeros.
    while (!gunzip_->in_member() && !at_hand_.empty() && at_hand_.front() == '\0') at_hand_ = at_hand_.subspan(1);
    if (at_hand_.empty() && !refill()) {
      if (!gunzip_->in_member()) return 0;
      throw Failure(FailureKind::truncated, fmt::format("{}: the compressed data ends early", name_));
    }
    if (!gunzip_->in_member() && at_hand_.front() == '\0') continue;
    if (gunzip_->unpack(at_hand_, left) == Gunzip::Step::broken && left.size() == out.size()) {
      throw Failure(FailureKind::truncated, fmt::format("{}: the compressed data is broken", name_));
    }
  }
  return out.size() - left.size();
}

}  // namespace creel
