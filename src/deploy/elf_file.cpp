#include "deploy/elf_file.h"

#include <cstring>
#include <elf.h>
#include <type_traits>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel::deploy {
namespace {

/// How many symbols a finding names; what is more does not help.
constexpr std::size_t kMaxSymbols = 3;
constexpr unsigned kVersionMask = 0x7fff;

[[noreturn]] void damaged(std::string_view why) {
  throw Failure(FailureKind::bad_request, fmt::format("the ELF file is damaged: {}", why));
}

/// The file's bytes. Nothing outside of them is ever read, whatever offsets the file states.
class Image {
 public:
  explicit Image(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T read(std::uint64_t offset) const {
    static_assert(std::is_trivially_copyable_v<T>);
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) damaged("it ends too early");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  /// Entry `index` of a table.
  template <class T>
  T read(std::uint64_t table, std::uint64_t index) const {
    if (index > bytes_.size() / sizeof(T) || table > bytes_.size()) damaged("it ends too early");
    return read<T>(table + index * sizeof(T));
  }

  /// The text up to the next NUL.
  std::string text(std::uint64_t offset) const {
    if (offset >= bytes_.size()) damaged("a name lies outside of it");
    const auto rest = bytes_.substr(offset);
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) damaged("a name has no end");
    return std::string(rest.substr(0, end));
  }

  std::size_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

class Parser {
 public:
  explicit Parser(std::string_view bytes) : image_(bytes) {}

  ElfFile parse() {
    read_header();
    read_segments();
    if (dynamic_.p_type == PT_DYNAMIC) {
      read_dynamic();
      read_versions();
      read_symbols();
    }
    return std::move(file_);
  }

 private:
  void read_header() {
    header_ = image_.read<Elf64_Ehdr>(0);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) damaged("it does not begin as one");
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
      throw Failure(FailureKind::bad_request, "the ELF file is not for a 64-bit little-endian machine");
    }
    file_.machine = header_.e_machine;
    file_.type = header_.e_type == ET_EXEC  ? ElfType::program
                 : header_.e_type == ET_DYN ? ElfType::shared
                                            : ElfType::other;
  }

  void read_segments() {
    if (header_.e_phnum > 0 && header_.e_phentsize != sizeof(Elf64_Phdr)) damaged("its segments have an odd size");
    for (std::uint64_t i = 0; i < header_.e_phnum; ++i) {
      const auto segment = image_.read<Elf64_Phdr>(header_.e_phoff, i);
      if (segment.p_type == PT_LOAD) loads_.push_back(segment);
      if (segment.p_type == PT_DYNAMIC) dynamic_ = segment;
      if (segment.p_type == PT_INTERP) file_.interpreter = image_.text(segment.p_offset);
    }
    // A program that may lie anywhere in memory is a "shared" file that names a loader.
    if (file_.type == ElfType::shared && !file_.interpreter.empty()) file_.type = ElfType::program;
  }

  void read_dynamic() {
    std::vector<std::uint64_t> needed;
    std::vector<std::uint64_t> paths;
    bool has_run_path = false;
    for (std::uint64_t i = 0; i < dynamic_.p_filesz / sizeof(Elf64_Dyn); ++i) {
      const auto entry = image_.read<Elf64_Dyn>(dynamic_.p_offset, i);
      const auto value = entry.d_un.d_val;
      if (entry.d_tag == DT_NULL) break;
      switch (entry.d_tag) {
        case DT_NEEDED: needed.push_back(value); break;
        case DT_STRTAB: strings_ = offset_of(value); break;
        case DT_SYMTAB: symbols_ = offset_of(value); break;
        case DT_VERSYM: symbol_versions_ = offset_of(value); break;
        case DT_VERNEED: version_needs_ = offset_of(value); break;
        case DT_VERNEEDNUM: version_need_count_ = value; break;
        case DT_HASH: hash_ = offset_of(value); break;
        case DT_RUNPATH:
          if (!has_run_path) paths.clear();
          has_run_path = true;
          paths.push_back(value);
          break;
        case DT_RPATH:
          if (!has_run_path) paths.push_back(value);
          break;
        default: break;
      }
    }
    for (const auto name : needed) file_.needed.push_back(string_at(name));
    for (const auto path : paths) {
      const auto text = string_at(path);
      for (const auto part : split(text, ':')) file_.search_path.emplace_back(part);
    }
    // A static program that may lie anywhere names no loader and needs no library.
    if (file_.type == ElfType::shared && (header_.e_entry != 0 && file_.needed.empty())) file_.type = ElfType::program;
  }

