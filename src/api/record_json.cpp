#include "api/record_json.h"

#include <limits>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "api/json_body.h"
#include "api/json_text.h"
#include "base/failure.h"
#include "net/http_headers.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxNameBytes = 1000;
constexpr std::size_t kMaxTextBytes = 100'000;
constexpr std::size_t kMaxPairs = 100;

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A member that is an object of texts.
Pairs read_pairs(FieldReader& fields, std::string_view name) {
  Pairs pairs;
  const auto* object = fields.object(name);
  if (object == nullptr) return pairs;
  if (object->size() > kMaxPairs) {
    fields.refuse(name, fmt::format("has more than {} members", kMaxPairs));
    return pairs;
  }
  FieldReader members(*object, fields.pointer_to(name));
  for (const auto& member : *object) {
    const std::string key(member.key());
    if (key.find('\0') != std::string::npos) {
      fields.refuse(name, "has a name with a NUL character");
    } else if (auto value = members.text(key, kMaxTextBytes)) {
      pairs.emplace_back(key, std::move(*value));
    }
  }
  fields.refuse_all(members.errors());
  return pairs;
}

Pairs read_headers(FieldReader& fields, std::string_view name) {
  auto headers = read_pairs(fields, name);
  for (const auto& [header, value] : headers) {
    try {
      check_user_header(header, value);
    } catch (const Failure& failure) {
      fields.refuse(name, failure.what());
    }
  }
  return headers;
}

std::optional<std::uint32_t> read_length(FieldReader& fields, std::string_view name) {
  const auto length = fields.integer(name, 1, std::numeric_limits<std::int32_t>::max());
  return length ? std::optional(static_cast<std::uint32_t>(*length)) : std::nullopt;
}

std::optional<SystemTime> read_time(FieldReader& fields, std::string_view name) {
  const auto text = fields.text(name, kMaxNameBytes);
  if (!text) return std::nullopt;
  auto time = parse_rfc3339(*text);
  if (!time) fields.refuse(name, R"(must be a time as in "2026-11-24T20:28:15Z")");
  return time;
}

}  // namespace

ImageRecord read_record(FieldReader& fields) {
  ImageRecord record;
  record.image_url = fields.required_text("image_url", Url::kMaxBytes);
  record.image_id = fields.text("image_id", kMaxNameBytes).value_or("");
  record.title = fields.text("title", kMaxTextBytes);
  record.description = fields.text("description", kMaxTextBytes);
  record.attribution_id = fields.text("attribution_id", kMaxNameBytes);
  record.attribution_name = fields.text("attribution_name", kMaxNameBytes);
  record.attribution_url = fields.text("attribution_url", Url::kMaxBytes);
  record.page_url = fields.text("page_url", Url::kMaxBytes);
  record.type = fields.text("type", kMaxNameBytes);
  record.width = read_length(fields, "width");
  record.height = read_length(fields, "height");
  record.nsfw = fields.flag("nsfw");
  record.published_at = read_time(fields, "published_at");
  record.folder = fields.text("folder_name", kMaxNameBytes).value_or("");
  record.file_name = fields.text("file_name", kMaxNameBytes).value_or("");
  record.fetch_headers = read_headers(fields, "fetch_headers");
  record.meta = read_pairs(fields, "meta");
  return record;
}

void append_record_json(std::string& out, const ImageRecord& record) {
  std::string meta;
  JsonObjectText pairs(meta);
  for (const auto& [name, value] : record.meta) pairs.add(name, value);
  pairs.close();
  const auto unless_empty = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  };
  JsonObjectText(out)
      .add("image_id", unless_empty(record.image_id))
      .add("image_url", record.image_url)
      .add("title", record.title)
      .add("description", record.description)
      .add("attribution_id", record.attribution_id)
      .add("attribution_name", record.attribution_name)
      .add("attribution_url", record.attribution_url)
      .add("page_url", record.page_url)
      .add("type", record.type)
      .add("width", record.width)
      .add("height", record.height)
      .add("nsfw", record.nsfw)
      .add("published_at", record.published_at)
      .add("folder_name", unless_empty(record.folder))
      .add("file_name", unless_empty(record.file_name))
      .add_raw("meta", meta)
      .close();
}

}  // namespace creel
