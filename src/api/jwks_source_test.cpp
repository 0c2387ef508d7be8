#include "api/jwks_source.h"

#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/token_test_support.h"
#include "api/tokens.h"
#include "support/http_test.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ScriptedServer;
using testing::TestKey;
using testing::WireReply;
using testing::WireRequest;

/// An identity provider whose keys the test changes.
class JwksSourceTest : public testing::HttpTest {
 protected:
  static WireReply set_of(const std::string& keys) {
    return WireReply::response(200, fmt::format(R"({{"keys":[{}]}})", keys));
  }

  void provide(WireReply reply) {
    const std::lock_guard lock(mutex_);
    reply_ = std::move(reply);
  }

  JwksSource& source() {
    if (!source_) {
      source_ = std::make_unique<JwksSource>(client(), server_.url("/keys"), time_, silent_log());
    }
    return *source_;
  }

  TokenVerifier& verifier() {
    if (!verifier_) {
      source();
      verifier_ = std::make_unique<TokenVerifier>(TokenRules{}, Secret(), std::move(source_), time_);
    }
    return *verifier_;
  }

  /// 200 if the token is taken, else the problem's status.
  int status_of(const std::string& token) {
    try {
      testing::run(loop_, verifier().verify(token));
    } catch (const Problem& problem) {
      return problem.status();
    }
    return 200;
  }

  std::string token(const TestKey& key, std::string_view id) {
    const auto header = id.empty() ? fmt::format(R"({{"alg":"{}"}})", key.is_rsa() ? "RS256" : "ES256")
                                   : fmt::format(R"({{"alg":"{}","kid":"{}"}})", key.is_rsa() ? "RS256" : "ES256", id);
    return key.token(header, R"({"exp":2000000000,"scope":"read"})");
  }

  std::mutex mutex_;
  WireReply reply_ = WireReply::response(503);
  ManualClock time_{SystemTime(1'800'000'000s)};
  ScriptedServer server_{[this](const WireRequest&) {
    const std::lock_guard lock(mutex_);
    return reply_;
  }};
  std::unique_ptr<JwksSource> source_;
  std::unique_ptr<TokenVerifier> verifier_;
  TestKey rsa_ = TestKey::rsa();
  TestKey ec_ = TestKey::ec();
};

TEST_F(JwksSourceTest, ChecksTokensOfBothAlgorithms) {
  provide(set_of(rsa_.jwk("r") + "," + ec_.jwk("e")));
  EXPECT_EQ(status_of(token(rsa_, "r")), 200);
  EXPECT_EQ(status_of(token(ec_, "e")), 200);
  EXPECT_EQ(status_of(token(ec_, "")), 200) << "without an id all keys of the algorithm are tried";
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(JwksSourceTest, RefusesOtherKeysAndMixedUpAlgorithms) {
  provide(set_of(rsa_.jwk("r") + "," + ec_.jwk("e")));
  EXPECT_EQ(status_of(token(TestKey::rsa(), "r")), 401);
  EXPECT_EQ(status_of(token(TestKey::ec(), "e")), 401);
  EXPECT_EQ(status_of(rsa_.token(R"({"alg":"ES256","kid":"r"})", R"({"exp":2000000000})")), 401);
  EXPECT_EQ(status_of(rsa_.token(R"({"alg":"RS256","kid":"e"})", R"({"exp":2000000000})")), 401);
  const auto secret = rsa_.public_pem();
  EXPECT_EQ(status_of(testing::hmac_token(secret, R"({"alg":"HS256","kid":"r"})", R"({"exp":2000000000})")), 401);
  EXPECT_EQ(status_of(testing::hmac_token(secret, R"({"alg":"RS256","kid":"r"})", R"({"exp":2000000000})")), 401);
  EXPECT_EQ(status_of(testing::token_text(R"({"alg":"none","kid":"r"})", R"({"exp":2000000000})", "")), 401);
}

TEST_F(JwksSourceTest, FollowsARotationAtOnce) {
  provide(set_of(rsa_.jwk("old")));
  EXPECT_EQ(status_of(token(rsa_, "old")), 200);
  const auto fresh = TestKey::rsa();
  provide(set_of(rsa_.jwk("old") + "," + fresh.jwk("new")));
  EXPECT_EQ(status_of(token(fresh, "new")), 200);
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(JwksSourceTest, FetchesForKeysThatNobodyHasAFewTimesAndThenOnceAMinute) {
  provide(set_of(rsa_.jwk("old")));
  EXPECT_EQ(status_of(token(rsa_, "old")), 200);
  const auto fresh = TestKey::rsa();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(token(fresh, fmt::format("other{}", i))), 401);
  EXPECT_EQ(server_.requests().size(), 6U);
  provide(set_of(rsa_.jwk("old") + "," + fresh.jwk("new")));
  EXPECT_EQ(status_of(token(fresh, "new")), 401);
  time_.advance(60s);
  EXPECT_EQ(status_of(token(fresh, "new")), 200);
  EXPECT_EQ(server_.requests().size(), 7U);
}

TEST_F(JwksSourceTest, ForgetsTokensOfAKeyThatWasTakenBack) {
  provide(set_of(rsa_.jwk("old")));
  EXPECT_EQ(status_of(token(rsa_, "old")), 200);
  provide(set_of(ec_.jwk("new")));
  time_.advance(60s);
  EXPECT_EQ(status_of(token(ec_, "new")), 200);
  EXPECT_EQ(status_of(token(rsa_, "old")), 401);
}

TEST_F(JwksSourceTest, KeepsItsKeysWhileTheProviderIsAway) {
  provide(set_of(rsa_.jwk("r")));
  EXPECT_EQ(status_of(token(rsa_, "r")), 200);
  for (const auto& trouble : {WireReply::response(503), WireReply::response(200, "<html>"), set_of(""),
                              WireReply{.bytes = "", .then = WireReply::Then::close}}) {
    provide(trouble);
    time_.advance(3600s);
    EXPECT_EQ(status_of(token(ec_, "unknown")), 401);
    EXPECT_EQ(status_of(token(rsa_, "r")), 200);
  }
}

TEST_F(JwksSourceTest, FetchesOldKeysAnewWhileItUsesThem) {
  provide(set_of(rsa_.jwk("r")));
  EXPECT_EQ(testing::run(loop_, source().find(TokenAlgorithm::rs256, "r")).size(), 1U);
  time_.advance(601s);
  provide(set_of(ec_.jwk("e")));
  EXPECT_EQ(testing::run(loop_, source().find(TokenAlgorithm::rs256, "r")).size(), 1U);
  while (source().generation() < 2) loop_.run_one_for(1s);
  EXPECT_TRUE(testing::run(loop_, source().find(TokenAlgorithm::rs256, "r")).empty());
}

TEST_F(JwksSourceTest, IsAwayUntilThereAreKeys) {
  EXPECT_EQ(status_of(token(rsa_, "r")), 503);
  EXPECT_EQ(status_of(token(rsa_, "r")), 503);
  EXPECT_EQ(server_.requests().size(), 1U) << "the provider is not asked by every request";
  provide(set_of(rsa_.jwk("r")));
  time_.advance(5s);
  EXPECT_EQ(status_of(token(rsa_, "r")), 200);
}

}  // namespace
}  // namespace creel
