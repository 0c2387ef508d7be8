#include "functions/store_answer_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

StoredImage image() {
  return {.key = {"cats/Tom.png"},
          .put = {.etag = "e", .version_id = "v", .already_there = true, .is_another = true},
          .size_bytes = 5'000'000'000,
          .info = {.type = ImageType::svg, .width = 3, .height = std::nullopt},
          .sha256 = "abc",
          .final_url = "https://b.example/",
          .origin_etag = "W/\"5\"",
          .origin_last_modified = "Tue, 03 Nov 2026 08:12:31 GMT",
          .fetch_time = std::chrono::milliseconds(42),
          .store_time = std::chrono::milliseconds(18)};
}

/// As it comes out at the other end of a wire.
StoreOutcome sent(const json::object& body, std::string_view prefix = "") {
  return store_outcome(json::parse(json::serialize(body)), prefix);
}

Failure failure_of(const std::string& body, std::string_view prefix = "") {
  const auto outcome = store_outcome(json::parse(body), prefix);
  if (const auto* failure = std::get_if<Failure>(&outcome)) return *failure;
  ADD_FAILURE() << "no failure: " << body;
  return {FailureKind::internal, ""};
}

TEST(StoreAnswerJson, GivesAStoredImageBack) {
  for (const auto* prefix : {"", "2026", "a/b/"}) {
    const auto outcome = sent(stored_body("pictures", prefix, image()), prefix);
    const auto& stored = std::get<StoredImage>(outcome);
    EXPECT_EQ(stored.key, image().key);
    EXPECT_EQ(stored.put.etag, "e");
    EXPECT_EQ(stored.put.version_id, "v");
    EXPECT_TRUE(stored.put.already_there);
    EXPECT_TRUE(stored.put.is_another);
    EXPECT_EQ(stored.size_bytes, 5'000'000'000U);
    EXPECT_EQ(stored.info.type, ImageType::svg);
    EXPECT_EQ(stored.info.width, 3U);
    EXPECT_EQ(stored.info.height, std::nullopt);
    EXPECT_EQ(stored.sha256, "abc");
    EXPECT_EQ(stored.final_url, "https://b.example/");
    EXPECT_EQ(stored.origin_etag, "W/\"5\"");
    EXPECT_EQ(stored.origin_last_modified, "Tue, 03 Nov 2026 08:12:31 GMT");
    EXPECT_EQ(stored.fetch_time.count(), 42);
    EXPECT_EQ(stored.store_time.count(), 18);
  }
}

TEST(StoreAnswerJson, UnderstandsAFunctionThatSaysLess) {
  auto body = stored_body("pictures", "", image());
  for (const auto* key : {"origin-etag", "origin-last-modified", "fetch-ms", "store-ms"}) {
    body.at("result").as_object().erase(key);
  }
  const auto outcome = sent(body);
  const auto& stored = std::get<StoredImage>(outcome);
  EXPECT_EQ(stored.final_url, "https://b.example/");
  EXPECT_EQ(stored.origin_etag, "");
}

TEST(StoreAnswerJson, GivesEveryTypeOfImageBack) {
  for (int type = 0; type <= static_cast<int>(ImageType::jxl); ++type) {
    auto stored = image();
    stored.info.type = static_cast<ImageType>(type);
    EXPECT_EQ(std::get<StoredImage>(sent(stored_body("b", "", stored))).info.type, stored.info.type);
  }
}

TEST(StoreAnswerJson, WritesTheWholeKey) {
  const auto body = stored_body("pictures", "2026", image());
  EXPECT_EQ(body.at("result").at("key"), "2026/cats/Tom.png");
  EXPECT_EQ(body.at("result").at("bucket-name"), "pictures");
}

TEST(StoreAnswerJson, GivesEveryFailureBack) {
  for (const auto kind : all_failure_kinds()) {
    const auto body = failure_body({kind, "what was wrong", std::chrono::seconds(7)});
    EXPECT_EQ(body.at("error").at("retryable"), is_retryable(kind));
    const auto outcome = sent(body);
    const auto& failure = std::get<Failure>(outcome);
    const bool is_ours = kind == FailureKind::cancelled;
    EXPECT_EQ(failure.kind(), is_ours ? FailureKind::function_timeout : kind);
    EXPECT_STREQ(failure.what(), "what was wrong");
    EXPECT_EQ(failure.retry_after(), std::chrono::seconds(7));
  }
  EXPECT_EQ(std::get<Failure>(sent(failure_body({FailureKind::dns, ""}))).retry_after(), std::nullopt);
}

TEST(StoreAnswerJson, IsUtf8WhateverAServerSaid) {
  const auto text = json::serialize(failure_body({FailureKind::redirected, "to \xFC" + std::string(2000, 'x')}));
  EXPECT_THAT(text, HasSubstr("to \xEF\xBF\xBD"));
  EXPECT_LT(text.size(), 1000U);
}

TEST(StoreAnswerJson, HasTheStatusOfItsBody) {
  EXPECT_EQ(single_answer(stored_body("b", "", image())).at("statusCode"), 200);
  for (const auto kind : all_failure_kinds()) {
    EXPECT_EQ(single_answer(failure_body({kind, ""})).at("statusCode"), status_code(kind));
  }
}

TEST(StoreAnswerJson, OfABatchIsOkIfAllAre) {
  const auto good = stored_body("b", "", image());
  const auto bad = failure_body({FailureKind::dns, ""});
  EXPECT_EQ(batch_answer({good, good}).at("body").at("ok"), true);
  const auto answer = batch_answer({good, bad});
  EXPECT_EQ(answer.at("statusCode"), 200);
  EXPECT_EQ(answer.at("body").at("ok"), false);
  EXPECT_EQ(answer.at("body").at("results").as_array().size(), 2U);
}

TEST(StoreAnswerJson, ThatSaysSomethingElseIsAFailureOfTheFunction) {
  for (const auto* body :
       {"null", "[]", "{}", R"({"ok": 1})", R"({"ok": true})", R"({"ok": false, "error": "x"})",
        R"({"ok": false, "error": {"type": "nonsense", "message": "m"}})", R"({"ok": false, "error": {"type": "dns"}})",
        R"({"ok": false, "error": {"type": "dns", "message": "m", "retry-after": -1}})",
        R"({"ok": false, "error": {"type": "dns", "message": "m", "retry-after": 1e30}})"}) {
    EXPECT_EQ(failure_of(body).kind(), FailureKind::function_error) << body;
  }
  const auto whole = stored_body("b", "p", image());
  for (const auto& [key, value] : whole.at("result").as_object()) {
    if (key == "bucket-name") continue;
    auto body = whole;
    body["result"].as_object()[key] = json::array();
    const auto failure = failure_of(json::serialize(body), "p");
    EXPECT_EQ(failure.kind(), FailureKind::function_error) << key;
    EXPECT_THAT(failure.what(), HasSubstr(std::string_view(key)));
  }
  EXPECT_EQ(failure_of(json::serialize(whole), "q").kind(), FailureKind::function_error);
  auto other = whole;
  other["result"].as_object()["content-type"] = "text/html";
  EXPECT_EQ(failure_of(json::serialize(other), "p").kind(), FailureKind::function_error);
}

}  // namespace
}  // namespace creel
