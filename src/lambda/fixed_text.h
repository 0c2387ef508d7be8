#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace creel::lambda {

/// Text in a buffer of its own, cut off where it is full: for code that may not take memory.
template <std::size_t kSize>
class FixedText {
 public:
  void clear() { size_ = 0; }
  std::string_view view() const { return {text_.data(), size_}; }
  std::size_t room() const { return kSize - size_; }

  FixedText& add(std::string_view text) {
    size_ += text.copy(text_.data() + size_, kSize - size_);
    return *this;
  }

  FixedText& add_number(std::uint64_t number, unsigned base = 10) {
    std::array<char, 20> digits{};
    std::size_t start = digits.size();
    do {
      digits[--start] = "0123456789abcdef"[number % base];
      number /= base;
    } while (number > 0);
    return add({digits.data() + start, digits.size() - start});
  }

  /// As a part of a JSON string; bytes that JSON has no short form for become '?'.
  FixedText& add_escaped(std::string_view text) {
    for (char c : text) {
      if (c == '"' || c == '\\') {
        const std::array<char, 2> escaped{'\\', c};
        add({escaped.data(), 2});
      } else {
        const char kept = c == '\n' || c == '\t' ? ' ' : static_cast<unsigned char>(c) < 0x20 ? '?' : c;
        add({&kept, 1});
      }
    }
    return *this;
  }

 private:
  std::array<char, kSize> text_;
  std::size_t size_ = 0;
};

}  // namespace creel::lambda
