#include "lambda/stack_trace.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <memory>
#include <mutex>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unwind.h>
#include <utility>

#include "lambda/error_report.h"
#include "lambda/text.h"

namespace creel::lambda {

namespace {

struct Throw {
  const void* exception = nullptr;
  StackTrace trace;
};

// Enough for those that are under way at one time; the oldest gives way.
constexpr std::size_t kThrowsKept = 32;
constinit std::mutex g_throws_mutex;
constinit std::array<Throw, kThrowsKept> g_throws{};
constinit std::size_t g_next_throw = 0;

// Parts of the names, as the compiler writes them, of what calls handlers: detail::Typed, and Asio for coroutines.
constexpr std::array<std::string_view, 2> kCallers{"5creel6lambda6detail5Typed", "4asio6detail16awaitable_thread"};

struct Walk {
  StackTrace trace;
  std::size_t skip;
};

_Unwind_Reason_Code take_frame(_Unwind_Context* context, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  int before_instruction = 0;
  const auto address = _Unwind_GetIPInfo(context, &before_instruction);
  if (address == 0) return _URC_END_OF_STACK;
  if (walk.skip > 0) {
    --walk.skip;
    return _URC_NO_REASON;
  }
  if (walk.trace.count == StackTrace::kMaxFrames) return _URC_END_OF_STACK;
  // Where a signal struck, the address is the instruction's own, not the one after a call.
  walk.trace.frames[walk.trace.count++] = address + (before_instruction ? 1 : 0);
  return _URC_NO_REASON;
}

// The part of this process that an address belongs to.
struct Module {
  std::uintptr_t address;
  std::uintptr_t base = 0;
  const char* path = nullptr;
  bool is_program = false;
  bool is_first = true;
};

int look_at_module(dl_phdr_info* info, std::size_t, void* argument) {
  auto& module = *static_cast<Module*>(argument);
  // The program itself comes first.
  const bool is_program = std::exchange(module.is_first, false);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    const auto start = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type != PT_LOAD || module.address < start || module.address >= start + segment.p_memsz) continue;
    module.base = info->dlpi_addr;
    module.path = info->dlpi_name;
    module.is_program = is_program;
    return 1;
  }
  return 0;
}

std::string_view without_folders(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string hexadecimal(std::size_t number) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  return concat({"0x", {digits, static_cast<std::size_t>(end - digits)}});
}

}  // namespace

StackTrace capture_stack(std::size_t skip) noexcept {
  // This function itself is no part of it.
  Walk walk{.trace = {}, .skip = skip + 1};
  _Unwind_Backtrace(take_frame, &walk);
  return walk.trace;
}

void remember_throw(const void* exception) noexcept {
  // This function and the one that stands in for the compiler's are no part of it.
  const auto trace = capture_stack(2);
  const std::scoped_lock lock(g_throws_mutex);
  auto& slot = g_throws[g_next_throw];
  g_next_throw = (g_next_throw + 1) % kThrowsKept;
  slot = {.exception = exception, .trace = trace};
}

StackTrace trace_of_throw(const std::exception_ptr& error) noexcept {
  // An exception_ptr of the Itanium ABI is a pointer to the thrown object.
  static_assert(sizeof(std::exception_ptr) == sizeof(void*));
  const void* exception = nullptr;
  std::memcpy(static_cast<void*>(&exception), static_cast<const void*>(&error), sizeof exception);
  if (!exception) return {};
  const std::scoped_lock lock(g_throws_mutex);
  for (std::size_t age = 1; age <= kThrowsKept; ++age) {
    const auto& slot = g_throws[(g_next_throw + kThrowsKept - age) % kThrowsKept];
    if (slot.exception == exception) return slot.trace;
  }
  return {};
}

std::vector<std::string> describe(const StackTrace& trace) {
  std::vector<std::string> lines;
  if (trace.count == 0) return lines;
  const SymbolTable symbols;
  for (std::size_t i = 0; i < trace.count; ++i) {
    const auto place = symbols.find(trace.frames[i]);
    if (place.calls_handlers()) break;
    const auto name = place.symbol ? demangled(place.symbol) : std::string(place.file);
    lines.push_back(concat({name, "+", hexadecimal(place.offset)}));
  }
  return lines;
}

bool SymbolTable::Place::calls_handlers() const noexcept {
  const std::string_view name = symbol ? symbol : "";
  return std::ranges::any_of(kCallers, [&](auto part) { return name.find(part) != std::string_view::npos; });
}

SymbolTable::SymbolTable() noexcept {
  const int fd = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat status{};
  if (::fstat(fd, &status) == 0 && status.st_size > 0) {
    size_ = static_cast<std::size_t>(status.st_size);
    void* image = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (image != MAP_FAILED) image_ = static_cast<const std::byte*>(image);
  }
  ::close(fd);
  if (image_) find_tables();
}

SymbolTable::~SymbolTable() {
  if (image_) ::munmap(const_cast<std::byte*>(image_), size_);
}

void SymbolTable::find_tables() noexcept {
  const auto& header = *reinterpret_cast<const ElfW(Ehdr)*>(image_);
  if (size_ < sizeof header || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return;
  if (header.e_shoff == 0 || header.e_shoff + header.e_shnum * sizeof(ElfW(Shdr)) > size_) return;
  const auto* sections = reinterpret_cast<const ElfW(Shdr)*>(image_ + header.e_shoff);
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto& section = sections[i];
    // A stripped program still has the symbols that it shares with libraries, but those say little.
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= header.e_shnum) continue;
    const auto& names = sections[section.sh_link];
    if (section.sh_offset + section.sh_size > size_ || names.sh_offset + names.sh_size > size_) return;
    symbols_ = image_ + section.sh_offset;
    symbol_count_ = section.sh_size / sizeof(ElfW(Sym));
    names_ = reinterpret_cast<const char*>(image_ + names.sh_offset);
    names_size_ = names.sh_size;
    return;
  }
}

const char* SymbolTable::symbol_at(std::size_t offset_in_file, std::size_t& offset) const noexcept {
  const auto* symbols = static_cast<const ElfW(Sym)*>(symbols_);
  for (std::size_t i = 0; i < symbol_count_; ++i) {
    const auto& symbol = symbols[i];
    if ((symbol.st_info & 0xf) != STT_FUNC || symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names_size_) continue;
    if (offset_in_file < symbol.st_value || offset_in_file >= symbol.st_value + symbol.st_size) continue;
    offset = offset_in_file - symbol.st_value;
    return names_ + symbol.st_name;
  }
  return nullptr;
}

SymbolTable::Place SymbolTable::find(std::uintptr_t address) const noexcept {
  // A return address is that of the instruction after the call, which may be another function's.
  Module module{.address = address - 1};
  if (::dl_iterate_phdr(look_at_module, &module) == 0) return {.file = "?", .offset = module.address};
  Place place{.offset = module.address - module.base};
  if (module.is_program) place.symbol = symbol_at(place.offset, place.offset);
  place.file = module.is_program || !module.path ? "bootstrap" : without_folders(module.path);
  return place;
}

}  // namespace creel::lambda
