#include "functions/event_members.h"

#include <algorithm>
#include <unordered_set>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/base64.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::string_view kBase64 = "base64";
constexpr std::size_t kMaxBucketBytes = 255;

template <class... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> format, Parts&&... parts) {
  throw Failure(FailureKind::bad_request, fmt::format(format, std::forward<Parts>(parts)...));
}

/// The text that a value is or stands for; nothing if it is none.
std::optional<std::string> text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  const auto* object = value.if_object();
  if (object == nullptr || object->size() != 1) return std::nullopt;
  const auto* encoded = object->if_contains(kBase64);
  const auto* text = encoded == nullptr ? nullptr : encoded->if_string();
  return text == nullptr ? std::nullopt : base64_decode(*text);
}

}  // namespace

EventMembers::EventMembers(const json::value& event) : object_(event.if_object()) {
  if (object_ == nullptr) refuse("it is no JSON object");
}

const json::value* EventMembers::find(std::string_view key) const {
  const auto* value = object_->if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> EventMembers::text(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  auto text = text_of(*value);
  if (!text) refuse("'{}' must be a string", key);
  return text;
}

std::string EventMembers::required_text(std::string_view key) const {
  auto found = text(key);
  if (!found) refuse("'{}' is missing", key);
  if (found->empty()) refuse("'{}' is empty", key);
  return std::move(*found);
}

std::string EventMembers::bucket(std::string_view key) const {
  auto name = required_text(key);
  if (name.size() > kMaxBucketBytes || name.find('/') != std::string::npos || !is_header_safe(name)) {
    refuse("'{}' is no name of a bucket", key);
  }
  return name;
}

bool EventMembers::flag(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return false;
  if (!value->is_bool()) refuse("'{}' must be true or false", key);
  return value->get_bool();
}

std::optional<std::uint64_t> EventMembers::number(std::string_view key, std::uint64_t most) const {
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->is_number() ? value->to_number<std::uint64_t>(error) : 0;
  if (error || number == 0 || number > most) refuse("'{}' must be a whole number from 1 to {}", key, most);
  return number;
}

std::optional<std::size_t> EventMembers::choice(std::string_view key,
                                                const std::vector<std::string_view>& choices) const {
  const auto chosen = text(key);
  if (!chosen) return std::nullopt;
  const auto found = std::ranges::find(choices, *chosen);
  if (found == choices.end()) refuse("'{}' must be one of {}", key, fmt::join(choices, ", "));
  return static_cast<std::size_t>(found - choices.begin());
}

std::optional<std::vector<std::string>> EventMembers::texts(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto* list = value->if_array();
  if (list == nullptr) refuse("'{}' must be a list of strings", key);
  std::vector<std::string> result;
  for (const auto& entry : *list) {
    const auto text = text_of(entry);
    if (!text || text->empty()) refuse("'{}' must be a list of strings", key);
    result.push_back(*text);
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> EventMembers::fields(std::string_view key, FieldValues values) const {
  std::vector<std::pair<std::string, std::string>> result;
  const auto add = [&](std::string name, const json::value& value) {
    if (value.is_null()) return;
    auto text = text_of(value);
    if (!text && values == FieldValues::text_only) {
      refuse("'{}' must have strings as values, unlike '{}'", key, utf8_prefix(name, 100));
    }
    result.emplace_back(std::move(name), text ? std::move(*text) : json::serialize(value));
  };
  const auto* value = find(key);
  if (value == nullptr) return result;
  if (const auto* object = value->if_object()) {
    for (const auto& [name, field] : *object) add(name, field);
    return result;
  }
  const auto* list = value->if_array();
  if (list == nullptr) refuse("'{}' must be an object", key);
  for (const auto& entry : *list) {
    const auto* pair = entry.if_array();
    const auto name = pair != nullptr && pair->size() == 2 ? text_of(pair->front()) : std::nullopt;
    if (!name) refuse("'{}' must be an object, or a list of [name, value]", key);
    add(*name, pair->back());
  }
  return result;
}

json::value to_json_text_value(std::string_view text) {
  if (is_utf8(text)) return json::string(text);
  return json::object{{kBase64, base64_encode(text)}};
}

json::value to_json_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::unordered_set<std::string_view> names;
  const bool fits_object = std::ranges::all_of(
      fields, [&](const auto& field) { return is_utf8(field.first) && names.insert(field.first).second; });
  if (!fits_object) {
    json::array list;
    for (const auto& [name, value] : fields) {
      list.push_back(json::array{to_json_text_value(name), to_json_text_value(value)});
    }
    return list;
  }
  json::object object;
  for (const auto& [name, value] : fields) object[name] = to_json_text_value(value);
  return object;
}

}  // namespace creel
