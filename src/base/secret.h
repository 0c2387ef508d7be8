#pragma once

#include <string>
#include <utility>

#include <fmt/format.h>

namespace creel {

/// A string that must not be seen: a key, token or password. It prints as `***`; only `reveal()` gives it away.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

}  // namespace creel

template <>
struct fmt::formatter<creel::Secret> : fmt::formatter<std::string_view> {
  auto format(const creel::Secret&, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};
