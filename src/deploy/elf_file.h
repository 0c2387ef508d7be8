#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace creel::deploy {

enum class ElfType : std::uint8_t { program, shared, other };

/// A version of a library's symbols that a file was linked against.
struct ElfVersionNeed {
  /// "libc.so.6"
  std::string library;
  /// "GLIBC_2.34"
  std::string version;
  /// Some of the symbols that are taken in that version; may be empty.
  std::vector<std::string> symbols;
};

/// What the dynamic loader will ask of an ELF file.
struct ElfFile {
  ElfType type = ElfType::other;
  /// An EM_ number: EM_X86_64, EM_AARCH64, ...
  std::uint16_t machine = 0;
  /// The loader, e.g. "/lib64/ld-linux-x86-64.so.2"; empty for what is linked statically, and for libraries.
  std::string interpreter;
  /// Names of shared libraries, as written.
  std::vector<std::string> needed;
  /// Where they are looked for first, as written; may begin with "$ORIGIN".
  std::vector<std::string> search_path;
  std::vector<ElfVersionNeed> versions;
};

/// True if it begins as an ELF file does.
bool is_elf(std::string_view bytes);

/// Reads a 64-bit little-endian ELF file, which may be damaged or made by a stranger.
/// @throws Failure bad_request  damaged, or for machines of another kind
ElfFile parse_elf(std::string_view bytes);

}  // namespace creel::deploy
