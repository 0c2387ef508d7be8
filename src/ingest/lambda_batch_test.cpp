#include "ingest/lambda_batch.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

StoreEvent event(const std::string& url = "https://a.example/x.png") {
  return {.bucket = "b", .key_prefix = "p", .request = {.image_url = Url::parse(url)}};
}

constexpr const char* kStored =
    R"({"ok": true, "result": {"bucket-name": "b", "key": "p/x.png", "etag": "e", "version-id": null, "size": 1,
        "content-type": "image/png", "sha256": "", "width": null, "height": null, "final-url": "u"}})";
constexpr const char* kFailed =
    R"({"ok": false, "error": {"type": "dns", "message": "m", "retryable": true, "retry-after": null}})";

aws::LambdaAnswer answer(const std::string& payload, const std::string& function_error = "") {
  return {.status = 200, .payload = payload, .function_error = function_error};
}

std::string reason_of(const std::string& payload, const std::string& function_error = "") {
  const auto outcomes = batch_outcomes(answer(payload, function_error), 2, "p");
  const auto* failure = std::get_if<Failure>(&outcomes);
  EXPECT_NE(failure, nullptr) << payload;
  if (failure == nullptr) return "";
  EXPECT_EQ(failure->kind(), FailureKind::function_error);
  return failure->what();
}

TEST(LambdaBatch, IsAnEventThatTheFunctionReads) {
  const auto one = request_text(event("https://a.example/1"));
  const auto two = request_text(event("https://a.example/2"));
  const auto batch = store_batch(json::parse(batch_payload({one, two})));
  EXPECT_EQ(batch.concurrency, 2U);
  ASSERT_EQ(batch.requests.size(), 2U);
  EXPECT_EQ(std::get<StoreEvent>(batch.requests[0]).request.image_url.str(), "https://a.example/1");
  EXPECT_EQ(std::get<StoreEvent>(batch.requests[1]).request.image_url.str(), "https://a.example/2");
  EXPECT_TRUE(store_batch(json::parse(batch_payload({}))).requests.empty());
}

TEST(LambdaBatch, SaysOnceThatAnImageMayBeStored) {
  auto text = request_text(event());
  EXPECT_FALSE(store_event(json::parse(text)).request.may_be_stored);
  mark_may_be_stored(text);
  const auto marked = text;
  mark_may_be_stored(text);
  EXPECT_EQ(text, marked);
  EXPECT_TRUE(store_event(json::parse(text)).request.may_be_stored);
  auto interrupted = event();
  interrupted.request.may_be_stored = true;
  text = request_text(interrupted);
  const auto before = text;
  mark_may_be_stored(text);
  EXPECT_EQ(text, before);
}

TEST(LambdaBatch, TakesOutcomesInTheirOrder) {
  const auto outcomes = batch_outcomes(
      answer(fmt::format(R"({{"statusCode": 200, "body": {{"ok": false, "results": [{}, {}]}}}})", kStored, kFailed)),
      2, "p");
  const auto& list = std::get<std::vector<StoreOutcome>>(outcomes);
  EXPECT_EQ(std::get<StoredImage>(list.at(0)).key.value, "x.png");
  EXPECT_EQ(std::get<Failure>(list.at(1)).kind(), FailureKind::dns);
}

TEST(LambdaBatch, LetsOneResultThatCannotBeReadBeAFailureOfItsOwn) {
  const auto outcomes = batch_outcomes(answer(fmt::format(R"({{"body": {{"results": [{}, 7]}}}})", kStored)), 2, "p");
  const auto& list = std::get<std::vector<StoreOutcome>>(outcomes);
  EXPECT_TRUE(std::holds_alternative<StoredImage>(list.at(0)));
  EXPECT_EQ(std::get<Failure>(list.at(1)).kind(), FailureKind::function_error);
}

TEST(LambdaBatch, SaysWhyAnAnswerIsOfNoUse) {
  EXPECT_THAT(reason_of(""), HasSubstr("no JSON"));
  EXPECT_THAT(reason_of("null"), HasSubstr("'body'"));
  EXPECT_THAT(reason_of("[]"), HasSubstr("'body'"));
  EXPECT_THAT(reason_of(R"({"body": "text"})"), HasSubstr("'body'"));
  EXPECT_THAT(reason_of(R"({"body": {"ok": true}})"), HasSubstr("cannot be used"));
  EXPECT_THAT(reason_of(R"({"body": {"results": 7}})"), HasSubstr("cannot be used"));
  EXPECT_THAT(reason_of(R"({"body": {"results": []}})"), HasSubstr("0 results for 2 requests"));
  EXPECT_THAT(
      reason_of(
          R"({"statusCode": 400, "body": {"ok": false, "error": {"type": "bad_request", "message": "'x' is missing"}}})"),
      HasSubstr("'x' is missing"));
}

TEST(LambdaBatch, SaysWhyAFunctionFailed) {
  EXPECT_THAT(reason_of(R"({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 1.00 seconds"})",
                        "Unhandled"),
              HasSubstr("Sandbox.Timedout: Task timed out"));
  EXPECT_THAT(reason_of(R"({"errorMessage": "Task timed out"})", "Unhandled"), HasSubstr("failed: Task timed out"));
  EXPECT_THAT(reason_of("gone", "Unhandled"), HasSubstr("failed: gone"));
  EXPECT_THAT(reason_of("", "Unhandled"), HasSubstr("does not say why"));
  EXPECT_THAT(reason_of(R"({"errorType": 7})", "Unhandled"), HasSubstr("does not say why"));
}

TEST(LambdaBatch, LeavesTimeForStoring) {
  EXPECT_EQ(fetch_time(60s, 32), 50s);
  EXPECT_EQ(fetch_time(3s, 32), 2400ms);
  EXPECT_EQ(fetch_time(900s, 32), 890s);
  EXPECT_EQ(fetch_time(60s, kMaxBatchConcurrency), 50s);
  EXPECT_EQ(fetch_time(60s, kMaxBatchConcurrency + 1), 25s);
  EXPECT_EQ(fetch_time(0s, 1), 1ms);
}

TEST(LambdaBatch, ReckonsWithAnAnswerThatIsLongEnough) {
  EXPECT_GT(answer_bytes(event()), std::string_view(kStored).size());
}

}  // namespace
}  // namespace creel
