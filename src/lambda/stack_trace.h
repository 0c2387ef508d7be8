#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace creel::lambda {

/// Return addresses, innermost first.
struct StackTrace {
  static constexpr std::size_t kMaxFrames = 48;

  std::array<std::uintptr_t, kMaxFrames> frames;
  std::size_t count = 0;
};

/// The stack of the caller, less `skip` frames. Takes no memory; used in signal handlers.
[[gnu::noinline]] StackTrace capture_stack(std::size_t skip) noexcept;

/// Keeps the stack from which an exception is thrown, for as long as it is among the latest; `exception` is the thrown
/// object. Threads: any.
void remember_throw(const void* exception) noexcept;

/// The stack from which `error` was thrown; empty if it is not known any more, or was thrown by a shared library.
StackTrace trace_of_throw(const std::exception_ptr& error) noexcept;

/// A line a frame, as far as it is the handler's: `function+0x12` where the program's symbols are there, `file+0x3456` otherwise (for addr2line).
std::vector<std::string> describe(const StackTrace& trace);

/// Finds names for addresses of this program in its own symbol table. Takes no memory but a mapping of the program's
/// file, and calls nothing that may not be called in a signal handler.
class SymbolTable {
 public:
  SymbolTable() noexcept;
  ~SymbolTable();
  SymbolTable(const SymbolTable&) = delete;
  SymbolTable& operator=(const SymbolTable&) = delete;

  struct Place {
    /// As the compiler wrote it; null if the table does not know.
    const char* symbol = nullptr;
    /// The file that the address belongs to, without its folders.
    std::string_view file;
    /// From the start of the symbol, or of the file.
    std::size_t offset = 0;

    /// Whether this is what calls a handler: from here outwards a stack is not the handler's any more.
    bool calls_handlers() const noexcept;
  };

  /// @param address  a return address
  Place find(std::uintptr_t address) const noexcept;

 private:
  void find_tables() noexcept;
  const char* symbol_at(std::size_t offset_in_file, std::size_t& offset) const noexcept;

  const std::byte* image_ = nullptr;
  std::size_t size_ = 0;
  const void* symbols_ = nullptr;
  std::size_t symbol_count_ = 0;
  const char* names_ = nullptr;
  std::size_t names_size_ = 0;
};

}  // namespace creel::lambda
