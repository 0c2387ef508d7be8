#include "functions/image_body.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/units.h"
#include "image/image_probe.h"

namespace creel {
namespace {

/// For a body of unknown length, before it is known to need more.
constexpr std::size_t kFirstTicket = 1024 * 1024;
/// Enough for every type to show itself.
constexpr std::size_t kSniffedBytes = 4096;

Failure too_large(std::uint64_t max_bytes) {
  return {FailureKind::too_large, fmt::format("the image has more than {}", format_bytes(max_bytes))};
}

}  // namespace

bool ImageBody::reserve_at_once(const HttpResponse& response) {
  const auto length = response.content_length();
  if (!length || *length > ByteBudget::kLargestTicket) return false;
  auto ticket = budget_.try_reserve(*length);
  if (!ticket) return false;
  ticket_ = std::move(*ticket);
  return true;
}

Task<ImageBody::Part> ImageBody::read(HttpResponse& response) {
  const auto length = response.content_length();
  if (length && *length > max_bytes_) throw too_large(max_bytes_);
  const auto wanted = length.value_or(kFirstTicket);
  if (ticket_.count() == 0) {
    ticket_ = co_await budget_.reserve(std::min<std::uint64_t>(wanted, ByteBudget::kLargestTicket));
  }
  co_return co_await fill(response);
}

Task<ImageBody::Part> ImageBody::next_part(HttpResponse& response) {
  bytes_.clear();
  co_return co_await fill(response);
}

Task<ImageBody::Part> ImageBody::fill(HttpResponse& response) {
  while (co_await response.read(*this) == BodyProgress::sink_full) {
    if (!is_image_) break;
    if (total_bytes_ >= max_bytes_) throw too_large(max_bytes_);
    if (ticket_.count() == ByteBudget::kLargestTicket) co_return Part::more_follow;
    co_await budget_.grow(ticket_, ByteBudget::kLargestTicket);
  }
  sniff();
  if (!is_image_) {
    throw Failure(FailureKind::not_an_image,
                  total_bytes_ == 0 ? "the answer is empty" : "the bytes are not those of an image");
  }
  ticket_.shrink_to(bytes_.size());
  co_return Part::last;
}

std::size_t ImageBody::write(std::span<const std::byte> data) {
  const auto room = std::min<std::uint64_t>(ticket_.count() - bytes_.size(), max_bytes_ - total_bytes_);
  const auto taken = data.first(std::min<std::uint64_t>(data.size(), room));
  bytes_.append(taken);
  hash_.update(taken);
  total_bytes_ += taken.size();
  if (bytes_.size() >= kSniffedBytes) sniff();
  return is_image_ ? taken.size() : 0;
}

void ImageBody::sniff() {
  if (sniffed_) return;
  sniffed_ = true;
  is_image_ = sniff_image(bytes_.view()).has_value();
}

}  // namespace creel