  void read_versions() {
    auto offset = version_needs_;
    // Each record takes room in the file, so that a chain in a circle comes to an end.
    auto left = image_.size() / sizeof(Elf64_Verneed);
    for (std::uint64_t i = 0; version_needs_ != 0 && i < version_need_count_; ++i) {
      const auto need = image_.read<Elf64_Verneed>(offset);
      const auto library = string_at(need.vn_file);
      auto at = offset + need.vn_aux;
      for (Elf64_Half k = 0; k < need.vn_cnt; ++k) {
        if (left-- == 0) damaged("its versions go in a circle");
        const auto version = image_.read<Elf64_Vernaux>(at);
        version_places_.emplace_back(version.vna_other & kVersionMask, file_.versions.size());
        file_.versions.push_back({.library = library, .version = string_at(version.vna_name), .symbols = {}});
        if (version.vna_next == 0) break;
        at += version.vna_next;
      }
      if (need.vn_next == 0) break;
      offset += need.vn_next;
    }
  }

  /// Finds names for the versions. They serve messages alone, so what cannot be found is left out.
  void read_symbols() {
    if (symbols_ == 0 || symbol_versions_ == 0 || version_places_.empty()) return;
    const auto count = symbol_count();
    for (std::uint64_t i = 1; i < count; ++i) {
      const auto symbol = image_.read<Elf64_Sym>(symbols_, i);
      if (symbol.st_shndx != SHN_UNDEF) continue;
      const auto version = image_.read<Elf64_Half>(symbol_versions_, i) & kVersionMask;
      for (const auto& [number, place] : version_places_) {
        auto& names = file_.versions[place].symbols;
        if (number == version && names.size() < kMaxSymbols) names.push_back(string_at(symbol.st_name));
      }
    }
  }

  /// No table says how many dynamic symbols there are; the old hash table does by the way, else the sections do.
  std::uint64_t symbol_count() const {
    if (hash_ != 0) return image_.read<Elf64_Word>(hash_, 1);
    if (header_.e_shentsize != sizeof(Elf64_Shdr)) return 0;
    for (std::uint64_t i = 0; i < header_.e_shnum; ++i) {
      const auto section = image_.read<Elf64_Shdr>(header_.e_shoff, i);
      if (section.sh_type == SHT_DYNSYM) return section.sh_size / sizeof(Elf64_Sym);
    }
    return 0;
  }

  /// Where in the file an address of the loaded program lies.
  std::uint64_t offset_of(std::uint64_t address) const {
    for (const auto& load : loads_) {
      if (address >= load.p_vaddr && address - load.p_vaddr < load.p_filesz) {
        return load.p_offset + (address - load.p_vaddr);
      }
    }
    damaged("an address lies outside of it");
  }

  std::string string_at(std::uint64_t place) const {
    if (strings_ == 0 || place > image_.size()) damaged("a name lies outside of it");
    return image_.text(strings_ + place);
  }

  Image image_;
  ElfFile file_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> loads_;
  Elf64_Phdr dynamic_{};
  std::uint64_t strings_ = 0;
  std::uint64_t symbols_ = 0;
  std::uint64_t symbol_versions_ = 0;
  std::uint64_t version_needs_ = 0;
  std::uint64_t version_need_count_ = 0;
  std::uint64_t hash_ = 0;
  /// The number by which symbols name a version, and its place in `file_.versions`.
  std::vector<std::pair<unsigned, std::size_t>> version_places_;
};

}  // namespace

bool is_elf(std::string_view bytes) {
  return bytes.starts_with(std::string_view(ELFMAG, SELFMAG));
}

ElfFile parse_elf(std::string_view bytes) {
  return Parser(bytes).parse();
}

}  // namespace creel::deploy
