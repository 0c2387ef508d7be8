#pragma once

#include <charconv>
#include <initializer_list>
#include <string>
#include <string_view>

namespace creel::lambda {

/// The parts one after the other, in one allocation.
inline std::string concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (auto part : parts) size += part.size();
  std::string all;
  all.reserve(size);
  for (auto part : parts) all += part;
  return all;
}

/// The whole text as a number, or `otherwise`.
template <class Number>
Number number_or(std::string_view text, Number otherwise) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

}  // namespace creel::lambda
