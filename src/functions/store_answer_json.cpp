#include "functions/store_answer_json.h"

#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

/// So that the answers of the largest batch stay within what a function may answer.
constexpr std::size_t kMaxMessageBytes = 600;
constexpr int kOk = 200;

json::value optional_number(std::optional<std::uint32_t> number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::string utf8(std::string_view text) {
  return json::string(to_utf8(text));
}

json::value optional_text(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(utf8(text));
}

/// Reads the members of an answer; the first that is not as it should be is remembered.
class AnswerMembers {
 public:
  explicit AnswerMembers(const json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const auto* value = object_.if_contains(key);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    note(key);
    return {};
  }

  std::optional<std::string> optional_text(std::string_view key) {
    return is_absent(key) ? std::nullopt : std::optional(text(key));
  }

  std::uint64_t number(std::string_view key, std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
    const auto* value = object_.if_contains(key);
    boost::system::error_code error;
    const auto number = value != nullptr && value->is_number() ? value->to_number<std::uint64_t>(error) : 0;
    if (value == nullptr || !value->is_number() || error || number > most) note(key);
    return number;
  }

  template <class Number>
  std::optional<Number> optional_number(std::string_view key, std::uint64_t most) {
    return is_absent(key) ? std::nullopt : std::optional(static_cast<Number>(number(key, most)));
  }

  std::chrono::milliseconds milliseconds(std::string_view key) {
    constexpr std::uint64_t kLongest = std::numeric_limits<std::int32_t>::max();
    return std::chrono::milliseconds(optional_number<std::int64_t>(key, kLongest).value_or(0));
  }

  bool flag(std::string_view key) {
    if (is_absent(key)) return false;
    const auto* value = object_.if_contains(key);
    if (!value->is_bool()) note(key);
    return value->is_bool() && value->get_bool();
  }

  void note(std::string_view key) {
    if (fault_.empty()) fault_ = key;
  }

  /// The key that is missing or wrong; empty if all are right.
  const std::string& fault() const { return fault_; }

 private:
  bool is_absent(std::string_view key) const {
    const auto* value = object_.if_contains(key);
    return value == nullptr || value->is_null();
  }

  const json::object& object_;
  std::string fault_;
};

Failure malformed(std::string_view what) {
  return {FailureKind::function_error, fmt::format("the function's answer cannot be used: {}", what)};
}

Failure malformed_key(std::string_view key) {
  return malformed(fmt::format("'{}' is missing or wrong", key));
}

std::optional<ImageType> image_type(std::string_view type) {
  for (auto number = std::uint8_t{0}; number <= static_cast<std::uint8_t>(ImageType::jxl); ++number) {
    if (content_type(static_cast<ImageType>(number)) == type) return static_cast<ImageType>(number);
  }
  return std::nullopt;
}

StoreOutcome stored_outcome(const json::object& result, std::string_view key_prefix) {
  AnswerMembers members(result);
  const auto key = members.text("key");
  const auto before_key = prefixed_key(key_prefix, "");
  if (!key.starts_with(before_key) || key.size() == before_key.size()) members.note("key");
  const auto type = image_type(members.text("content-type"));
  if (!type) members.note("content-type");
  constexpr std::uint64_t kMostPixels = std::numeric_limits<std::uint32_t>::max();
  StoredImage stored{.key = {key.substr(std::min(before_key.size(), key.size()))},
                     .put = {.etag = members.text("etag"),
                             .version_id = members.optional_text("version-id"),
                             .already_there = members.flag("already-there"),
                             .is_another = members.flag("is-another")},
                     .size_bytes = members.number("size"),
                     .info = {.type = type.value_or(ImageType::jpeg),
                              .width = members.optional_number<std::uint32_t>("width", kMostPixels),
                              .height = members.optional_number<std::uint32_t>("height", kMostPixels)},
                     .sha256 = members.text("sha256"),
                     .final_url = members.text("final-url"),
                     .origin_etag = members.optional_text("origin-etag").value_or(""),
                     .origin_last_modified = members.optional_text("origin-last-modified").value_or(""),
                     .fetch_time = members.milliseconds("fetch-ms"),
                     .store_time = members.milliseconds("store-ms")};
  if (!members.fault().empty()) return malformed_key(members.fault());
  return stored;
}

StoreOutcome failed_outcome(const json::object& error) {
  AnswerMembers members(error);
  const auto type = members.text("type");
  const auto message = members.text("message");
  constexpr std::uint64_t kLongestWait = std::numeric_limits<std::int32_t>::max();
  const auto retry_after = members.optional_number<std::int64_t>("retry-after", kLongestWait);
  const auto kind = failure_kind(type);
  if (!kind) members.note("type");
  if (!members.fault().empty()) return malformed_key(members.fault());
  // Nobody here has cancelled it: the function itself was ended.
  const auto ours = *kind == FailureKind::cancelled ? FailureKind::function_timeout : *kind;
  return Failure(ours, message, retry_after ? std::optional(std::chrono::seconds(*retry_after)) : std::nullopt);
}

}  // namespace

