#include "ingest/job_options.h"

#include <boost/json.hpp>

namespace creel {
namespace json = boost::json;

std::string to_json_text(const std::vector<std::pair<std::string, std::string>>& fields) {
  if (fields.empty()) return {};
  json::object object;
  for (const auto& [name, value] : fields) object[name] = value;
  return json::serialize(object);
}

std::vector<std::pair<std::string, std::string>> from_json_text(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> fields;
  if (text.empty()) return fields;
  boost::system::error_code error;
  // Lists in other encodings than UTF-8 come this way too.
  const auto value = json::parse(text, error, {}, {.allow_invalid_utf8 = true});
  if (error || !value.is_object()) {
    throw Failure(FailureKind::internal, "the catalog holds headers or metadata that are no JSON object");
  }
  for (const auto& [name, field] : value.get_object()) {
    fields.emplace_back(name, field.is_string() ? std::string(field.get_string()) : json::serialize(field));
  }
  return fields;
}

namespace {

/// What the source tells of the image goes before the rest of what is known, as far as there is room beside the object.
std::vector<std::pair<std::string, std::string>> metadata_of(const FoundImage& image) {
  std::vector<std::pair<std::string, std::string>> meta;
  const auto add = [&meta](const char* name, const std::optional<std::string>& value) {
    if (value && !value->empty()) meta.emplace_back(name, *value);
  };
  add("title", image.title);
  add("attribution_name", image.attribution_name);
  add("attribution_url", image.attribution_url);
  add("attribution_id", image.attribution_id);
  if (image.nsfw) meta.emplace_back("nsfw", *image.nsfw ? "true" : "false");
  add("page_url", image.page_url);
  for (auto& field : from_json_text(image.meta)) meta.push_back(std::move(field));
  add("description", image.description);
  return meta;
}

}  // namespace

StoreRequest store_request(const LeasedImage& leased, const JobOptions& job) {
  const auto& image = leased.image;
  StoreRequest request{.image_url = Url::parse(image.url)};
  for (const auto& [name, value] : job.headers) request.fetch_headers.set(name, value);
  for (auto& [name, value] : from_json_text(image.fetch_headers)) request.fetch_headers.set(name, std::move(value));
  request.key = {.mode = job.key_mode, .folder = image.folder, .file_name = image.file_name};
  request.image_meta = metadata_of(image);
  request.if_exists = job.if_exists;
  request.opt_outs = job.opt_outs;
  request.max_bytes = job.max_bytes;
  request.accept_types = job.accept_types;
  request.timeout = job.timeout;
  request.may_be_stored = leased.interrupted;
  return request;
}

std::vector<std::string> possible_keys(const FoundImage& image, KeyMode mode) {
  std::vector<std::string> keys;
  try {
    const KeyParts parts{.mode = mode, .folder = image.folder, .file_name = image.file_name};
    for (auto& key : possible_keys(parts, Url::parse(image.url))) keys.push_back(std::move(key.value));
  } catch (const Failure&) {
    keys.clear();
  }
  return keys;
}

}  // namespace creel
