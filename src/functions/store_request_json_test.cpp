#include "functions/store_request_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::string kUrl = R"("image-url": "https://a.example/cat.png")";
const std::string kBucket = R"("bucket-name": "pictures")";

StoreEvent read(const std::string& members) {
  return store_event(json::parse("{" + kUrl + "," + kBucket + (members.empty() ? "" : "," + members) + "}"));
}

Failure failure_of(const std::string& event) {
  try {
    store_event(json::parse(event));
  } catch (const Failure& failure) {
    return failure;
  }
  ADD_FAILURE() << "no failure: " << event;
  return {FailureKind::internal, ""};
}

std::string message_of(const std::string& members) {
  const auto failure = failure_of("{" + kUrl + "," + kBucket + "," + members + "}");
  EXPECT_EQ(failure.kind(), FailureKind::bad_request);
  return failure.what();
}

/// As it comes out at the other end of a wire.
StoreEvent sent(const StoreEvent& event) {
  return store_event(json::parse(json::serialize(to_json(event))));
}

void expect_same(const StoreEvent& one, const StoreEvent& other) {
  EXPECT_EQ(one.bucket, other.bucket);
  EXPECT_EQ(one.key_prefix, other.key_prefix);
  const auto& a = one.request;
  const auto& b = other.request;
  EXPECT_EQ(a.image_url.str(), b.image_url.str());
  EXPECT_EQ(std::vector(a.fetch_headers.begin(), a.fetch_headers.end()),
            std::vector(b.fetch_headers.begin(), b.fetch_headers.end()));
  EXPECT_EQ(a.key.mode, b.key.mode);
  EXPECT_EQ(a.key.folder, b.key.folder);
  EXPECT_EQ(a.key.file_name, b.key.file_name);
  EXPECT_EQ(a.image_meta, b.image_meta);
  EXPECT_EQ(a.if_exists, b.if_exists);
  EXPECT_EQ(a.opt_outs, b.opt_outs);
  EXPECT_EQ(a.max_bytes, b.max_bytes);
  EXPECT_EQ(a.accept_types, b.accept_types);
  EXPECT_EQ(a.timeout, b.timeout);
  EXPECT_EQ(a.may_be_stored, b.may_be_stored);
}

TEST(StoreRequestJson, TakesDefaultsForWhatIsNotSaid) {
  const auto event = read("");
  EXPECT_EQ(event.bucket, "pictures");
  expect_same(event, {.bucket = "pictures", .request = {.image_url = Url::parse("https://a.example/cat.png")}});
}

