// The reader of ELF files.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/failure.h"
#include "deploy/elf_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    creel::deploy::parse_elf({reinterpret_cast<const char*>(data), size});
  } catch (const creel::Failure&) {
    return 0;
  }
  return 0;
}
