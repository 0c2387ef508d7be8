#include "base/units.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kByteUnits = {
    Unit{"", 1},
    Unit{"b", 1},
    Unit{"k", 1ULL << 10},
    Unit{"kib", 1ULL << 10},
    Unit{"kb", 1000},
    Unit{"m", 1ULL << 20},
    Unit{"mib", 1ULL << 20},
    Unit{"mb", 1'000'000},
    Unit{"g", 1ULL << 30},
    Unit{"gib", 1ULL << 30},
    Unit{"gb", 1'000'000'000},
};

constexpr std::array kTimeUnits = {
    Unit{"", 1000}, Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000},
};

/// The number in front times the factor of the unit behind it.
template <std::size_t N>
std::uint64_t parse_with_unit(std::string_view text, const std::array<Unit, N>& units, std::string_view what,
                              std::string_view example) {
  const auto trimmed = trim(text);
  double number = 0;
  const auto [end, error] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
  const auto unit_name = ascii_lower(trim(std::string_view(end, trimmed.data() + trimmed.size())));
  for (const auto& unit : units) {
    const double value = number * static_cast<double>(unit.factor);
    if (error == std::errc{} && unit.name == unit_name && value >= 0 && value < 9e18) {
      return static_cast<std::uint64_t>(value);
    }
  }
  throw Failure(FailureKind::bad_request, fmt::format("'{}' is not {}: write it like {}", text, what, example));
}

}  // namespace

std::uint64_t parse_bytes(std::string_view text) {
  return parse_with_unit(text, kByteUnits, "a size", "64MiB, 500KB or 1048576");
}

std::chrono::milliseconds parse_duration(std::string_view text) {
  return std::chrono::milliseconds(parse_with_unit(text, kTimeUnits, "a duration", "60s, 500ms, 5m or 2h"));
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  static constexpr std::array kNames = {"KB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kNames.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kNames[unit]);
}

std::string format_duration(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {:02}m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace creel
