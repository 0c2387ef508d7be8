// A libFuzzer target for the reader of ELF files, with any program or library as its first corpus:
//   clang++-19 -std=c++23 -O1 -g -fsanitize=fuzzer,address,undefined -Isrc tests/fuzz/elf_file_fuzz.cpp
//     src/deploy/elf_file.cpp src/base/{failure,text}.cpp -lfmt
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