std::string prefixed_key(std::string_view key_prefix, std::string_view key) {
  while (key_prefix.ends_with('/')) key_prefix.remove_suffix(1);
  return key_prefix.empty() ? std::string(key) : fmt::format("{}/{}", key_prefix, key);
}

json::object failure_body(const Failure& failure) {
  json::value retry_after = nullptr;
  if (failure.retry_after()) retry_after = failure.retry_after()->count();
  return {{"ok", false},
          {"error",
           {{"type", to_string(failure.kind())},
            {"message", utf8(utf8_prefix(failure.what(), kMaxMessageBytes))},
            {"retryable", is_retryable(failure.kind())},
            {"retry-after", std::move(retry_after)}}}};
}

json::object stored_body(std::string_view bucket, std::string_view key_prefix, const StoredImage& stored) {
  json::value version = nullptr;
  if (stored.put.version_id) version = utf8(*stored.put.version_id);
  return {{"ok", true},
          {"result",
           {{"bucket-name", utf8(bucket)},
            {"key", utf8(prefixed_key(key_prefix, stored.key.value))},
            {"etag", utf8(stored.put.etag)},
            {"version-id", std::move(version)},
            {"size", stored.size_bytes},
            {"content-type", content_type(stored.info.type)},
            {"sha256", stored.sha256},
            {"width", optional_number(stored.info.width)},
            {"height", optional_number(stored.info.height)},
            {"final-url", stored.final_url},
            {"origin-etag", optional_text(stored.origin_etag)},
            {"origin-last-modified", optional_text(stored.origin_last_modified)},
            {"fetch-ms", stored.fetch_time.count()},
            {"store-ms", stored.store_time.count()},
            {"already-there", stored.put.already_there},
            {"is-another", stored.put.is_another}}}};
}

json::object single_answer(json::object body) {
  int status = kOk;
  if (const auto* error = body.if_contains("error")) {
    const auto kind = failure_kind(std::string_view(error->at("type").as_string()));
    status = status_code(kind.value_or(FailureKind::internal));
  }
  return {{"statusCode", status}, {"headers", json::object()}, {"body", std::move(body)}};
}

json::object batch_answer(json::array bodies) {
  const bool all = std::ranges::all_of(bodies, [](const json::value& body) { return body.at("ok").as_bool(); });
  return {{"statusCode", kOk}, {"headers", json::object()}, {"body", {{"ok", all}, {"results", std::move(bodies)}}}};
}

StoreOutcome store_outcome(const json::value& body, std::string_view key_prefix) {
  const auto* object = body.if_object();
  if (object == nullptr) return malformed("a result is no object");
  const auto* ok = object->if_contains("ok");
  if (ok == nullptr || !ok->is_bool()) return malformed_key("ok");
  const std::string_view part = ok->get_bool() ? "result" : "error";
  const auto* content = object->if_contains(part);
  if (content == nullptr || !content->is_object()) return malformed_key(part);
  return ok->get_bool() ? stored_outcome(content->get_object(), key_prefix) : failed_outcome(content->get_object());
}

}  // namespace creel
