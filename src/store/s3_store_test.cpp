#include "store/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "base/failure.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using creel::testing::run;
using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

BodyView view(std::string_view text) {
  return BodyView(std::as_bytes(std::span(text)));
}

struct Listener final : UploadListener {
  void on_bytes_sent(std::size_t bytes) override { sent += bytes; }
  void on_completed(const ObjectKey& key) override { completed.push_back(key.value); }
  void on_failed(const ObjectKey& key, std::string_view reason) override {
    failed.push_back(key.value);
    last_reason = reason;
  }

  std::size_t sent = 0;
  std::vector<std::string> completed;
  std::vector<std::string> failed;
  std::string last_reason;
};

WireReply error(int status, std::string_view code) {
  return WireReply::response(status, fmt::format("<Error><Code>{}</Code></Error>", code));
}

/// The answer to HEAD for an object of that size and digest.
WireReply head(std::size_t size, std::string_view sha256_hex) {
  return {.bytes =
              fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nx-amz-meta-sha256: {}\r\n\r\n", size, sha256_hex)};
}

/// A store that gives the answers of a list, one a request, and then 200.
struct S3StoreTest : ::testing::Test, aws::testing::Surroundings {
  ScriptedServer server{[this](const WireRequest&) {
    if (replies.empty()) return WireReply::response(200, "", {{"ETag", "\"e\""}});
    auto reply = replies.front();
    replies.erase(replies.begin());
    return reply;
  }};
  std::vector<WireReply> replies;
  aws::testing::FixedCredentials credentials;
  aws::RetryQuota quota;
  aws::S3Client client{{http, credentials, quota, clock, [] { return 0.0; }}, {.endpoint_url = server.url("")}};
  AdaptiveLimit limit{8, clock};
  Listener listener;
  S3Store store{client, {.bucket = "bucket", .prefix = "pre/fix/"}, limit, &listener, silent_log()};

  PutResult put(PutCondition condition, ObjectMetadata metadata = {"image/png", {{"title", "T"}}}) {
    return run(loop, store.put({"a/b.png"}, view("hello"), sha256("hello"), std::move(metadata), condition));
  }

  std::unique_ptr<ObjectUpload> begin(std::string key) {
    replies.insert(replies.begin(), WireReply::response(200, "<R><UploadId>u1</UploadId></R>"));
    return run(loop, store.begin_upload({std::move(key)}, {"image/png", {{"title", "T"}}}));
  }

  /// "PUT /bucket/k", in the order of the requests.
  std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    for (const auto& request : server.requests()) lines.push_back(request.method + ' ' + request.target);
    return lines;
  }
};

TEST_F(S3StoreTest, PutsUnderItsPrefixWithTheDigestInTheMetadata) {
  const auto result = put(PutCondition::always);
  EXPECT_EQ(result.etag, "e");
  EXPECT_FALSE(result.already_there);
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.method + ' ' + request.target, "PUT /bucket/pre/fix/a/b.png");
  EXPECT_EQ(request.header("Content-Type"), "image/png");
  EXPECT_EQ(request.header("x-amz-meta-title"), "T");
  EXPECT_EQ(request.header("x-amz-meta-sha256"), to_hex(sha256("hello")));
  EXPECT_EQ(request.header("If-None-Match"), "");
  EXPECT_EQ(listener.sent, 5U);
  EXPECT_THAT(listener.completed, ElementsAre("a/b.png"));
  EXPECT_EQ(store.location({"a/b.png"}), "s3://bucket/pre/fix/a/b.png");
}

TEST_F(S3StoreTest, KeepsADigestThatTheMetadataHas) {
  put(PutCondition::always, {"image/png", {{"sha256", "given"}}});
  EXPECT_EQ(server.requests().at(0).header("x-amz-meta-sha256"), "given");
}

