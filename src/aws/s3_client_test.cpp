#include "aws/s3_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "base/failure.h"
#include "base/text.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel::aws {
namespace {

using creel::testing::run;
using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string error_body(std::string_view code, std::string_view rest = "") {
  return fmt::format("<Error><Code>{}</Code>{}</Error>", code, rest);
}

BodyView view(std::string_view text) {
  return BodyView(std::as_bytes(std::span(text)));
}

/// A store that gives the answers of a list, one a request, and then 200.
struct S3ClientTest : ::testing::Test, testing::Surroundings {
  ScriptedServer server{[this](const WireRequest&) {
    if (replies.empty()) return WireReply::response(200, "", {{"ETag", "\"e\""}});
    auto reply = replies.front();
    replies.erase(replies.begin());
    return reply;
  }};
  std::vector<WireReply> replies;
  testing::FixedCredentials credentials;
  RetryQuota quota;
  S3Options options{.endpoint_url = server.url(""), .region = "us-east-1"};
  S3Context s3_context{http, credentials, quota, clock, [] { return 0.0; }};
  S3Client client{s3_context, options};

  S3Put put_of(std::string_view body, std::string key = "k") {
    return {.object = {"bucket", std::move(key)}, .body = view(body), .sha256 = sha256(body)};
  }

  S3Stored put(std::string_view body, std::string key = "k") { return run(loop, client.put_object(put_of(body, key))); }

