#include "aws/service_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel::aws {
namespace {

using creel::testing::run;
using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

WireReply refusal(int status, std::string code, std::vector<std::pair<std::string, std::string>> headers = {}) {
  headers.emplace_back("x-amzn-ErrorType", std::move(code));
  return WireReply::response(status, R"({"message":"no"})", std::move(headers));
}

/// A service that gives the answers of a list, one a request, and then 200.
struct ServiceTransportTest : ::testing::Test, testing::Surroundings {
  ScriptedServer server{[this](const WireRequest&) {
    if (replies.empty()) return WireReply::response(200, "{}");
    auto reply = replies.front();
    replies.erase(replies.begin());
    return reply;
  }};
  std::vector<WireReply> replies;
  testing::FixedCredentials credentials;
  RetryQuota quota;
  ServiceTransport transport{
      ServiceContext{http, credentials, quota, clock, [] { return 0.0; }},
      {.signing_name = "lambda", .endpoint = ServiceEndpoint::regional("lambda", "eu-west-1", server.url("/base/"))}};

  static ServiceRequest request(ServiceRequest::Tries tries = ServiceRequest::Tries::many) {
    return {.action = "GetFunction of f",
            .path = {"2015-03-31", "functions", "arn:aws:f"},
            .tries = tries,
            .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20)};
  }

  HttpAnswer execute(ServiceRequest request) { return run(loop, transport.execute(std::move(request))); }

  std::optional<ServiceFault> fault_of(ServiceRequest request) {
    try {
      execute(std::move(request));
    } catch (const ServiceError& error) {
      return error.fault();
    }
    return std::nullopt;
  }
};

TEST_F(ServiceTransportTest, SignsWhatItSends) {
  auto call = request();
  call.method = HttpMethod::post;
  call.query = {{"Qualifier", "live"}};
  call.body = R"({"a":1})";
  EXPECT_EQ(execute(std::move(call)).body, "{}");

  const auto sent = server.requests().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/base/2015-03-31/functions/arn%3Aaws%3Af?Qualifier=live");
  EXPECT_EQ(sent.body, R"({"a":1})");
  EXPECT_THAT(sent.header("Authorization"),
              MatchesRegex("AWS4-HMAC-SHA256 Credential=AKID/20260131/eu-west-1/lambda/aws4_request, .*"));
}

TEST_F(ServiceTransportTest, TriesAgainWhatMayPass) {
  replies = {refusal(500, "ServiceException"), refusal(429, "TooManyRequestsException"),
             WireReply{.bytes = "", .then = WireReply::Then::close}};
  EXPECT_EQ(execute(request()).status, 200);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(ServiceTransportTest, SendsOnceWhatMustNotBeDoneTwice) {
  replies = {refusal(500, "ServiceException")};
  EXPECT_EQ(fault_of(request(ServiceRequest::Tries::one))->code, "ServiceException");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(ServiceTransportTest, GivesUpAtOnceOnWhatWillNotPass) {
  replies = {refusal(400, "InvalidParameterValueException")};
  EXPECT_EQ(fault_of(request())->status, 400);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(ServiceTransportTest, GivesUpAfterSomeTries) {
  replies.assign(20, refusal(500, "ServiceException"));
  EXPECT_EQ(fault_of(request())->code, "ServiceException");
  EXPECT_EQ(server.requests().size(), 5U);
}

TEST_F(ServiceTransportTest, SetsItsClockByTheServices) {
  replies = {refusal(403, "InvalidSignatureException", {{"Date", "Sat, 31 Jan 2026 13:00:00 GMT"}})};
  EXPECT_EQ(execute(request(ServiceRequest::Tries::one)).status, 200);
  EXPECT_EQ(server.requests().at(1).header("x-amz-date"), "20260131T130000Z");
}

TEST_F(ServiceTransportTest, DoesNotBlameItsClockForAWrongKey) {
  replies = {refusal(403, "InvalidSignatureException", {{"Date", "Sat, 31 Jan 2026 12:01:00 GMT"}})};
  EXPECT_EQ(fault_of(request())->code, "InvalidSignatureException");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(ServiceTransportTest, LooksForNewCredentialsOnce) {
  replies = {refusal(403, "ExpiredTokenException")};
  EXPECT_EQ(execute(request(ServiceRequest::Tries::one)).status, 200);
  EXPECT_EQ(credentials.refused, 1);
  EXPECT_THAT(server.requests().at(1).header("Authorization"), HasSubstr("Credential=AKID-renewed/"));

  replies.assign(3, refusal(403, "ExpiredTokenException"));
  EXPECT_EQ(fault_of(request())->code, "ExpiredTokenException");
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(ServiceTransportTest, SaysWhoCouldNotBeReached) {
  replies.assign(9, WireReply{.bytes = "", .then = WireReply::Then::close});
  try {
    execute(request());
    FAIL() << "the call did not fail";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::connect);
    EXPECT_THAT(failure.what(), HasSubstr("GetFunction of f at http://127.0.0.1:"));
  }
}

}  // namespace
}  // namespace creel::aws
