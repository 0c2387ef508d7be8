// The reader of zips.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/failure.h"
#include "zip/zip_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr creel::ZipLimits kLimits{.max_unpacked_bytes = 1'000'000, .max_items = 1000};
  try {
    std::size_t unpacked = 0;
    for (const auto& entry : creel::read_zip({reinterpret_cast<const char*>(data), size}, kLimits)) {
      if (entry.name.empty() || entry.name.starts_with('/') || entry.name.starts_with("../")) std::abort();
      unpacked += entry.bytes.size();
    }
    if (unpacked > kLimits.max_unpacked_bytes) std::abort();
  } catch (const creel::Failure&) {
    return 0;
  }
  return 0;
}
