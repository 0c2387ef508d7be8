#include "api/byte_range.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace creel {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  // Beyond all sizes is beyond this one too.
  return error == std::errc::result_out_of_range ? UINT64_MAX : number;
}

constexpr RangeDecision not_satisfiable() {
  return {.answer = RangeAnswer::not_satisfiable};
}

/// "-500": the last bytes.
RangeDecision decide_suffix(std::string_view text, std::uint64_t size_bytes) {
  const auto length = number_of(text);
  if (!length) return {};
  if (*length == 0 || size_bytes == 0) return not_satisfiable();
  return {.answer = RangeAnswer::part,
          .range = {.first = size_bytes - std::min(*length, size_bytes), .last = size_bytes - 1}};
}

std::string_view without_weakness(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

}  // namespace

RangeDecision decide_range(std::string_view header, std::uint64_t size_bytes) {
  const auto equals = header.find('=');
  if (equals == std::string_view::npos || !ascii_iequals(trim(header.substr(0, equals)), "bytes")) return {};
  const auto text = trim(header.substr(equals + 1));
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return {};
  if (dash == 0) return decide_suffix(text.substr(1), size_bytes);
  const auto first = number_of(text.substr(0, dash));
  const auto last_text = text.substr(dash + 1);
  const auto last = last_text.empty() ? std::optional(UINT64_MAX) : number_of(last_text);
  if (!first || !last || *last < *first) return {};
  if (*first >= size_bytes) return not_satisfiable();
  return {.answer = RangeAnswer::part, .range = {.first = *first, .last = std::min(*last, size_bytes - 1)}};
}

bool matches_etag(std::string_view list, std::string_view etag) {
  if (trim(list) == "*") return true;
  // Our tags are hexadecimal, so that a comma inside of another's does no harm.
  return std::ranges::any_of(
      split(list, ','), [&](std::string_view one) { return without_weakness(trim(one)) == without_weakness(etag); });
}

}  // namespace creel