TEST_F(S3StoreTest, PutsOnlyWhatIsAbsentByTheStoresOwnCondition) {
  replies = {error(412, "PreconditionFailed")};
  EXPECT_TRUE(put(PutCondition::absent_only).already_there);
  EXPECT_EQ(server.requests().at(0).header("If-None-Match"), "*");
  EXPECT_FALSE(put(PutCondition::absent_only).already_there);
  EXPECT_THAT(listener.completed, ElementsAre("a/b.png", "a/b.png"));
}

TEST_F(S3StoreTest, SendsNothingIfTheSameBytesAreThere) {
  replies = {head(5, to_hex(sha256("hello")))};
  EXPECT_TRUE(put(PutCondition::unless_same).already_there);
  EXPECT_THAT(calls(), ElementsAre("HEAD /bucket/pre/fix/a/b.png"));
}

TEST_F(S3StoreTest, TellsWhetherAnObjectHasTheseBytes) {
  const auto holds = [this](WireReply reply) {
    replies = {std::move(reply)};
    return run(loop, store.holds({"a/b.png"}, 5, sha256("hello")));
  };
  EXPECT_TRUE(holds(head(5, to_hex(sha256("hello")))));
  EXPECT_TRUE(holds(WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}));
  EXPECT_FALSE(holds(head(5, to_hex(sha256("HELLO")))));
  EXPECT_FALSE(holds(head(6, to_hex(sha256("hello")))));
  EXPECT_FALSE(holds(WireReply::response(404)));
}

TEST_F(S3StoreTest, ReplacesWhatIsNotTheSame) {
  const std::vector<WireReply> others = {head(5, to_hex(sha256("HELLO"))), head(6, to_hex(sha256("hello"))),
                                         head(5, ""), WireReply::response(404), WireReply::response(403)};
  for (const auto& other : others) {
    replies = {other};
    EXPECT_FALSE(put(PutCondition::unless_same).already_there) << other.bytes;
  }
  EXPECT_EQ(server.requests().size(), 2 * others.size());
}

TEST_F(S3StoreTest, SaysWhatToDoWhenTheBucketIsMissing) {
  replies = {error(404, "NoSuchBucket")};
  try {
    put(PutCondition::always);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::store_denied);
    EXPECT_THAT(failure.what(), HasSubstr("s3://bucket/pre/fix/a/b.png"));
    EXPECT_THAT(failure.what(), HasSubstr("check the bucket's name, the region and the endpoint"));
    EXPECT_EQ(listener.last_reason, failure.what());
  }
  EXPECT_THAT(listener.failed, ElementsAre("a/b.png"));
  EXPECT_TRUE(listener.completed.empty());
}

TEST_F(S3StoreTest, PutsLessAtATimeWhenTheStoreAsksForIt) {
  replies = {error(503, "SlowDown"), error(503, "SlowDown")};
  put(PutCondition::always);
  EXPECT_EQ(limit.limit(), 4U);
  EXPECT_EQ(limit.in_use(), 0U);
}

TEST_F(S3StoreTest, UploadsLargeObjectsInParts) {
  auto upload = begin("big.png");
  run(loop, upload->add_part(view("part one")));
  run(loop, upload->add_part(view("two")));
  replies = {WireReply::response(200, "<R><ETag>\"whole-2\"</ETag></R>")};
  EXPECT_EQ(run(loop, upload->finish({"big.png"}, PutCondition::always)).etag, "whole-2");
  EXPECT_THAT(
      calls(),
      ElementsAre("POST /bucket/pre/fix/big.png?uploads=", "PUT /bucket/pre/fix/big.png?partNumber=1&uploadId=u1",
                  "PUT /bucket/pre/fix/big.png?partNumber=2&uploadId=u1", "POST /bucket/pre/fix/big.png?uploadId=u1"));
  EXPECT_EQ(server.requests().at(0).header("x-amz-meta-title"), "T");
  EXPECT_EQ(listener.sent, 11U);
  EXPECT_THAT(listener.completed, ElementsAre("big.png"));
}

