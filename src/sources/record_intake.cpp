#include "sources/record_intake.h"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "base/text.h"
#include "catalog/own_name.h"
#include "net/http_headers.h"
#include "net/url.h"
#include "store/object_key.h"

namespace creel {
namespace {

namespace json = boost::json;

/// 128 bits of a hash.
constexpr std::size_t kIdentityDigits = 32;
constexpr std::size_t kMaxIdBytes = 200;
constexpr std::size_t kMaxLineBytes = 2'000;
constexpr std::size_t kMaxDescriptionBytes = 64 * 1024;
constexpr std::size_t kMaxFileNameBytes = 500;
constexpr std::size_t kMaxMetaFields = 100;

std::string hashed(std::string_view text) {
  return to_hex(sha256(text)).substr(0, kIdentityDigits);
}

/// Titles come with line ends and worse.
std::string one_line(std::string_view text) {
  auto line = to_utf8(text);
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f; }, ' ');
  return std::string(utf8_prefix(trim(line), kMaxLineBytes));
}

std::optional<std::string> line_or_nothing(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  auto line = one_line(*text);
  if (line.empty()) return std::nullopt;
  return line;
}

std::optional<std::string> description_or_nothing(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  auto clean = to_utf8(trim(*text));
  std::erase(clean, '\0');
  if (clean.empty()) return std::nullopt;
  return std::string(utf8_prefix(clean, kMaxDescriptionBytes));
}

/// The id as the source gave it; one that is too long for an index is hashed, not cut, so that it stays the only one.
std::string identity(const ImageRecord& record, const Url& url) {
  auto id = to_utf8(trim(record.image_id));
  std::erase(id, '\0');
  if (id.empty()) return hashed(url.str());
  return id.size() > kMaxIdBytes ? hashed(id) : id;
}

/// Below the source's own folder, whatever the record names: no source reaches the objects of another.
std::string folder_of(const ImageRecord& record, const std::string& source_name) {
  auto folder = source_name;
  if (!record.folder.empty()) folder += "/" + one_line(record.folder);
  check_folder(folder);
  return folder;
}

std::string header_text(const ImageRecord& record) {
  json::object headers;
  for (const auto& [name, value] : record.fetch_headers) {
    check_user_header(name, value);
    headers[name] = value;
  }
  return headers.empty() ? "" : json::serialize(headers);
}

std::string meta_text(const ImageRecord& record) {
  json::object meta;
  for (const auto& [name, value] : record.meta) {
    const auto line = one_line(value);
    if (line.empty() || meta.size() == kMaxMetaFields) continue;
    meta[one_line(name)] = line;
  }
  return meta.empty() ? "" : json::serialize(meta);
}

}  // namespace

FoundImage found_image(const ImageRecord& record, const std::string& source_name) {
  const auto url = Url::parse(record.image_url);
  FoundImage image;
  image.folder = folder_of(record, source_name);
  image.image_id = identity(record, url);
  image.url = url.str();
  image.host = url.authority();
  const auto file_name =
      record.file_name.empty() ? default_name(image.image_id, image.url) : one_line(record.file_name);
  image.file_name = std::string(utf8_prefix(file_name, kMaxFileNameBytes));
  image.fetch_headers = header_text(record);
  image.meta = meta_text(record);
  image.title = line_or_nothing(record.title);
  image.description = description_or_nothing(record.description);
  image.attribution_id = line_or_nothing(record.attribution_id);
  image.attribution_name = line_or_nothing(record.attribution_name);
  image.attribution_url = line_or_nothing(record.attribution_url);
  image.page_url = line_or_nothing(record.page_url);
  image.type = line_or_nothing(record.type);
  image.width = record.width;
  image.height = record.height;
  image.nsfw = record.nsfw;
  image.published_at = record.published_at;
  return image;
}

std::string_view refused_member(const ImageRecord& record) {
  const auto fails = [](const auto& work) {
    try {
      work();
      return false;
    } catch (const Failure&) {
      return true;
    }
  };
  if (fails([&] { Url::parse(record.image_url); })) return "image_url";
  if (fails([&] { folder_of(record, "a"); })) return "folder_name";
  return "fetch_headers";
}

}  // namespace creel
