#include "functions/opt_out.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::string_view kOurName = "creel";
constexpr std::array<std::string_view, 5> kOptOuts = {"noai", "noimageai", "noindex", "noimageindex", "none"};
/// Directives that have a colon of their own; any other single word before a colon names a robot.
constexpr std::array<std::string_view, 4> kWithValue = {"unavailable_after", "max-snippet", "max-image-preview",
                                                        "max-video-preview"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// False for the time of a date that has a comma in front, as "25-jun-26 15" of "saturday, 25-jun-26 15:00:00 gmt".
bool is_robot(std::string_view word) {
  return word.find(' ') == std::string_view::npos && !is_one_of(word, kWithValue);
}

}  // namespace

std::optional<std::string> opt_out_directive(const HttpHeaders& headers) {
  for (const auto value : headers.find_all("X-Robots-Tag")) {
    std::string robot;
    for (const auto part : split(value, ',')) {
      auto directive = ascii_lower(trim(part));
      if (const auto colon = directive.find(':'); colon != std::string::npos) {
        const std::string word(trim(std::string_view(directive).substr(0, colon)));
        if (is_robot(word)) {
          robot = word;
          directive = trim(std::string_view(directive).substr(colon + 1));
        }
      }
      const bool for_us = robot.empty() || robot == "*" || robot == kOurName;
      if (for_us && is_one_of(directive, kOptOuts)) return directive;
    }
  }
  return std::nullopt;
}

}  // namespace creel
