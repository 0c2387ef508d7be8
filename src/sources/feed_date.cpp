#include "sources/feed_date.h"

#include <chrono>
#include <cstdint>

#include "base/text.h"
#include "net/http_status.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
namespace chrono = std::chrono;

/// Reads numbers of fixed width off the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  std::optional<int> number(std::size_t width) {
    if (text_.size() < width) return std::nullopt;
    int value = 0;
    for (const char c : text_.substr(0, width)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = 10 * value + (c - '0');
    }
    text_.remove_prefix(width);
    return value;
  }

  bool take(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

/// Milliseconds behind the decimal point.
chrono::milliseconds fraction(Digits& digits) {
  int value = 0;
  int scale = 100;
  for (auto digit = digits.number(1); digit; digit = digits.number(1)) {
    value += *digit * scale;
    scale /= 10;
  }
  return chrono::milliseconds(value);
}

std::optional<chrono::minutes> zone(Digits& digits) {
  digits.take(" ");
  if (digits.rest().empty() || digits.take("Zz")) return 0min;
  const bool is_west = digits.take("-");
  if (!is_west && !digits.take("+")) return std::nullopt;
  const auto hours = digits.number(2);
  digits.take(":");
  const auto minutes = digits.rest().empty() ? std::optional(0) : digits.number(2);
  if (!hours || !minutes || *hours > 15 || *minutes > 59 || !digits.rest().empty()) return std::nullopt;
  const auto offset = chrono::hours(*hours) + chrono::minutes(*minutes);
  return is_west ? -offset : offset;
}

/// What follows the date: a time of day and a zone, as a distance from midnight in UTC.
std::optional<chrono::milliseconds> time_of_day(Digits& digits) {
  const auto hours = digits.number(2);
  if (!hours || !digits.take(":")) return std::nullopt;
  const auto minutes = digits.number(2);
  std::optional<int> seconds = 0;
  chrono::milliseconds part{};
  if (digits.take(":")) {
    seconds = digits.number(2);
    if (digits.take(".,")) part = fraction(digits);
  }
  const auto offset = zone(digits);
  if (!minutes || !seconds || !offset || *hours > 24 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return chrono::hours(*hours) + chrono::minutes(*minutes) + chrono::seconds(*seconds) + part - *offset;
}

std::optional<SystemTime> iso_date(std::string_view text) {
  Digits digits(text);
  const auto year = digits.number(4);
  if (!year || (!digits.rest().empty() && !digits.take("-"))) return std::nullopt;
  const auto month = digits.rest().empty() ? std::optional(1) : digits.number(2);
  if (!month || (!digits.rest().empty() && !digits.take("-"))) return std::nullopt;
  const auto day = digits.rest().empty() ? std::optional(1) : digits.number(2);
  if (!day) return std::nullopt;
  const chrono::year_month_day date(chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *year < 1970 || *year >= 2200) return std::nullopt;
  const SystemTime midnight = chrono::sys_days(date);
  if (digits.rest().empty()) return midnight;
  if (!digits.take("Tt ")) return std::nullopt;
  const auto time = time_of_day(digits);
  return time ? std::optional(midnight + *time) : std::nullopt;
}

}  // namespace

std::optional<SystemTime> parse_feed_date(std::string_view text) {
  constexpr std::size_t kLongestDate = 100;
  text = trim(text);
  if (text.empty() || text.size() > kLongestDate) return std::nullopt;
  if (const auto date = iso_date(text)) return date;
  const auto date = parse_http_date(text);
  return date && *date > SystemTime() && *date < SystemTime(chrono::sys_days(chrono::year(2200) / 1 / 1))
             ? date
             : std::nullopt;
}

}  // namespace creel
