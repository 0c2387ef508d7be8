#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace creel {

/// The members of an event, read one by one; null is as good as absent. Whatever is wrong throws `bad_request` with
/// the name of the key. It must not outlive the event.
class EventMembers {
 public:
  /// @throws Failure bad_request  `event` is no object
  explicit EventMembers(const boost::json::value& event);

  const boost::json::value* find(std::string_view key) const;

  std::optional<std::string> text(std::string_view key) const;
  /// @throws Failure bad_request  it is missing or empty as well
  std::string required_text(std::string_view key) const;
  /// The same, and it can be the name of a bucket.
  std::string bucket(std::string_view key) const;
  bool flag(std::string_view key) const;
  /// A whole number from 1 to `most`.
  std::optional<std::uint64_t> number(std::string_view key, std::uint64_t most) const;
  /// One of `choices`, by its place; nothing if it is absent.
  std::optional<std::size_t> choice(std::string_view key, const std::vector<std::string_view>& choices) const;
  /// A list of texts that are not empty; the list itself may be.
  std::optional<std::vector<std::string>> texts(std::string_view key) const;

  enum class FieldValues { text_only, any };
  /// An object, or a list of [name, value].
  std::vector<std::pair<std::string, std::string>> fields(std::string_view key, FieldValues values) const;

 private:
  const boost::json::object* object_;
};

/// `text` as JSON, whatever its bytes: {"base64": "..."} if it is no UTF-8.
boost::json::value to_json_text_value(std::string_view text);

/// Fields as an object, or as a list where names are no UTF-8 or not all different.
boost::json::value to_json_fields(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace creel
