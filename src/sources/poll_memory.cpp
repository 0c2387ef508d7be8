#include "sources/poll_memory.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.h"
#include "sources/seen_memory.h"

namespace creel {
namespace {

namespace json = boost::json;

/// A poll that asks for more pages than these remembers the first ones, in the order of their URLs.
constexpr std::size_t kMaxValidators = 1'000;

std::string text_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : "";
}

}  // namespace

PollMemory poll_memory(const std::string& text) {
  PollMemory memory;
  boost::system::error_code error;
  const auto value = json::parse(text, error, {}, {.allow_invalid_utf8 = true});
  if (error || !value.is_object()) return memory;
  memory.kind = text_member(value.get_object(), "kind");
  const auto* validators = value.get_object().if_contains("validators");
  if (validators == nullptr || !validators->is_object()) return memory;
  for (const auto& [url, member] : validators->get_object()) {
    if (!member.is_object()) continue;
    const auto& object = member.get_object();
    memory.validators[std::string(url)] = {text_member(object, "etag"), text_member(object, "last_modified")};
  }
  return memory;
}

std::string to_text(const PollMemory& memory) {
  json::object object;
  json::object validators;
  for (const auto& [url, validator] : memory.validators) {
    // Bytes that are no text could not be kept as they are, and another ETag would never match.
    if (!is_utf8(validator.etag) || !is_utf8(validator.last_modified)) continue;
    if (validators.size() == kMaxValidators) break;
    validators[url] = json::object{{"etag", validator.etag}, {"last_modified", validator.last_modified}};
  }
  if (!validators.empty()) object["validators"] = std::move(validators);
  if (!memory.kind.empty()) object["kind"] = to_utf8(memory.kind);
  return object.empty() ? "" : json::serialize(object);
}

std::string memory_after_broken_poll(const std::string& text) {
  auto memory = poll_memory(text);
  auto kind = not_whole(memory.kind);
  if (kind == memory.kind) return text;
  memory.kind = std::move(kind);
  return to_text(memory);
}

}  // namespace creel