TEST_F(S3StoreTest, RemovesThePartsOfAnUploadThatFoundSomethingThere) {
  auto upload = begin("big.png");
  run(loop, upload->add_part(view("part")));
  replies = {error(412, "PreconditionFailed"), WireReply::response(204)};
  EXPECT_TRUE(run(loop, upload->finish({"big.png"}, PutCondition::absent_only)).already_there);
  EXPECT_EQ(server.requests().at(2).header("If-None-Match"), "*");
  EXPECT_EQ(calls().at(3), "DELETE /bucket/pre/fix/big.png?uploadId=u1");
}

TEST_F(S3StoreTest, CopiesAnUploadThatEndsUnderAnotherKey) {
  auto upload = begin("tmp/1");
  run(loop, upload->add_part(view("part")));
  replies = {WireReply::response(200, "<R><ETag>\"w\"</ETag></R>"),
             WireReply::response(200, "<R><ETag>\"c\"</ETag></R>"), WireReply::response(204)};
  EXPECT_EQ(run(loop, upload->finish({"final.png"}, PutCondition::always)).etag, "c");
  EXPECT_THAT(calls(),
              ElementsAre("POST /bucket/pre/fix/tmp/1?uploads=", "PUT /bucket/pre/fix/tmp/1?partNumber=1&uploadId=u1",
                          "POST /bucket/pre/fix/tmp/1?uploadId=u1", "PUT /bucket/pre/fix/final.png",
                          "DELETE /bucket/pre/fix/tmp/1"));
  EXPECT_EQ(server.requests().at(3).header("x-amz-copy-source"), "/bucket/pre/fix/tmp/1");
  EXPECT_THAT(listener.completed, ElementsAre("final.png"));
}

TEST_F(S3StoreTest, MovesNoUploadOverWhatIsThere) {
  auto upload = begin("tmp/1");
  run(loop, upload->add_part(view("part")));
  replies = {head(5, "x"), WireReply::response(204)};
  EXPECT_TRUE(run(loop, upload->finish({"final.png"}, PutCondition::absent_only)).already_there);
  EXPECT_EQ(calls().at(2), "HEAD /bucket/pre/fix/final.png");
  EXPECT_EQ(calls().at(3), "DELETE /bucket/pre/fix/tmp/1?uploadId=u1");
}

TEST_F(S3StoreTest, AbortsWithoutThrowing) {
  auto upload = begin("big.png");
  replies = {error(403, "AccessDenied")};
  EXPECT_NO_THROW(run(loop, upload->abort()));
  EXPECT_EQ(calls().back(), "DELETE /bucket/pre/fix/big.png?uploadId=u1");
}

TEST_F(S3StoreTest, GetsAndRemoves) {
  replies = {WireReply::response(200, "bytes"), WireReply::response(404), WireReply::response(204)};
  EXPECT_EQ(run(loop, store.get({"k"}, 100)), "bytes");
  EXPECT_EQ(run(loop, store.get({"k"}, 100)), std::nullopt);
  run(loop, store.remove({"k"}));
  EXPECT_EQ(calls().back(), "DELETE /bucket/pre/fix/k");
}

TEST_F(S3StoreTest, OpensWhatIsThereAsAUrlThatIsGoodForATime) {
  replies = {head(5, "00")};
  const auto access = run(loop, store.open({"a b.png"}, std::chrono::minutes(5)));
  ASSERT_TRUE(access);
  EXPECT_FALSE(access->reader);
  EXPECT_THAT(access->url, HasSubstr("/bucket/pre/fix/a%20b.png?"));
  EXPECT_THAT(access->url, HasSubstr("X-Amz-Expires=300"));
  EXPECT_THAT(access->url, HasSubstr("X-Amz-Signature="));
}

TEST_F(S3StoreTest, OpensNothingThatIsNotThere) {
  replies = {WireReply::response(404)};
  EXPECT_FALSE(run(loop, store.open({"k"}, std::chrono::minutes(5))));
  replies = {error(403, "AccessDenied")};
  EXPECT_FALSE(run(loop, store.open({"k"}, std::chrono::minutes(5))));
}

}  // namespace
}  // namespace creel