  Failure put_failure() {
    try {
      put("body");
    } catch (const Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "the put did not fail";
    return {FailureKind::internal, ""};
  }

  std::string region_of_request(std::size_t index) {
    const auto authorization = server.requests().at(index).header("Authorization");
    return std::string(split(authorization, '/').at(2));
  }
};

TEST_F(S3ClientTest, PutsTheBytesWithTheirDigestTypeAndMetadata) {
  auto put = put_of("hello", "a b/\xC3\xBC+.png");
  put.headers = {.content_type = "image/png", .metadata = {{"title", "T  1"}}};
  replies = {WireReply::response(200, "", {{"ETag", "\"abc\""}, {"x-amz-version-id", "v1"}})};
  const auto stored = run(loop, client.put_object(put));
  EXPECT_EQ(stored.etag, "abc");
  EXPECT_EQ(stored.version_id, "v1");
  EXPECT_FALSE(stored.already_there);

  const auto request = server.requests().at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/bucket/a%20b/%C3%BC%2B.png");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(request.header("Content-Length"), "5");
  EXPECT_EQ(request.header("Content-Type"), "image/png");
  EXPECT_EQ(request.header("x-amz-meta-title"), "T  1");
  EXPECT_EQ(request.header("x-amz-checksum-sha256"), "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
  EXPECT_EQ(request.header("x-amz-content-sha256"), to_hex(sha256("hello")));
  EXPECT_EQ(request.header("X-Amz-Date"), "20260131T120000Z");
  EXPECT_THAT(request.header("Authorization"),
              StartsWith("AWS4-HMAC-SHA256 Credential=AKID/20260131/us-east-1/s3/aws4_request, SignedHeaders="
                         "content-type;host;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date;x-amz-meta-title"));
}

TEST_F(S3ClientTest, TellsHowManyBytesWentOut) {
  std::size_t sent = 0;
  auto put = put_of("hello");
  put.hooks.on_sent = [&sent](std::size_t bytes) { sent += bytes; };
  run(loop, client.put_object(put));
  EXPECT_EQ(sent, 5U);
}

TEST_F(S3ClientTest, TakesRefusedOverwritingForAlreadyThere) {
  auto put = put_of("hello");
  put.overwrite = S3Overwrite::refused;
  replies = {WireReply::response(409, error_body("ConditionalRequestConflict")),
             WireReply::response(412, error_body("PreconditionFailed"))};
  EXPECT_TRUE(run(loop, client.put_object(put)).already_there);
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests().at(1).header("If-None-Match"), "*");
}

TEST_F(S3ClientTest, RefusesMetadataThatWouldMakeAnotherHeader) {
  auto put = put_of("hello");
  put.headers.metadata = {{"a", "b\r\nX-Evil: 1"}};
  EXPECT_THROW(run(loop, client.put_object(put)), Failure);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(S3ClientTest, TriesAgainAfterWhatMayPass) {
  replies = {WireReply::response(500, error_body("InternalError")), WireReply{.then = WireReply::Then::close},
             WireReply::response(200, error_body("InternalError")),
             WireReply::response(400, error_body("RequestTimeout"))};
  EXPECT_EQ(put("body").etag, "e");
  const auto requests = server.requests();
  EXPECT_EQ(requests.size(), 5U);
  for (const auto& request : requests) EXPECT_EQ(request.body, "body");
}

TEST_F(S3ClientTest, UsesOneConnectionForAllOfIt) {
  replies = {WireReply::response(500, error_body("InternalError")), WireReply::response(200, "", {{"ETag", "\"e\""}}),
             WireReply::response(404, error_body("NoSuchKey"))};
  put("body");
  run(loop, client.get_object({"bucket", "k"}, 10));
  put("body");
  EXPECT_EQ(server.requests().size(), 4U);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(S3ClientTest, GivesUpAfterTheLastTry) {
  replies.assign(10, WireReply::response(500, error_body("InternalError")));
  EXPECT_EQ(put_failure().kind(), FailureKind::store_error);
  EXPECT_EQ(server.requests().size(), 5U);
}

TEST_F(S3ClientTest, GivesUpWhenTheQuotaOfRetriesIsSpent) {
  ASSERT_TRUE(quota.take(500 - 20));
  replies.assign(10, WireReply::response(500, error_body("InternalError")));
  EXPECT_EQ(put_failure().kind(), FailureKind::store_error);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(S3ClientTest, GivesUpRatherThanWaitBeyondItsTime) {
  options.execution_timeout = std::chrono::seconds(5);
  S3Client impatient(s3_context, options);
  replies = {WireReply::response(503, error_body("SlowDown"), {{"Retry-After", "10"}})};
  EXPECT_THROW(run(loop, impatient.put_object(put_of("x"))), Failure);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(S3ClientTest, GivesUpOnASilentStoreWhenTheTimeOfATryIsOver) {
  options.request_timeout = std::chrono::seconds(1);
  S3Client impatient(s3_context, options);
  replies = {WireReply{.then = WireReply::Then::stall}};
  EXPECT_EQ(run(loop, impatient.put_object(put_of("x"))).etag, "e");
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(S3ClientTest, TellsOfEachRequestToSlowDown) {
  int throttled = 0;
  auto put = put_of("hello");
  put.hooks.on_throttled = [&throttled] { ++throttled; };
  replies.assign(9, WireReply::response(503, error_body("SlowDown")));
  try {
    run(loop, client.put_object(put));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::store_throttled);
  }
  EXPECT_EQ(throttled, 5);
}

TEST_F(S3ClientTest, StopsAtOnceWhenItIsDenied) {
  replies = {WireReply::response(403, error_body("AccessDenied", "<Message>Access Denied</Message>"))};
  const auto failure = put_failure();
  EXPECT_EQ(failure.kind(), FailureKind::store_denied);
  EXPECT_THAT(failure.what(), HasSubstr("put of s3://bucket/k at http://127.0.0.1"));
  EXPECT_THAT(failure.what(), HasSubstr("AccessDenied"));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(S3ClientTest, FollowsTheBucketToItsRegionAndRemembersIt) {
  replies = {WireReply::response(301, error_body("PermanentRedirect"), {{"x-amz-bucket-region", "eu-west-1"}})};
  put("body");
  put("body");
  EXPECT_EQ(server.requests().size(), 3U);
  EXPECT_EQ(region_of_request(0), "us-east-1");
  EXPECT_EQ(region_of_request(1), "eu-west-1");
  EXPECT_EQ(region_of_request(2), "eu-west-1");
}

TEST_F(S3ClientTest, FollowsTheRegionThatTheErrorNamesAndGoesInNoCircle) {
  replies = {WireReply::response(400, error_body("AuthorizationHeaderMalformed", "<Region>r2</Region>")),
             WireReply::response(400, error_body("AuthorizationHeaderMalformed", "<Region>r3</Region>"))};
  EXPECT_EQ(put_failure().kind(), FailureKind::store_denied);
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(region_of_request(1), "r2");
}

TEST_F(S3ClientTest, FollowsTheRegionAlsoWhenItAsksAboutAnObject) {
  replies = {WireReply::response(400, "", {{"x-amz-bucket-region", "eu-west-1"}}), WireReply::response(404)};
  EXPECT_FALSE(run(loop, client.head_object({"bucket", "k"})));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(S3ClientTest, SetsItsClockByTheServiceAndRemembersIt) {
  replies = {WireReply::response(403, error_body("RequestTimeTooSkewed"), {{"Date", "Sat, 31 Jan 2026 14:00:00 GMT"}})};
  put("body");
  clock.advance(std::chrono::seconds(60));
  put("body");
  EXPECT_EQ(server.requests().size(), 3U);
  EXPECT_EQ(server.requests().at(1).header("X-Amz-Date"), "20260131T140000Z");
  EXPECT_EQ(server.requests().at(2).header("X-Amz-Date"), "20260131T140100Z");
}

TEST_F(S3ClientTest, DoesNotBlameTheClockForABadSignatureIfItIsRight) {
  replies = {
      WireReply::response(403, error_body("SignatureDoesNotMatch"), {{"Date", "Sat, 31 Jan 2026 12:01:00 GMT"}})};
  EXPECT_EQ(put_failure().kind(), FailureKind::store_denied);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(S3ClientTest, LooksOnceForNewerCredentialsWhenTheOldOnesHaveExpired) {
  replies = {WireReply::response(400, error_body("ExpiredToken")), WireReply::response(200),
             WireReply::response(400, error_body("ExpiredToken")),
             WireReply::response(400, error_body("ExpiredToken"))};
  put("body");
  EXPECT_EQ(credentials.refused, 1);
  EXPECT_THAT(server.requests().at(1).header("Authorization"), HasSubstr("AKID-renewed"));
  EXPECT_EQ(put_failure().kind(), FailureKind::store_denied);
}

TEST_F(S3ClientTest, LeavesTheChecksumOutForStoresThatDoNotKnowIt) {
  replies = {WireReply::response(501, error_body("NotImplemented"))};
  put("body");
  put("body");
  const auto requests = server.requests();
  EXPECT_EQ(requests.size(), 3U);
  EXPECT_NE(requests.at(0).header("x-amz-checksum-sha256"), "");
  EXPECT_EQ(requests.at(1).header("x-amz-checksum-sha256"), "");
  EXPECT_EQ(requests.at(2).header("x-amz-checksum-sha256"), "");
  EXPECT_EQ(requests.at(1).header("x-amz-content-sha256"), to_hex(sha256("body")));
}

TEST_F(S3ClientTest, TellsWhatIsKnownOfAnObject) {
  replies = {WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"e1\"\r\nContent-Type: image/png\r\n"
                                "X-Amz-Meta-Sha256: abc\r\n\r\n"}};
  const auto info = run(loop, client.head_object({"bucket", "k"}));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->size, 1234U);
  EXPECT_EQ(info->etag, "e1");
  EXPECT_EQ(info->content_type, "image/png");
  EXPECT_EQ(info->find_metadata("sha256"), "abc");
  EXPECT_EQ(info->find_metadata("other"), std::nullopt);
  EXPECT_EQ(server.requests().at(0).method, "HEAD");
}

TEST_F(S3ClientTest, TakesForbiddenForAbsentWhenItOnlyAsks) {
  for (const int status : {400, 403, 404}) {
    replies = {WireReply::response(status)};
    EXPECT_FALSE(run(loop, client.head_object({"bucket", "k"}))) << status;
  }
}

TEST_F(S3ClientTest, GetsBytesThatMayLookLikeAnError) {
  replies = {WireReply::response(200, error_body("InternalError")), WireReply::response(404, error_body("NoSuchKey")),
             WireReply::response(404, error_body("NoSuchBucket")), WireReply::response(200, "12345")};
  EXPECT_EQ(run(loop, client.get_object({"bucket", "k"}, 1000)), error_body("InternalError"));
  EXPECT_EQ(run(loop, client.get_object({"bucket", "k"}, 1000)), std::nullopt);
  EXPECT_THROW(run(loop, client.get_object({"bucket", "k"}, 1000)), Failure);
  EXPECT_THROW(run(loop, client.get_object({"bucket", "k"}, 4)), Failure);
}

TEST_F(S3ClientTest, DeletesAlsoWhatIsNotThere) {
  replies = {WireReply::response(204), WireReply::response(404, error_body("NoSuchKey"))};
  run(loop, client.delete_object({"bucket", "k"}));
  run(loop, client.delete_object({"bucket", "k"}));
  EXPECT_EQ(server.requests().at(0).method, "DELETE");
}

TEST_F(S3ClientTest, CopiesAndKnowsThatACopyCanFailWithASuccess) {
  replies = {WireReply::response(200, error_body("SlowDown")),
             WireReply::response(200, "<CopyObjectResult><ETag>&quot;c1&quot;</ETag></CopyObjectResult>")};
  EXPECT_EQ(run(loop, client.copy_object({"bucket", "from/\xC3\xA4 b"}, {"bucket", "to"})).etag, "c1");
  EXPECT_EQ(server.requests().at(1).header("x-amz-copy-source"), "/bucket/from/%C3%A4%20b");
  EXPECT_EQ(server.requests().at(1).target, "/bucket/to");
}

TEST_F(S3ClientTest, UploadsInParts) {
  replies = {WireReply::response(200, "<R xmlns='x'><UploadId>u/1+</UploadId></R>"),
             WireReply::response(200, "", {{"ETag", "\"p1\""}}),
             WireReply::response(200, "  <C xmlns='x'><ETag>\"whole-1\"</ETag></C>"), WireReply::response(204)};
  const auto id =
      run(loop, client.create_multipart_upload({"bucket", "k"}, {.content_type = "image/gif", .metadata = {}}));
  EXPECT_EQ(id, "u/1+");
  const auto etag =
      run(loop, client.upload_part({.object = {"bucket", "k"}, .upload_id = id, .number = 1, .body = view("part")}));
  EXPECT_EQ(etag, "\"p1\"");
  EXPECT_EQ(
      run(loop, client.complete_multipart_upload({.object = {"bucket", "k"}, .upload_id = id, .etags = {etag}})).etag,
      "whole-1");
  run(loop, client.abort_multipart_upload({"bucket", "k"}, id));

  const auto requests = server.requests();
  EXPECT_EQ(requests.at(0).target, "/bucket/k?uploads=");
  EXPECT_EQ(requests.at(0).header("Content-Type"), "image/gif");
  EXPECT_EQ(requests.at(1).target, "/bucket/k?partNumber=1&uploadId=u%2F1%2B");
  EXPECT_EQ(requests.at(1).header("x-amz-content-sha256"), to_hex(sha256("part")));
  EXPECT_EQ(requests.at(2).body,
            "<CompleteMultipartUpload "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part><PartNumber>1</PartNumber>"
            "<ETag>&quot;p1&quot;</ETag></Part></CompleteMultipartUpload>");
  EXPECT_EQ(requests.at(3).method, "DELETE");
}

TEST_F(S3ClientTest, SignsUrlsThatLiveSevenDaysAtMost) {
  const auto url = run(loop, client.presign_get({"bucket", "a b"}, std::chrono::hours(1)));
  EXPECT_THAT(url, StartsWith(server.url("/bucket/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256&")));
  EXPECT_THAT(url, HasSubstr("X-Amz-Expires=3600"));
  EXPECT_THROW(run(loop, client.presign_get({"bucket", "a"}, std::chrono::hours(24 * 8))), Failure);
  EXPECT_THROW(run(loop, client.presign_get({"bucket", "a"}, std::chrono::seconds(0))), Failure);
}

TEST_F(S3ClientTest, IsDeniedWhenThereAreNoCredentials) {
  class None final : public CredentialsProvider {
    Task<Credentials> get() override { throw Failure(FailureKind::bad_auth, "found no AWS credentials"); }
  } none;
  S3Client without({http, none, quota, clock, [] { return 0.0; }}, options);
  try {
    run(loop, without.put_object(put_of("x")));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::store_denied);
    EXPECT_THAT(failure.what(), HasSubstr("found no AWS credentials"));
  }
}

TEST_F(S3ClientTest, DeletesManyObjectsWithOneCallThatIsProtectedAgainstDamage) {
  replies = {WireReply::response(200, "<DeleteResult></DeleteResult>")};
  const auto failed = run(loop, client.delete_objects("bucket", {"a b/\xC3\xBC.png", "x<&>\r"}));
  EXPECT_TRUE(failed.empty());
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/bucket/?delete=");
  EXPECT_EQ(request.body,
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
            "<Object><Key>a b/\xC3\xBC.png</Key></Object><Object><Key>x&lt;&amp;&gt;&#13;</Key></Object></Delete>");
  EXPECT_EQ(request.header("Content-MD5").size(), 24U);
  EXPECT_EQ(request.header("x-amz-content-sha256"), to_hex(sha256(request.body)));
}

TEST_F(S3ClientTest, SaysWhichOfManyObjectsAreStillThere) {
  replies = {
      WireReply::response(200,
                          "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
                          "<Error><Key>c</Key><Code>SlowDown</Code></Error></DeleteResult>")};
  const auto failed = run(loop, client.delete_objects("bucket", {"a", "b", "c"}));
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].key, "a");
  EXPECT_EQ(failed[0].failure.kind(), FailureKind::store_denied);
  EXPECT_THAT(failed[0].failure.what(), HasSubstr("s3://bucket/a"));
  EXPECT_EQ(failed[1].failure.kind(), FailureKind::store_throttled);
}

TEST_F(S3ClientTest, SendsNoKeyThatXmlCannotCarry) {
  const std::string too_long(1025, 'k');
  const auto failed = run(loop, client.delete_objects("bucket", {"", "a\x01", "\xFC", too_long}));
  EXPECT_EQ(failed.size(), 4U);
  for (const auto& each : failed) EXPECT_EQ(each.failure.kind(), FailureKind::bad_request);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(S3ClientTest, TriesADeletionOfManyAgainAndRefusesAnAnswerThatIsNone) {
  replies = {WireReply::response(500, error_body("InternalError")), WireReply::response(200, "hello")};
  EXPECT_THROW(run(loop, client.delete_objects("bucket", {"a"})), Failure);
  EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace creel::aws
