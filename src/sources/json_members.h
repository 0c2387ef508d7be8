#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// A member of a JSON object: its decoded name and its value as it is written.
struct JsonMember {
  std::string name;
  std::string_view value;
};

/// True if `text` is one JSON value (RFC 8259), valid UTF-8, nested no deeper than 32.
bool is_json(std::string_view text);

/// The members of an object in their order; of equal names the last. What is asked for must be an object by
/// `is_json` and begin with its "{". The values point into `text`.
std::vector<JsonMember> json_members(std::string_view text);

/// What a string says. `text` must be a string by `is_json`, quotes included.
std::string json_string(std::string_view text);

}  // namespace creel
