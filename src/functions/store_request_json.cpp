#include "functions/store_request_json.h"

#include <limits>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "functions/event_members.h"

namespace creel {
namespace json = boost::json;
namespace {

/// As long as a function may run.
constexpr std::uint64_t kMaxTimeoutMs = 900'000;

constexpr std::string_view kRequests = "requests";
constexpr std::string_view kConcurrency = "concurrency";
constexpr std::string_view kImageUrl = "image-url";
constexpr std::string_view kFetchHeaders = "image-fetch-headers";
constexpr std::string_view kBucketName = "bucket-name";
constexpr std::string_view kFolderName = "folder-name";
constexpr std::string_view kFileName = "file-name";
constexpr std::string_view kImageMeta = "image-meta";
constexpr std::string_view kKeyMode = "key-mode";
constexpr std::string_view kIfExists = "if-exists";
constexpr std::string_view kMaxBytes = "max-bytes";
constexpr std::string_view kAcceptTypes = "accept-types";
constexpr std::string_view kTimeoutMs = "timeout-ms";
constexpr std::string_view kIgnoreOptOut = "ignore-opt-out";
constexpr std::string_view kKeyPrefix = "key-prefix";
constexpr std::string_view kMayBeStored = "may-be-stored";

/// The failure of one key, with its name in front of what is wrong.
Failure about(std::string_view key, const Failure& failure) {
  return {failure.kind(), fmt::format("'{}': {}", key, failure.what())};
}

template <class Read>
auto named(std::string_view key, Read read) {
  try {
    return read();
  } catch (const Failure& failure) {
    throw about(key, failure);
  }
}

HttpHeaders headers_of(const EventMembers& members) {
  HttpHeaders headers;
  for (auto& [name, value] : members.fields(kFetchHeaders, EventMembers::FieldValues::text_only)) {
    named(kFetchHeaders, [&] { check_user_header(name, value); });
    headers.add(std::move(name), std::move(value));
  }
  return headers;
}

KeyParts key_of(const EventMembers& members) {
  KeyParts key;
  if (members.choice(kKeyMode, {"named", "content"}) == 1) key.mode = KeyMode::content;
  key.folder = members.text(kFolderName).value_or("");
  key.file_name = members.text(kFileName).value_or("");
  named(kFolderName, [&] { check_folder(key.folder); });
  return key;
}

void check_size(const StoreEvent& event) {
  const auto& request = event.request;
  std::size_t bytes = event.key_prefix.size() + request.key.folder.size() + request.key.file_name.size();
  for (const auto& [name, value] : request.fetch_headers) bytes += name.size() + value.size();
  for (const auto& [name, value] : request.image_meta) bytes += name.size() + value.size();
  if (bytes <= kMaxRequestTextBytes) return;
  throw Failure(FailureKind::bad_request, fmt::format("'{}', '{}' and the names have {} bytes, which is more than {}",
                                                      kFetchHeaders, kImageMeta, bytes, kMaxRequestTextBytes));
}

std::variant<StoreEvent, Failure> element_of(const json::value& json, std::size_t index) {
  try {
    return store_event(json);
  } catch (const Failure& failure) {
    return Failure(failure.kind(), fmt::format("{}[{}]: {}", kRequests, index, failure.what()));
  }
}

}  // namespace

StoreEvent store_event(const json::value& json) {
  const EventMembers members(json);
  const auto url = members.required_text(kImageUrl);
  StoreEvent event{.bucket = members.bucket(kBucketName),
                   .key_prefix = members.text(kKeyPrefix).value_or(""),
                   .request = {.image_url = named(kImageUrl, [&] { return Url::parse(url); })}};
  auto& request = event.request;
  request.fetch_headers = headers_of(members);
  request.key = key_of(members);
  // Any text at all: the store makes headers of it.
  request.image_meta = members.fields(kImageMeta, EventMembers::FieldValues::any);
  if (members.choice(kIfExists, {"overwrite", "skip"}) == 1) request.if_exists = IfExists::skip;
  if (members.flag(kIgnoreOptOut)) request.opt_outs = OptOuts::ignore;
  request.may_be_stored = members.flag(kMayBeStored);
  constexpr auto kMostBytes = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  request.max_bytes = members.number(kMaxBytes, kMostBytes).value_or(request.max_bytes);
  if (const auto timeout = members.number(kTimeoutMs, kMaxTimeoutMs)) {
    request.timeout = std::chrono::milliseconds(*timeout);
  }
  if (auto types = members.texts(kAcceptTypes)) {
    if (types->empty()) throw Failure(FailureKind::bad_request, fmt::format("'{}' must name a type", kAcceptTypes));
    request.accept_types = std::move(*types);
  }
  check_size(event);
  return event;
}

json::object to_json(const StoreEvent& event) {
  const auto& request = event.request;
  const StoreRequest defaults{.image_url = request.image_url};
  json::object json{{kImageUrl, request.image_url.str()}, {kBucketName, to_json_text_value(event.bucket)}};
  const auto add_text = [&json](std::string_view key, const std::string& text) {
    if (!text.empty()) json[key] = to_json_text_value(text);
  };
  add_text(kKeyPrefix, event.key_prefix);
  add_text(kFolderName, request.key.folder);
  add_text(kFileName, request.key.file_name);
  if (!request.fetch_headers.empty()) {
    json[kFetchHeaders] = to_json_fields({request.fetch_headers.begin(), request.fetch_headers.end()});
  }
  if (!request.image_meta.empty()) json[kImageMeta] = to_json_fields(request.image_meta);
  if (request.key.mode == KeyMode::content) json[kKeyMode] = "content";
  if (request.if_exists == IfExists::skip) json[kIfExists] = "skip";
  if (request.opt_outs == OptOuts::ignore) json[kIgnoreOptOut] = true;
  if (request.max_bytes != defaults.max_bytes) json[kMaxBytes] = request.max_bytes;
  if (request.timeout != defaults.timeout) json[kTimeoutMs] = request.timeout.count();
  if (request.accept_types != defaults.accept_types) {
    json::array types;
    for (const auto& type : request.accept_types) types.push_back(to_json_text_value(type));
    json[kAcceptTypes] = std::move(types);
  }
  if (request.may_be_stored) json[kMayBeStored] = true;
  return json;
}

bool is_batch(const json::value& json) {
  const auto* object = json.if_object();
  return object != nullptr && object->contains(kRequests);
}

StoreBatch store_batch(const json::value& json) {
  const EventMembers members(json);
  const auto* value = members.find(kRequests);
  const auto* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr) throw Failure(FailureKind::bad_request, fmt::format("'{}' must be a list", kRequests));
  if (list->size() > kMaxBatchRequests) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' has {} entries, which is more than {}", kRequests,
                                                        list->size(), kMaxBatchRequests));
  }
  StoreBatch batch;
  batch.concurrency = static_cast<std::size_t>(
      members.number(kConcurrency, std::numeric_limits<std::uint32_t>::max()).value_or(kDefaultBatchConcurrency));
  batch.concurrency = std::min(batch.concurrency, kMaxBatchConcurrency);
  batch.requests.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) batch.requests.push_back(element_of((*list)[i], i));
  return batch;
}

}  // namespace creel
