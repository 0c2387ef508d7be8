#include "ingest/lambda_batch.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "functions/store_answer_json.h"

namespace creel {
namespace json = boost::json;
namespace {

/// Braces, names and the facts of an image.
constexpr std::size_t kAnswerOverhead = 2560;
/// What a reader of the report still wants to see of it.
constexpr std::size_t kMaxReasonBytes = 500;
constexpr std::string_view kMayBeStored = R"("may-be-stored":true)";

constexpr std::chrono::milliseconds kMostForStoring{10'000};
constexpr int kPartForStoring = 5;

Failure unusable(std::string_view why) {
  return {FailureKind::function_error, fmt::format("the function's answer cannot be used: {}", why)};
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(utf8_prefix(value->get_string(), kMaxReasonBytes));
}

/// {"errorType": "...", "errorMessage": "..."}, of which the service leaves parts out.
Failure crash_of(const aws::LambdaAnswer& answer) {
  boost::system::error_code error;
  const auto value = json::parse(answer.payload, error);
  std::string what(error || !value.is_object() ? utf8_prefix(answer.payload, kMaxReasonBytes) : "");
  if (what.empty() && value.is_object()) {
    const auto type = text_of(value.get_object(), "errorType");
    const auto message = text_of(value.get_object(), "errorMessage");
    what = fmt::format("{}{}{}", type, type.empty() || message.empty() ? "" : ": ", message);
  }
  return {FailureKind::function_error,
          fmt::format("the function failed: {}", what.empty() ? "it does not say why" : what)};
}

/// The body of an answer: {"statusCode": ..., "body": {...}}; null if there is none.
const json::object* body_of(const json::value& answer) {
  const auto* object = answer.if_object();
  const auto* body = object == nullptr ? nullptr : object->if_contains("body");
  return body == nullptr ? nullptr : body->if_object();
}

}  // namespace

std::string request_text(const StoreEvent& event) {
  return json::serialize(to_json(event));
}

void mark_may_be_stored(std::string& request_text) {
  if (request_text.ends_with(fmt::format("{}}}", kMayBeStored))) return;
  request_text.pop_back();
  request_text += fmt::format(",{}}}", kMayBeStored);
}

std::string batch_payload(const std::vector<std::string_view>& request_texts) {
  std::size_t bytes = 64;
  for (const auto text : request_texts) bytes += text.size() + 1;
  std::string payload;
  payload.reserve(bytes);
  payload += R"({"requests":[)";
  for (const auto text : request_texts) {
    if (payload.back() != '[') payload += ',';
    payload += text;
  }
  payload +=
      fmt::format(R"(],"concurrency":{}}})", std::clamp<std::size_t>(request_texts.size(), 1, kMaxBatchConcurrency));
  return payload;
}

std::size_t answer_bytes(const StoreEvent& event) {
  return kAnswerOverhead + event.bucket.size() + event.key_prefix.size() + 2 * event.request.image_url.str().size();
}

std::variant<std::vector<StoreOutcome>, Failure> batch_outcomes(const aws::LambdaAnswer& answer, std::size_t count,
                                                                std::string_view key_prefix) {
  if (!answer.function_error.empty()) return crash_of(answer);
  boost::system::error_code error;
  const auto value = json::parse(answer.payload, error);
  if (error) return unusable("it is no JSON");
  const auto* body = body_of(value);
  if (body == nullptr) return unusable("it has no 'body'");
  const auto* results = body->if_contains("results");
  if (results == nullptr || !results->is_array()) {
    const auto outcome = store_outcome(*value.get_object().if_contains("body"), key_prefix);
    const auto* failure = std::get_if<Failure>(&outcome);
    return unusable(failure == nullptr ? "it has no 'results'" : failure->what());
  }
  const auto& list = results->get_array();
  if (list.size() != count) return unusable(fmt::format("it has {} results for {} requests", list.size(), count));
  std::vector<StoreOutcome> outcomes;
  outcomes.reserve(count);
  for (const auto& result : list) outcomes.push_back(store_outcome(result, key_prefix));
  return outcomes;
}

std::chrono::milliseconds fetch_time(std::chrono::milliseconds function_timeout, std::size_t batch) {
  const auto turns = (std::max<std::size_t>(batch, 1) + kMaxBatchConcurrency - 1) / kMaxBatchConcurrency;
  const auto for_fetching = function_timeout - std::min(kMostForStoring, function_timeout / kPartForStoring);
  return std::max(std::chrono::milliseconds(1), for_fetching / static_cast<int>(turns));
}

}  // namespace creel
