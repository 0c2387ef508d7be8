#include "aws/amz_time.h"

#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace creel::aws {
namespace {

namespace chr = std::chrono;

/// Takes fixed-width fields off the front of a text; remembers whether one did
/// not fit.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    const auto field = rest_.substr(0, digits);
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (field.size() != digits || error != std::errc() || end != field.data() + digits || field.front() == '-') {
      ok_ = false;
      return 0;
    }
    rest_.remove_prefix(digits);
    return value;
  }

  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(std::string_view any_of) { ok_ = take(any_of) && ok_; }

  void skip_digits() {
    const auto end = rest_.find_first_not_of("0123456789");
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
  }

  char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

chr::minutes read_offset(FieldReader& reader) {
  if (reader.take("Zz")) return chr::minutes(0);
  const int sign = reader.front() == '-' ? -1 : 1;
  reader.expect("+-");
  const auto hours = chr::hours(reader.number(2));
  reader.take(":");
  return sign * (hours + chr::minutes(reader.number(2)));
}

}  // namespace

std::string format_amz_time(SystemTime time) {
  const auto seconds = chr::floor<chr::seconds>(time);
  const auto day = chr::floor<chr::days>(seconds);
  const chr::year_month_day date(day);
  const chr::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<SystemTime> parse_iso_time(std::string_view text) {
  FieldReader reader(text);
  const chr::year year(reader.number(4));
  reader.expect("-");
  const chr::month month(static_cast<unsigned>(reader.number(2)));
  reader.expect("-");
  const chr::day day(static_cast<unsigned>(reader.number(2)));
  reader.expect("Tt ");
  const int hours = reader.number(2);
  reader.expect(":");
  const int minutes = reader.number(2);
  reader.expect(":");
  const int seconds = reader.number(2);
  if (reader.take(".")) reader.skip_digits();
  const auto offset = read_offset(reader);

  const chr::year_month_day date(year, month, day);
  if (!reader.ok() || !reader.at_end() || !date.ok() || hours > 23 || minutes > 59 || seconds > 60) {
    return std::nullopt;
  }
  return chr::sys_days(date) + chr::hours(hours) + chr::minutes(minutes) + chr::seconds(seconds) - offset;
}

}  // namespace creel::aws
