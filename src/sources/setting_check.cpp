#include "sources/setting_check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/failure.h"
#include "base/text.h"
#include "net/http_headers.h"
#include "net/url.h"

namespace creel {
namespace {

namespace json = boost::json;

/// Programs are the longest texts that people write.
constexpr std::size_t kMaxTextBytes = 64 * 1024;
constexpr std::size_t kMaxItems = 1'000;

/// What is wrong with a value: thrown by the checks of one, and kept with its place.
struct Wrong {
  std::string message;
  /// Behind the setting's own pointer.
  std::string inner_pointer{};
};

std::string checked_text(const json::value& value, std::string inner_pointer = {}) {
  if (!value.is_string()) throw Wrong{"must be a text in quotes", std::move(inner_pointer)};
  const std::string text(trim(std::string_view(value.get_string())));
  if (text.size() > kMaxTextBytes) {
    throw Wrong{fmt::format("must not be longer than {} bytes", kMaxTextBytes), std::move(inner_pointer)};
  }
  if (text.find('\0') != std::string::npos) {
    throw Wrong{"must not hold the character U+0000", std::move(inner_pointer)};
  }
  return text;
}

void check_range(double number, const SettingSpec& spec) {
  const bool is_in_range =
      std::isfinite(number) && (!spec.min || number >= *spec.min) && (!spec.max || number <= *spec.max);
  if (is_in_range) return;
  if (spec.min && spec.max) throw Wrong{fmt::format("must be from {} to {}", *spec.min, *spec.max)};
  if (spec.min) throw Wrong{fmt::format("must be at least {}", *spec.min)};
  if (spec.max) throw Wrong{fmt::format("must be at most {}", *spec.max)};
  throw Wrong{"must be a number that is not infinite"};
}

json::value checked_integer(const json::value& value, const SettingSpec& spec) {
  constexpr double kExact = 9'007'199'254'740'992;  // 2^53: beyond it a double is no exact integer
  const bool is_integer =
      value.is_int64() || (value.is_double() && std::trunc(value.get_double()) == value.get_double() &&
                           std::abs(value.get_double()) <= kExact);
  if (!is_integer) throw Wrong{value.is_number() ? "must be a whole number" : "must be a whole number without quotes"};
  const auto number = value.is_int64() ? value.get_int64() : static_cast<std::int64_t>(value.get_double());
  check_range(static_cast<double>(number), spec);
  return number;
}

json::value checked_number(const json::value& value, const SettingSpec& spec) {
  if (!value.is_number()) throw Wrong{"must be a number without quotes"};
  check_range(value.to_number<double>(), spec);
  return value;
}

json::value checked_url(const json::value& value) {
  const auto text = checked_text(value);
  try {
    Url::parse(text);
  } catch (const Failure& failure) {
    throw Wrong{failure.what()};
  }
  return json::value(text);
}

json::value checked_choice(const json::value& value, const SettingSpec& spec) {
  const auto text = checked_text(value);
  if (std::ranges::find(spec.choices, text) == spec.choices.end()) {
    throw Wrong{fmt::format("must be one of {}", fmt::join(spec.choices, ", "))};
  }
  return json::value(text);
}

json::value checked_headers(const json::value& value) {
  if (!value.is_object()) throw Wrong{R"(must be an object of header names and texts: {"Accept": "image/*"})"};
  if (value.get_object().size() > kMaxItems) throw Wrong{fmt::format("must not have more than {} headers", kMaxItems)};
  json::object headers;
  for (const auto& [name, field] : value.get_object()) {
    const auto pointer = "/" + pointer_token(name);
    const auto text = checked_text(field, pointer);
    try {
      check_user_header(name, text);
    } catch (const Failure& failure) {
      throw Wrong{failure.what(), pointer};
    }
    headers[name] = text;
  }
  return headers;
}

json::value checked_list(const json::value& value) {
  if (!value.is_array()) throw Wrong{R"(must be a list of texts: ["a", "b"])"};
  if (value.get_array().size() > kMaxItems) throw Wrong{fmt::format("must not have more than {} entries", kMaxItems)};
  json::array list;
  for (const auto& item : value.get_array()) {
    auto text = checked_text(item, fmt::format("/{}", list.size()));
    if (text.empty()) throw Wrong{"must not be empty", fmt::format("/{}", list.size())};
    list.emplace_back(std::move(text));
  }
  return list;
}

json::value checked(const json::value& value, const SettingSpec& spec) {
  switch (spec.type) {
    case SettingType::text:
    case SettingType::secret: return json::value(checked_text(value));
    case SettingType::url: return checked_url(value);
    case SettingType::integer: return checked_integer(value, spec);
    case SettingType::number: return checked_number(value, spec);
    case SettingType::boolean:
      if (!value.is_bool()) throw Wrong{"must be true or false, without quotes"};
      return value;
    case SettingType::one_of: return checked_choice(value, spec);
    case SettingType::headers: return checked_headers(value);
    case SettingType::text_list: return checked_list(value);
  }
  throw Wrong{"has a type that this version does not know"};
}

/// Null, or a text without any characters but blanks: what a form sends for a field that was left alone.
bool is_left_out(const json::value& value) {
  return value.is_null() || (value.is_string() && trim(std::string_view(value.get_string())).empty());
}

/// Takes the setting out of `source` and looks what it says; nothing if it says nothing.
std::optional<json::value> take_value(SourceConfig& source, const SettingSpec& spec) {
  const auto node = source.settings.extract(spec.name);
  if (node.empty()) return std::nullopt;
  boost::system::error_code error;
  auto value = json::parse(node.mapped(), error);
  if (error) throw Wrong{"is no JSON"};
  // A secret that is given as nothing is forgotten; one that is not given stays.
  if (spec.type == SettingType::secret) source.secrets.erase(spec.name);
  if (is_left_out(value)) return std::nullopt;
  return checked(value, spec);
}

void check_setting(SourceConfig& source, const SettingSpec& spec) {
  const auto value = take_value(source, spec);
  if (spec.type == SettingType::secret) {
    if (value) source.secrets.insert_or_assign(spec.name, Secret(std::string(value->get_string())));
    if (spec.is_required && source.secret(spec.name).empty()) throw Wrong{"is missing"};
  } else if (value) {
    source.settings[spec.name] = json::serialize(*value);
  } else if (!spec.default_value.empty()) {
    source.settings[spec.name] = spec.default_value;
  } else if (spec.is_required) {
    throw Wrong{"is missing"};
  }
}

std::string with_help(std::string message, const SettingSpec& spec) {
  if (spec.help.empty()) return message;
  return fmt::format("{} ({})", message, spec.help);
}

std::string unknown_setting(const std::string& name, const SourceConfig& source, std::span<const SettingSpec> specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  if (names.empty()) return fmt::format("sources of type {} have no settings: remove it", source.type);
  if (const auto nearest = nearest_name(name, names)) {
    return fmt::format("sources of type {} have no such setting: did you mean '{}'?", source.type, *nearest);
  }
  return fmt::format("sources of type {} have no such setting; there are: {}", source.type, fmt::join(names, ", "));
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string pointer_token(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> names) {
  constexpr std::size_t kLongestName = 64;
  if (name.size() > kLongestName) return std::nullopt;
  std::optional<std::string> nearest;
  // Half of the letters may be wrong: two that changed places are two.
  std::size_t least = std::max<std::size_t>(name.size() / 2, 1) + 1;
  for (const auto& one : names) {
    const auto differs = distance(name, one);
    if (differs < least) {
      least = differs;
      nearest = one;
    }
  }
  return nearest;
}

void check_settings(std::span<const SettingSpec> specs, SourceConfig& source, std::vector<SettingError>& errors) {
  for (const auto& [name, text] : source.settings) {
    const bool is_known = std::ranges::find(specs, name, &SettingSpec::name) != specs.end();
    if (!is_known) errors.push_back({"/settings/" + pointer_token(name), unknown_setting(name, source, specs)});
  }
  // Secrets that the source's new type does not know are nobody's.
  std::erase_if(source.secrets, [&](const auto& entry) {
    const auto found = std::ranges::find(specs, entry.first, &SettingSpec::name);
    return found == specs.end() || found->type != SettingType::secret;
  });
  for (const auto& spec : specs) {
    try {
      check_setting(source, spec);
    } catch (const Wrong& wrong) {
      errors.push_back({"/settings/" + pointer_token(spec.name) + wrong.inner_pointer, with_help(wrong.message, spec)});
    }
  }
}

}  // namespace creel
