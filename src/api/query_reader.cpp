#include "api/query_reader.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "api/problem.h"
#include "api/text_length.h"
#include "base/text.h"

namespace creel {
namespace {

const QueryParameter* find_declared(std::span<const QueryParameter> declared, std::string_view name) {
  const auto found = std::ranges::find(declared, name, &QueryParameter::name);
  return found == declared.end() ? nullptr : &*found;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::string wrong_integer(const QueryParameter& parameter, std::string_view text) {
  const auto value = parse_integer(text);
  if (!value) return "is no whole number";
  if (parameter.min && *value < *parameter.min) return fmt::format("must be at least {}", *parameter.min);
  if (parameter.max && *value > *parameter.max) return fmt::format("must be at most {}", *parameter.max);
  return {};
}

std::string wrong_choice(const QueryParameter& parameter, std::string_view text) {
  if (std::ranges::find(parameter.choices, text) != parameter.choices.end()) return {};
  return fmt::format("must be one of {}", fmt::join(parameter.choices, ", "));
}

std::string wrong_choices(const QueryParameter& parameter, std::string_view text) {
  for (const auto part : split(text, ',')) {
    if (auto wrong = wrong_choice(parameter, part); !wrong.empty()) return wrong;
  }
  return {};
}

/// What is wrong with the value; empty if nothing is.
std::string what_is_wrong(const QueryParameter& parameter, std::string_view text) {
  switch (parameter.type) {
    case ParameterType::text:
      return text_length(text) <= parameter.max_length
                 ? std::string()
                 : fmt::format("has more than {} characters", parameter.max_length);
    case ParameterType::integer: return wrong_integer(parameter, text);
    case ParameterType::boolean: return text == "true" || text == "false" ? "" : "must be true or false";
    case ParameterType::time:
      if (parse_rfc3339(text)) return {};
      return fmt::format(
          "{} is no time: it is written 2026-11-24T20:28:15Z, or with an offset as in +01:00 (a '+' is written %2B), "
          "or "
          "2026-11-24 for the beginning of a day, from 1970 to 2261",
          parameter.name);
    case ParameterType::one_of: return wrong_choice(parameter, text);
    case ParameterType::list_of: return wrong_choices(parameter, text);
  }
  throw std::logic_error("a type of parameter that is none");
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// Browsers and forms write a space as "+".
std::string decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

QueryReader::QueryReader(std::string_view query, std::span<const QueryParameter> declared) : declared_(declared) {
  std::vector<ProblemError> errors;
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const auto name = decode(part.substr(0, equals));
    auto value = equals == std::string_view::npos ? std::string() : decode(part.substr(equals + 1));
    const auto pointer = fmt::format("/query/{}", utf8_prefix(to_utf8(name), 100));
    const auto* parameter = find_declared(declared, name);
    if (parameter == nullptr) {
      errors.push_back({pointer, "there is no such parameter"});
    } else if (!is_utf8(value)) {
      errors.push_back({pointer, "is no text in UTF-8"});
    } else if (const auto control = std::ranges::find_if(value, is_control); control != value.end()) {
      errors.push_back({pointer, fmt::format("holds the control character U+{:04X}, which has no place there",
                                             static_cast<unsigned char>(*control))});
    } else if (value.empty()) {
      continue;
    } else if (auto wrong = what_is_wrong(*parameter, value); !wrong.empty()) {
      errors.push_back({pointer, std::move(wrong)});
    } else if (!values_.emplace(name, std::move(value)).second) {
      errors.push_back({pointer, "is given twice"});
    }
  }
  refuse_if_any(std::move(errors));
}

std::optional<std::string> QueryReader::find(std::string_view name, ParameterType type) const {
  const auto* parameter = find_declared(declared_, name);
  if (parameter == nullptr || parameter->type != type) {
    throw std::logic_error(fmt::format("the route declares no parameter '{}' of this type", name));
  }
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> QueryReader::text(std::string_view name) const {
  return find(name, ParameterType::text);
}

std::optional<std::int64_t> QueryReader::integer(std::string_view name) const {
  const auto text = find(name, ParameterType::integer);
  return text ? parse_integer(*text) : std::nullopt;
}

std::optional<bool> QueryReader::flag(std::string_view name) const {
  const auto text = find(name, ParameterType::boolean);
  return text ? std::optional(*text == "true") : std::nullopt;
}

std::optional<SystemTime> QueryReader::time(std::string_view name) const {
  const auto text = find(name, ParameterType::time);
  return text ? parse_rfc3339(*text) : std::nullopt;
}

std::optional<std::string> QueryReader::choice(std::string_view name) const {
  return find(name, ParameterType::one_of);
}

std::vector<std::string> QueryReader::choices(std::string_view name) const {
  const auto text = find(name, ParameterType::list_of);
  if (!text) return {};
  std::vector<std::string> parts;
  for (const auto part : split(*text, ',')) parts.emplace_back(part);
  return parts;
}

namespace {

/// Takes fixed forms apart from the front.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  /// So many digits; -1 for anything else.
  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return -1;
    for (const auto c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool at_end() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

bool is_within(int value, int least, int most) {
  return value >= least && value <= most;
}

std::optional<std::chrono::minutes> read_offset(TimeReader& reader) {
  if (reader.take("Zz")) return std::chrono::minutes(0);
  const bool is_west = reader.next() == '-';
  // A "+" that was not encoded arrives as a space.
  if (!reader.take("+- ")) return std::nullopt;
  const auto hours = reader.digits(2);
  if (!reader.take(":")) return std::nullopt;
  const auto minutes = reader.digits(2);
  if (!is_within(hours, 0, 23) || !is_within(minutes, 0, 59)) return std::nullopt;
  const std::chrono::minutes offset(hours * 60 + minutes);
  return is_west ? -offset : offset;
}

std::optional<std::chrono::nanoseconds> read_fraction(TimeReader& reader) {
  if (!reader.take(".")) return std::chrono::nanoseconds(0);
  std::int64_t value = 0;
  std::int64_t unit = 1'000'000'000;
  bool any = false;
  for (int digit = reader.digits(1); digit >= 0; digit = reader.digits(1)) {
    any = true;
    if (unit > 1) {
      unit /= 10;
      value += digit * unit;
    }
  }
  return any ? std::optional(std::chrono::nanoseconds(value)) : std::nullopt;
}

}  // namespace

std::optional<SystemTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  TimeReader reader(text);
  const auto year_number = reader.digits(4);
  if (!reader.take("-")) return std::nullopt;
  const auto month_number = reader.digits(2);
  if (!reader.take("-")) return std::nullopt;
  const auto day_number = reader.digits(2);
  if (!is_within(year_number, 1970, 2261) || month_number < 0 || day_number < 0) return std::nullopt;
  const year_month_day date(year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number)));
  if (!date.ok()) return std::nullopt;
  const SystemTime day_start = sys_days(date);
  if (reader.at_end()) return day_start;

  if (!reader.take("Tt ")) return std::nullopt;
  const auto hour = reader.digits(2);
  if (!reader.take(":")) return std::nullopt;
  const auto minute = reader.digits(2);
  if (!reader.take(":")) return std::nullopt;
  const auto second = reader.digits(2);
  // 60 is a leap second, which our time does not know.
  if (!is_within(hour, 0, 23) || !is_within(minute, 0, 59) || !is_within(second, 0, 60)) return std::nullopt;
  const auto fraction = read_fraction(reader);
  if (!fraction) return std::nullopt;
  const auto offset = read_offset(reader);
  if (!offset || !reader.at_end()) return std::nullopt;
  return day_start + hours(hour) + minutes(minute) + seconds(std::min(second, 59)) +
         duration_cast<SystemTime::duration>(*fraction) - *offset;
}

std::string to_rfc3339(SystemTime time) {
  using namespace std::chrono;
  const auto whole_day = floor<days>(time);
  const year_month_day date(whole_day);
  const hh_mm_ss clock(floor<milliseconds>(time - whole_day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace creel
