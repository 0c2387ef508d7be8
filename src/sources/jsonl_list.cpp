#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sources/json_members.h"
#include "sources/list_reader.h"

namespace creel {
namespace {

/// What the catalog has columns for; it may stand beside the URL as well as within the metadata.
constexpr std::array<std::string_view, 8> kFacts{"title",           "description", "attribution_id", "attribution_name",
                                                 "attribution_url", "page_url",    "nsfw",           "published_at"};

using Fields = std::vector<std::pair<std::string, std::string>>;

bool is_string(std::string_view value) {
  return value.starts_with('"');
}
bool is_object(std::string_view value) {
  return value.starts_with('{');
}
bool is_null(std::string_view value) {
  return value == "null";
}

[[noreturn]] void refuse(std::string_view key, std::string_view reason) {
  throw Failure(FailureKind::bad_request, fmt::format("'{}' {}", key, reason));
}

std::string text_of(const JsonMember& member) {
  if (!is_string(member.value)) refuse(member.name, "must be a string");
  return json_string(member.value);
}

Fields headers_of(const JsonMember& member) {
  if (!is_object(member.value)) refuse(member.name, "must be an object of strings");
  Fields headers;
  for (auto& [name, value] : json_members(member.value)) {
    if (!is_string(value)) refuse(member.name, fmt::format("must be an object of strings, and '{}' is none", name));
    headers.emplace_back(std::move(name), json_string(value));
  }
  return headers;
}

std::pair<std::string, std::string> meta_entry(const JsonMember& member) {
  return {member.name, is_string(member.value) ? json_string(member.value) : std::string(member.value)};
}

Fields meta_of(const JsonMember& member) {
  if (!is_object(member.value)) refuse(member.name, "must be an object");
  Fields meta;
  for (const auto& one : json_members(member.value)) {
    if (!is_null(one.value)) meta.push_back(meta_entry(one));
  }
  return meta;
}

void set_entry(Fields& meta, std::pair<std::string, std::string> entry) {
  const auto same = std::ranges::find(meta, entry.first, &Fields::value_type::first);
  if (same == meta.end()) {
    meta.push_back(std::move(entry));
  } else {
    same->second = std::move(entry.second);
  }
}

/// @throws Failure bad_request
ListedImage image_of(std::string_view line) {
  if (!is_json(line)) throw Failure(FailureKind::bad_request, "this is not JSON in UTF-8");
  if (!is_object(line)) throw Failure(FailureKind::bad_request, "this is no JSON object");
  ListedImage image;
  for (const auto& member : json_members(line)) {
    if (is_null(member.value)) continue;
    // As `creel image export` calls it.
    const bool is_exported_url = member.name == "image_url" && image.url.empty();
    if (member.name == "url" || is_exported_url) {
      image.url = trim(text_of(member));
    } else if (member.name == "file_name") {
      image.file_name = text_of(member);
    } else if (member.name == "folder") {
      image.folder = text_of(member);
    } else if (member.name == "headers") {
      image.headers = headers_of(member);
    } else if (member.name == "meta") {
      for (auto& entry : meta_of(member)) set_entry(image.meta, std::move(entry));
    } else if (std::ranges::find(kFacts, member.name) != kFacts.end()) {
      set_entry(image.meta, meta_entry(member));
    }
  }
  if (image.url.empty()) refuse("url", "is missing");
  return image;
}

class JsonlListReader final : public ListReader {
 public:
  using ListReader::ListReader;

  std::optional<ListItem> next() override {
    while (const auto line = lines_.next_line()) {
      if (line->too_long) return too_long_line(line->number);
      const auto text = trim(line->text);
      if (text.empty()) continue;
      try {
        auto image = image_of(text);
        image.position = lines_.position(line->number);
        return image;
      } catch (const Failure& failure) {
        return bad_line(line->number, failure.what());
      }
    }
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<ListReader> jsonl_list_reader(LineReader lines) {
  return std::make_unique<JsonlListReader>(std::move(lines));
}

}  // namespace creel
