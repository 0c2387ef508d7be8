#include "sources/text_time.h"

#include <cctype>
#include <cmath>
#include <string>

#include "base/text.h"
#include "net/http_status.h"

namespace creel {
namespace {

/// The years of which every instant fits into a SystemTime, whose unit is a nanosecond.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

/// Takes pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool is_at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly so many digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int number = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }

  /// Digits behind a point; what is finer than microseconds is dropped.
  std::chrono::microseconds fraction() {
    std::chrono::microseconds value{0};
    std::chrono::microseconds unit{100'000};
    while (!rest_.empty() && std::isdigit(static_cast<unsigned char>(rest_[0])) != 0) {
      value += (rest_[0] - '0') * unit;
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return value;
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> scan_date(Scanner& scanner) {
  const auto year = scanner.digits(4);
  if (!year || !scanner.take('-')) return std::nullopt;
  const auto month = scanner.digits(2);
  if (!month || !scanner.take('-')) return std::nullopt;
  const auto day = scanner.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *year < kFirstYear || *year > kLastYear) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::microseconds> scan_time(Scanner& scanner) {
  const auto hour = scanner.digits(2);
  if (!hour || *hour > 24 || !scanner.take(':')) return std::nullopt;
  const auto minute = scanner.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  std::chrono::microseconds time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (scanner.take(':')) {
    const auto second = scanner.digits(2);
    if (!second || *second > 60) return std::nullopt;
    time += std::chrono::seconds(*second);
    if (scanner.take('.') || scanner.take(',')) time += scanner.fraction();
  }
  // 24:00 is midnight at the end of the day.
  if (*hour == 24 && time > std::chrono::hours(24)) return std::nullopt;
  return time;
}

std::optional<std::chrono::minutes> scan_offset(Scanner& scanner) {
  if (scanner.is_at_end() || scanner.take('Z') || scanner.take('z')) return std::chrono::minutes(0);
  const bool is_east = scanner.take('+');
  if (!is_east && !scanner.take('-')) return std::nullopt;
  const auto hours = scanner.digits(2);
  scanner.take(':');
  const auto minutes = scanner.is_at_end() ? std::optional(0) : scanner.digits(2);
  if (!hours || !minutes || *hours > 18 || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return is_east ? offset : -offset;
}

}  // namespace

std::optional<SystemTime> iso_time(std::string_view text) {
  Scanner scanner(trim(text));
  const auto date = scan_date(scanner);
  if (!date) return std::nullopt;
  if (scanner.is_at_end()) return *date;
  if (!scanner.take('T') && !scanner.take('t') && !scanner.take(' ')) return std::nullopt;
  const auto time = scan_time(scanner);
  if (!time) return std::nullopt;
  scanner.take(' ');
  const auto offset = scan_offset(scanner);
  if (!offset || !scanner.is_at_end()) return std::nullopt;
  return *date + *time - *offset;
}

std::optional<SystemTime> feed_time(std::string_view text) {
  constexpr std::size_t kLongestDate = 100;
  constexpr SystemTime kEnd = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);
  text = trim(text);
  if (text.size() > kLongestDate) return std::nullopt;
  auto time = iso_time(text);
  for (const auto* rest : {"-01", "-01-01"}) {
    if (!time) time = iso_time(std::string(text) + rest);
  }
  if (time) return *time >= SystemTime() && *time < kEnd ? time : std::nullopt;
  // What lies outside is moved to the nearest inside there.
  time = parse_http_date(text);
  return time && *time > SystemTime() && *time < kEnd ? time : std::nullopt;
}

std::optional<SystemTime> epoch_time(double seconds) {
  constexpr double kMost = 9'214'646'400;  // the beginning of 2262
  if (!std::isfinite(seconds) || std::abs(seconds) >= kMost) return std::nullopt;
  return SystemTime(std::chrono::round<SystemTime::duration>(std::chrono::duration<double, std::micro>(seconds * 1e6)));
}

}  // namespace creel
