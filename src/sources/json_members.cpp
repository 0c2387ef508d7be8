#include "sources/json_members.h"

#include <array>
#include <unordered_map>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

namespace creel {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

void skip_blank(std::string_view text, std::size_t& at) {
  at = std::min(text.find_first_not_of(kBlank, at), text.size());
}

/// The position behind the string that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

/// The position behind the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') return end_of_string(text, at);
  if (text[at] != '{' && text[at] != '[') return std::min(text.find_first_of(",}] \t\r\n", at), text.size());
  int depth = 0;
  do {
    const char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    at = c == '"' ? end_of_string(text, at) : at + 1;
  } while (depth > 0);
  return at;
}

/// Keeps of equal names the last.
void drop_repeated(std::vector<JsonMember>& members) {
  std::unordered_map<std::string_view, const JsonMember*> last;
  for (const auto& member : members) last[member.name] = &member;
  if (last.size() == members.size()) return;
  std::vector<JsonMember> kept;
  for (const auto& member : members) {
    if (last.at(member.name) == &member) kept.push_back(member);
  }
  members = std::move(kept);
}

}  // namespace

bool is_json(std::string_view text) {
  std::array<unsigned char, 8192> memory;
  boost::json::monotonic_resource resource(memory.data(), memory.size());
  boost::json::error_code error;
  boost::json::parse({text.data(), text.size()}, error, &resource);
  return !error;
}

std::string json_string(std::string_view text) {
  const auto inside = text.substr(1, text.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  const auto value = boost::json::parse({text.data(), text.size()});
  return std::string(value.as_string());
}

std::vector<JsonMember> json_members(std::string_view text) {
  std::vector<JsonMember> members;
  std::size_t at = 1;
  for (skip_blank(text, at); text[at] != '}'; skip_blank(text, at)) {
    if (text[at] == ',') skip_blank(text, ++at);
    const auto name_begin = at;
    at = end_of_string(text, at);
    auto name = json_string(text.substr(name_begin, at - name_begin));
    at = text.find(':', at) + 1;
    skip_blank(text, at);
    const auto value_begin = at;
    at = end_of_value(text, at);
    members.push_back({.name = std::move(name), .value = text.substr(value_begin, at - value_begin)});
  }
  drop_repeated(members);
  return members;
}

}  // namespace creel
