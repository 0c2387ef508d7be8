#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "sources/source_kind.h"

namespace creel {
namespace {

namespace json = boost::json;

/// The value of a setting; null if it is not there, or cannot be read.
json::value value_of(const SourceConfig& source, std::string_view name) {
  const auto found = source.settings.find(std::string(name));
  if (found == source.settings.end()) return nullptr;
  boost::system::error_code error;
  auto value = json::parse(found->second, error);
  return error ? json::value(nullptr) : value;
}

/// Strings as they are, all else as JSON.
std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

}  // namespace

std::optional<std::string> SourceConfig::text(std::string_view setting) const {
  const auto value = value_of(*this, setting);
  if (!value.is_string()) return std::nullopt;
  return std::string(value.get_string());
}

std::optional<std::int64_t> SourceConfig::integer(std::string_view setting) const {
  const auto value = value_of(*this, setting);
  if (!value.is_int64()) return std::nullopt;
  return value.get_int64();
}

std::optional<double> SourceConfig::number(std::string_view setting) const {
  const auto value = value_of(*this, setting);
  if (!value.is_number()) return std::nullopt;
  return value.to_number<double>();
}

bool SourceConfig::flag(std::string_view setting) const {
  const auto value = value_of(*this, setting);
  return value.is_bool() && value.get_bool();
}

std::vector<std::string> SourceConfig::texts(std::string_view setting) const {
  const auto value = value_of(*this, setting);
  std::vector<std::string> all;
  if (!value.is_array()) return all;
  for (const auto& one : value.get_array()) all.push_back(text_of(one));
  return all;
}

std::vector<std::pair<std::string, std::string>> SourceConfig::pairs(std::string_view setting) const {
  const auto value = value_of(*this, setting);
  std::vector<std::pair<std::string, std::string>> all;
  if (!value.is_object()) return all;
  for (const auto& [key, one] : value.get_object()) all.emplace_back(key, text_of(one));
  return all;
}

Secret SourceConfig::secret(std::string_view setting) const {
  const auto found = secrets.find(std::string(setting));
  return found == secrets.end() ? Secret() : found->second;
}

}  // namespace creel
