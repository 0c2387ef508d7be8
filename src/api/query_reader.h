#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace creel {

enum class ParameterType : std::uint8_t {
  text,
  integer,
  /// "true" or "false".
  boolean,
  /// RFC 3339: "2026-11-24T20:28:15.123Z", with an offset, or a date alone.
  time,
  one_of,
  /// Several of the choices, divided by commas.
  list_of,
};

/// A parameter of a route's query: what its check and its description in /openapi.json are made from.
struct QueryParameter {
  std::string name;
  ParameterType type = ParameterType::text;
  /// For people, in a line.
  std::string help{};
  std::vector<std::string> choices{};
  /// For integers.
  std::optional<std::int64_t> min{};
  std::optional<std::int64_t> max{};
  /// For the description alone: what the route does without it.
  std::string default_value{};
  /// Of a text, in characters.
  std::size_t max_length = 2000;
};

/// The query of a request, checked against what its route declares. The looks throw std::logic_error for a name that the
/// route did not declare, or with another type. Immutable.
class QueryReader {
 public:
  /// @throws Problem invalid_request  with every parameter that is unknown, given twice or has a value that it cannot have
  QueryReader(std::string_view query, std::span<const QueryParameter> declared);

  /// What is not there, or there without a value, is nothing.
  std::optional<std::string> text(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::optional<bool> flag(std::string_view name) const;
  std::optional<SystemTime> time(std::string_view name) const;
  std::optional<std::string> choice(std::string_view name) const;
  std::vector<std::string> choices(std::string_view name) const;

 private:
  std::optional<std::string> find(std::string_view name, ParameterType type) const;

  std::span<const QueryParameter> declared_;
  std::map<std::string, std::string, std::less<>> values_;
};

/// A time as QueryReader takes it; nothing if it is none. Years 1970 to 2261.
std::optional<SystemTime> parse_rfc3339(std::string_view text);

/// "2026-11-24T20:28:15.123Z".
std::string to_rfc3339(SystemTime time);

}  // namespace creel
