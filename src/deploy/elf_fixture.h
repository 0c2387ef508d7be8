#pragma once

#include <cstdint>
#include <cstring>
#include <elf.h>
#include <string>
#include <vector>

namespace creel::deploy {

/// What a test wants to be in an ELF file.
struct MadeVersion {
  std::string library;
  std::string version;
  std::string symbol;
};

struct MadeElf {
  Elf64_Half machine = EM_X86_64;
  Elf64_Half type = ET_DYN;
  std::string interpreter = "/lib64/ld-linux-x86-64.so.2";
  std::vector<std::string> needed{};
  std::string run_path{};
  /// One library each.
  std::vector<MadeVersion> versions{};
};

/// Makes a small ELF file: headers and the tables that the dynamic loader reads, without code. Addresses are offsets.
class ElfMaker {
 public:
  explicit ElfMaker(const MadeElf& wanted) { make(wanted); }

  const std::string& bytes() const { return bytes_; }

 private:
  void make(const MadeElf& wanted) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = wanted.type;
    header.e_machine = wanted.machine;
    header.e_entry = 0x1000;
    header.e_phoff = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 3;
    bytes_.resize(sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr));

    const auto interpreter = add_bytes(wanted.interpreter + '\0');
    const auto versions = add_versions(wanted.versions);
    const auto dynamic = add_dynamic(wanted, versions);

    put(0, header);
    auto at = sizeof(Elf64_Ehdr);
    const auto interpreter_type = wanted.interpreter.empty() ? PT_NULL : PT_INTERP;
    put_segment(at, static_cast<Elf64_Word>(interpreter_type), interpreter, wanted.interpreter.size() + 1);
    put_segment(at += sizeof(Elf64_Phdr), PT_LOAD, 0, bytes_.size());
    put_segment(at += sizeof(Elf64_Phdr), PT_DYNAMIC, dynamic, bytes_.size() - dynamic);
  }

  struct Versions {
    std::uint64_t needs = 0;
    std::uint64_t symbols = 0;
    std::uint64_t symbol_versions = 0;
    std::uint64_t hash = 0;
  };

  Versions add_versions(const std::vector<MadeVersion>& versions) {
    if (versions.empty()) return {};
    Versions places;
    std::vector<Elf64_Sym> symbols(1);
    std::vector<Elf64_Half> numbers(1);
    places.needs = align();
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const auto number = static_cast<Elf64_Half>(i + 2);
      const bool is_last = i + 1 == versions.size();
      add(Elf64_Verneed{
          .vn_version = 1,
          .vn_cnt = 1,
          .vn_file = string(versions[i].library),
          .vn_aux = sizeof(Elf64_Verneed),
          .vn_next = is_last ? 0 : static_cast<Elf64_Word>(sizeof(Elf64_Verneed) + sizeof(Elf64_Vernaux))});
      add(Elf64_Vernaux{
          .vna_hash = 0, .vna_flags = 0, .vna_other = number, .vna_name = string(versions[i].version), .vna_next = 0});
      Elf64_Sym symbol{};
      symbol.st_name = string(versions[i].symbol);
      symbols.push_back(symbol);
      numbers.push_back(number);
    }
    places.symbols = align();
    for (const auto& symbol : symbols) add(symbol);
    places.symbol_versions = align();
    for (const auto number : numbers) add(number);
    places.hash = align();
    add(Elf64_Word{0});
    add(static_cast<Elf64_Word>(symbols.size()));
    return places;
  }

  std::uint64_t add_dynamic(const MadeElf& wanted, const Versions& versions) {
    std::vector<Elf64_Dyn> entries;
    const auto entry = [&entries](Elf64_Sxword tag, std::uint64_t value) {
      Elf64_Dyn made{};
      made.d_tag = tag;
      made.d_un.d_val = value;
      entries.push_back(made);
    };
    for (const auto& library : wanted.needed) entry(DT_NEEDED, string(library));
    if (!wanted.run_path.empty()) entry(DT_RUNPATH, string(wanted.run_path));
    if (versions.needs != 0) {
      entry(DT_VERNEED, versions.needs);
      entry(DT_VERNEEDNUM, wanted.versions.size());
      entry(DT_SYMTAB, versions.symbols);
      entry(DT_VERSYM, versions.symbol_versions);
      entry(DT_HASH, versions.hash);
    }
    align();
    entry(DT_STRTAB, add_bytes(strings_));
    entry(DT_NULL, 0);
    const auto place = align();
    for (const auto& made : entries) add(made);
    return place;
  }

  Elf64_Word string(const std::string& text) {
    const auto place = strings_.size();
    strings_ += text + '\0';
    return static_cast<Elf64_Word>(place);
  }

  std::uint64_t align() {
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
    return bytes_.size();
  }

  std::uint64_t add_bytes(const std::string& data) {
    bytes_ += data;
    return bytes_.size() - data.size();
  }

  template <class T>
  void add(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }

  template <class T>
  void put(std::uint64_t place, const T& value) {
    std::memcpy(bytes_.data() + place, &value, sizeof(T));
  }

  void put_segment(std::uint64_t place, Elf64_Word type, std::uint64_t offset, std::uint64_t size) {
    Elf64_Phdr segment{};
    segment.p_type = type;
    segment.p_offset = offset;
    segment.p_vaddr = offset;
    segment.p_filesz = size;
    put(place, segment);
  }

  std::string bytes_;
  std::string strings_ = std::string(1, '\0');
};

inline std::string made_elf(const MadeElf& wanted) {
  return ElfMaker(wanted).bytes();
}

}  // namespace creel::deploy