TEST(StoreRequestJson, ReadsEveryKey) {
  const auto event = read(R"("image-fetch-headers": {"Referer": "https://a.example/", "X-A": ""},
      "folder-name": "cats/tabby", "file-name": "Tom.png", "key-prefix": "2026", "key-mode": "content",
      "image-meta": {"title": "Tom", "nsfw": false, "votes": 3, "none": null}, "if-exists": "skip",
      "max-bytes": 1000, "accept-types": ["image/png"], "timeout-ms": 1500, "ignore-opt-out": true,
      "may-be-stored": true, "unknown": [1, 2])");
  EXPECT_EQ(event.key_prefix, "2026");
  const auto& request = event.request;
  EXPECT_EQ(request.fetch_headers.find("referer"), "https://a.example/");
  EXPECT_EQ(request.key.folder, "cats/tabby");
  EXPECT_EQ(request.key.file_name, "Tom.png");
  EXPECT_EQ(request.key.mode, KeyMode::content);
  EXPECT_THAT(request.image_meta, ElementsAre(Pair("title", "Tom"), Pair("nsfw", "false"), Pair("votes", "3")));
  EXPECT_EQ(request.if_exists, IfExists::skip);
  EXPECT_EQ(request.max_bytes, 1000U);
  EXPECT_THAT(request.accept_types, ElementsAre("image/png"));
  EXPECT_EQ(request.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(request.opt_outs, OptOuts::ignore);
  EXPECT_TRUE(request.may_be_stored);
}

TEST(StoreRequestJson, TakesNullForAbsent) {
  expect_same(read(""), read(R"("folder-name": null, "image-meta": null, "max-bytes": null, "key-mode": null,
      "accept-types": null, "ignore-opt-out": null, "image-fetch-headers": null)"));
}

TEST(StoreRequestJson, GivesBackWhatWasWritten) {
  expect_same(sent(read("")), read(""));
  StoreEvent event{.bucket = "b",
                   .key_prefix = "p/q",
                   .request = {.image_url = Url::parse("https://\xC3\xBC.example/a b?q=\"1\""),
                               .fetch_headers = {{"Referer", "https://a.example/"}, {"X-Empty", ""}},
                               .key = {.mode = KeyMode::content, .folder = "f", .file_name = "\xC3\xBC \"x\".png"},
                               .image_meta = {{"z", "1"}, {"a", "{\"x\":1}"}, {"description", "One.\n\nTwo.\r\n"}},
                               .if_exists = IfExists::skip,
                               .opt_outs = OptOuts::ignore,
                               .max_bytes = 5,
                               .accept_types = {"image/png", "*"},
                               .timeout = std::chrono::milliseconds(77),
                               .may_be_stored = true}};
  expect_same(sent(event), event);
}

TEST(StoreRequestJson, GivesBackBytesThatAreNoUtf8) {
  const StoreEvent event{.bucket = "b",
                         .request = {.image_url = Url::parse("https://a.example/"),
                                     .fetch_headers = {{"X-Name", "\xFC"}, {"Cookie", "a"}, {"Cookie", "b"}},
                                     .key = {.folder = "\xE4", .file_name = "gr\xFC\xDF"},
                                     .image_meta = {{"\xFC", "v"}, {"w", "\xFF"}}}};
  const auto text = json::serialize(to_json(event));
  EXPECT_EQ(text.find('\xFC'), std::string::npos);
  expect_same(sent(event), event);
}

TEST(StoreRequestJson, NamesTheKeyThatIsMissingOrWrong) {
  EXPECT_THAT(failure_of("{" + kBucket + "}").what(), HasSubstr("'image-url' is missing"));
  EXPECT_THAT(failure_of("{" + kUrl + "}").what(), HasSubstr("'bucket-name' is missing"));
  EXPECT_THAT(failure_of(R"({"image-url": 1})").what(), HasSubstr("'image-url' must be a string"));
  EXPECT_THAT(failure_of("[]").what(), HasSubstr("no JSON object"));
  const auto bad_url = failure_of(R"({"image-url": "ftp://a/", "bucket-name": "b"})");
  EXPECT_EQ(bad_url.kind(), FailureKind::bad_url);
  EXPECT_THAT(bad_url.what(), HasSubstr("'image-url'"));
  EXPECT_THAT(message_of(R"("bucket-name": "a/b")"), HasSubstr("'bucket-name'"));
  EXPECT_THAT(message_of(R"("folder-name": "../x")"), HasSubstr("'folder-name'"));
  EXPECT_THAT(message_of(R"("file-name": ["x"])"), HasSubstr("'file-name' must be a string"));
  EXPECT_THAT(message_of(R"("file-name": {"base64": "?"})"), HasSubstr("'file-name' must be a string"));
  EXPECT_THAT(message_of(R"("image-fetch-headers": {"Host": "x"})"), HasSubstr("'image-fetch-headers'"));
  EXPECT_THAT(message_of(R"("image-fetch-headers": {"X-A": 1})"), HasSubstr("'image-fetch-headers'"));
  EXPECT_THAT(message_of(R"("image-fetch-headers": {"X-A": "a\r\nX-B: 1"})"), HasSubstr("'image-fetch-headers'"));
  EXPECT_THAT(message_of(R"("image-meta": "x")"), HasSubstr("'image-meta' must be an object"));
  EXPECT_THAT(message_of(R"("image-meta": [["a"]])"), HasSubstr("'image-meta'"));
  EXPECT_THAT(message_of(R"("key-mode": "hash")"), HasSubstr("'key-mode' must be one of named, content"));
  EXPECT_THAT(message_of(R"("if-exists": true)"), HasSubstr("'if-exists' must be a string"));
  EXPECT_THAT(message_of(R"("accept-types": "image/png")"), HasSubstr("'accept-types' must be a list"));
  EXPECT_THAT(message_of(R"("ignore-opt-out": 1)"), HasSubstr("'ignore-opt-out' must be true or false"));
  for (const auto* value : {"0", "-1", "1.5", "\"5\"", "1e300"}) {
    EXPECT_THAT(message_of(fmt::format(R"("max-bytes": {})", value)), HasSubstr("'max-bytes' must be a whole number"));
  }
  EXPECT_THAT(message_of(R"("timeout-ms": 900001)"), HasSubstr("'timeout-ms'"));
}

TEST(StoreRequestJson, RefusesMoreTextThanARequestMayHave) {
  const std::string much(kMaxRequestTextBytes, 'x');
  EXPECT_THAT(message_of(R"("image-meta": {"title": ")" + much + "\"}"), HasSubstr("more than 262144"));
}

TEST(StoreBatchJson, KeepsTheOrderAndSaysWhichRequestIsWrong) {
  const auto one = "{" + kUrl + "," + kBucket + "}";
  const auto batch =
      store_batch(json::parse(R"({"requests": [)" + one + R"(, {"image-url": "x"}, 7], "concurrency": 9})"));
  EXPECT_EQ(batch.concurrency, 9U);
  ASSERT_EQ(batch.requests.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<StoreEvent>(batch.requests[0]));
  EXPECT_THAT(std::get<Failure>(batch.requests[1]).what(), HasSubstr("requests[1]: 'bucket-name' is missing"));
  EXPECT_THAT(std::get<Failure>(batch.requests[2]).what(), HasSubstr("requests[2]: it is no JSON object"));
}

TEST(StoreBatchJson, RefusesWhatIsNoBatch) {
  EXPECT_TRUE(is_batch(json::parse(R"({"requests": 1})")));
  EXPECT_FALSE(is_batch(json::parse(R"({"image-url": 1})")));
  EXPECT_FALSE(is_batch(json::parse("[]")));
  EXPECT_THROW(store_batch(json::parse(R"({"requests": 1})")), Failure);
  EXPECT_THROW(store_batch(json::parse(R"({"requests": [], "concurrency": 0})")), Failure);
  json::array many;
  for (std::size_t i = 0; i <= kMaxBatchRequests; ++i) many.push_back(1);
  EXPECT_THROW(store_batch(json::object{{"requests", many}}), Failure);
  EXPECT_EQ(store_batch(json::parse(R"({"requests": [], "concurrency": 99999})")).concurrency, kMaxBatchConcurrency);
}

}  // namespace
}  // namespace creel
