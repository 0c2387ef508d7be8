#include "store/object_metadata.h"

#include <algorithm>

#include "base/text.h"

namespace creel {
namespace {

/// S3 counts names without it, MinIO with it; counting it satisfies both.
constexpr std::size_t kNamePrefixBytes = std::string_view("x-amz-meta-").size();

/// A "tchar" of RFC 9110, section 5.6.2.
bool may_stand_in_header_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string header_name(std::string_view name) {
  auto result = ascii_lower(trim(name));
  std::ranges::replace_if(result, [](char c) { return !may_stand_in_header_name(c); }, '-');
  return result;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The first UTF-8 character of `text`; of broken UTF-8 at most four bytes.
std::string_view first_character(std::string_view text) {
  std::size_t length = 1;
  while (length < std::min<std::size_t>(text.size(), 4) && is_continuation(text[length])) ++length;
  return text.substr(0, length);
}

/// True for a character that a header carries as it is. Spaces at the ends and in runs do not come through,
/// as HTTP trims them and signatures fold them; "%" begins the encoded ones.
bool is_plain(std::string_view character, std::string_view before, std::string_view behind) {
  if (character == " ") return !before.empty() && before.back() != ' ' && !behind.empty();
  return character.size() == 1 && character[0] > ' ' && character[0] <= '~' && character[0] != '%';
}

/// `value` as a header carries it, cut before the first character that is too much for `max_bytes`.
std::string header_value(std::string_view value, std::size_t max_bytes) {
  std::string result;
  for (std::size_t at = 0; at < value.size();) {
    const auto character = first_character(value.substr(at));
    const auto before = value.substr(0, at);
    at += character.size();
    const auto encoded =
        is_plain(character, before, value.substr(at)) ? std::string(character) : percent_encode(character);
    if (result.size() + encoded.size() > max_bytes) break;
    result += encoded;
  }
  while (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace

ObjectMetadata object_metadata(std::string_view content_type,
                               const std::vector<std::pair<std::string, std::string>>& first,
                               const std::vector<std::pair<std::string, std::string>>& rest) {
  ObjectMetadata metadata{.content_type = std::string(content_type), .user = {}};
  std::size_t room = kMaxUserMetadataBytes;
  for (const auto* fields : {&first, &rest}) {
    for (const auto& [raw_name, raw_value] : *fields) {
      auto name = header_name(raw_name);
      const auto overhead = kNamePrefixBytes + name.size();
      if (name.empty() || overhead >= room) continue;
      if (std::ranges::any_of(metadata.user, [&](const auto& field) { return field.first == name; })) continue;
      auto value = header_value(raw_value, room - overhead);
      if (value.empty()) continue;
      room -= overhead + value.size();
      metadata.user.emplace_back(std::move(name), std::move(value));
    }
  }
  return metadata;
}

}  // namespace creel
