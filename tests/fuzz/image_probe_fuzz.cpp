// The parsers of image headers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "image/image_probe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto whole = std::as_bytes(std::span(data, size));
  const auto answer = creel::probe_image(creel::BodyView(whole));

  const auto middle = size / 2;
  const auto pieces = creel::probe_image(creel::BodyView({whole.first(middle), whole.subspan(middle)}));
  if (answer.has_value() != pieces.has_value()) std::abort();
  if (!answer) return 0;
  if (answer->type != pieces->type || answer->width != pieces->width || answer->height != pieces->height) std::abort();
  if (answer->width == 0U || answer->height == 0U) std::abort();
  return 0;
}
