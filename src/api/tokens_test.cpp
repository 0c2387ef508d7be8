#include "api/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/jwks_source.h"
#include "api/problem.h"
#include "api/token_secret.h"
#include "api/token_test_support.h"
#include "support/run_task.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::hmac_token;
using ::testing::Not;
using testing::TestKey;
using testing::token_text;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

class TokensTest : public ::testing::Test {
 protected:
  TokenVerifier& verifier(TokenRules rules = {}) {
    if (!verifier_) verifier_ = std::make_unique<TokenVerifier>(std::move(rules), secret_, nullptr, clock_);
    return *verifier_;
  }

  std::string token(std::string_view claims) const { return hmac_token(secret_.reveal(), kHeader, claims); }

  /// Claims that are good for an hour, and more.
  static std::string good(std::string_view more = "") { return fmt::format(R"({{"exp":{}{}}})", kNow + 3600, more); }

  Caller verify(const std::string& token) { return testing::run(loop_, verifier().verify(token)); }

  /// Why a token is refused; empty if it is taken.
  std::string refusal(const std::string& token) {
    try {
      verify(token);
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status(), 401);
      const auto header = problem.headers().find("WWW-Authenticate").value_or("");
      EXPECT_THAT(header, ::testing::StartsWith("Bearer realm=\"creel\", error=\"invalid_token\""));
      return problem.what();
    }
    return "";
  }

  ManualClock clock_{SystemTime(std::chrono::seconds(kNow))};
  Secret secret_{std::string(32, 'k')};
  boost::asio::io_context loop_;
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(TokensTest, AreCheckedAndSayWhoAsks) {
  const auto caller = verify(token(good(R"(,"sub":"anna","scope":"read")")));
  EXPECT_EQ(caller.subject, "anna");
  EXPECT_EQ(caller.scope, Scope::read);
  EXPECT_EQ(caller.expires_at, clock_.now() + 1h);
  EXPECT_FALSE(caller.by_cookie);
}

TEST_F(TokensTest, GrantWhatTheirScopeSays) {
  const std::vector<std::pair<std::string, Scope>> table{{R"(,"scope":"write")", Scope::write},
                                                         {R"(,"scope":"read write")", Scope::write},
                                                         {R"(,"scope":"openid read email")", Scope::read},
                                                         {R"(,"scope":["read","write"])", Scope::write},
                                                         {R"(,"scope":"")", Scope::none},
                                                         {R"(,"scope":"reader")", Scope::none},
                                                         {R"(,"scope":7)", Scope::none},
                                                         {"", Scope::none}};
  for (const auto& [claim, scope] : table) EXPECT_EQ(verify(token(good(claim))).scope, scope) << claim;
}

TEST_F(TokensTest, ExpireWithLeeway) {
  const auto claims = fmt::format(R"({{"exp":{}}})", kNow - 29);
  EXPECT_EQ(refusal(token(claims)), "");
  clock_.advance(1s);
  EXPECT_THAT(refusal(token(claims)), HasSubstr("expired")) << "also one that was found good before";
  EXPECT_THAT(refusal(token(R"({"exp":0})")), HasSubstr("expired"));
  EXPECT_THAT(refusal(token(R"({"exp":-1e300})")), HasSubstr("expired"));
  EXPECT_EQ(refusal(token(R"({"exp":1e300})")), "");
}

TEST_F(TokensTest, MustSayWhenTheyExpire) {
  EXPECT_THAT(refusal(token("{}")), HasSubstr("expires"));
  EXPECT_THAT(refusal(token(R"({"exp":"tomorrow"})")), HasSubstr("exp"));
  EXPECT_THAT(refusal(token(R"({"exp":null})")), HasSubstr("exp"));
}

TEST_F(TokensTest, AreNotValidBeforeTheirTime) {
  EXPECT_EQ(refusal(token(good(fmt::format(R"(,"nbf":{})", kNow + 30)))), "");
  EXPECT_THAT(refusal(token(good(fmt::format(R"(,"nbf":{})", kNow + 31)))), HasSubstr("not valid yet"));
  EXPECT_THAT(refusal(token(good(R"(,"nbf":"x")"))), HasSubstr("nbf"));
}

TEST_F(TokensTest, MustBeFromTheIssuerAndForTheAudience) {
  verifier({.issuer = "https://id.example", .audience = "creel"});
  EXPECT_EQ(refusal(token(good(R"(,"iss":"https://id.example","aud":"creel")"))), "");
  EXPECT_EQ(refusal(token(good(R"(,"iss":"https://id.example","aud":["other","creel"])"))), "");
  for (const auto* claims :
       {"", R"(,"iss":"https://id.example")", R"(,"aud":"creel")", R"(,"iss":"https://id.example/","aud":"creel")",
        R"(,"iss":["https://id.example"],"aud":"creel")", R"(,"iss":"https://id.example","aud":"creel2")",
        R"(,"iss":"https://id.example","aud":[])", R"(,"iss":"https://id.example","aud":7)"}) {
    EXPECT_THAT(refusal(token(good(claims))), HasSubstr("another")) << claims;
  }
}

TEST_F(TokensTest, RefuseHostileOnes) {
  const auto right = token(good(R"(,"scope":"write")"));
  const auto signature_at = right.rfind('.');
  const auto claims = good(R"(,"scope":"write")");
  const std::vector<std::string> hostile{
      "",
      ".",
      "..",
      "...",
      "x",
      std::string(1'000'000, 'a'),
      std::string(8'000, '.'),
      token_text(R"({"alg":"none"})", claims, ""),
      token_text(R"({"alg":"NONE"})", claims, ""),
      token_text(R"({"alg":"none","alg":"HS256"})", claims, ""),
      token_text(R"({"alg":""})", claims, "x"),
      token_text(kHeader, claims, ""),
      right.substr(0, signature_at + 1),
      right.substr(0, right.size() - 1),
      right.substr(0, signature_at),
      right + "A",
      right + ".",
      right + "\n",
      " " + right,
      right + std::string(1, '\0'),
      hmac_token("", kHeader, claims),
      hmac_token(std::string(32, 'x'), kHeader, claims),
      hmac_token(secret_.reveal(), R"({"alg":"HS512"})", claims),
      hmac_token(secret_.reveal(), R"({"alg":"RS256"})", claims),
      hmac_token(secret_.reveal(), R"({"alg":"none"})", claims),
      hmac_token(secret_.reveal(), kHeader, "[]"),
      hmac_token(secret_.reveal(), kHeader, "{"),
      hmac_token(secret_.reveal(), kHeader, ""),
      TestKey::rsa().token(R"({"alg":"RS256"})", claims),
      TestKey::ec().token(R"({"alg":"ES256"})", claims),
  };
  for (const auto& token : hostile) {
    const auto why = refusal(token);
    EXPECT_NE(why, "") << token.substr(0, 200);
    if (token.size() > 20) EXPECT_THAT(why, Not(HasSubstr(token))) << "a token does not go into a message";
  }
  EXPECT_EQ(verifier().remembered(), 0U);
}

TEST_F(TokensTest, AreRefusedWithoutASecret) {
  secret_ = Secret();
  EXPECT_NE(refusal(hmac_token("", kHeader, good())), "");
}

TEST_F(TokensTest, AreRememberedWithinBounds) {
  for (std::size_t i = 0; i < TokenVerifier::kMaxRemembered + 10; ++i)
    verify(token(good(fmt::format(R"(,"n":{})", i))));
  EXPECT_EQ(verifier().remembered(), TokenVerifier::kMaxRemembered);
  clock_.advance(2h);
  verify(token(fmt::format(R"({{"exp":{}}})", kNow + 9999)));
  EXPECT_EQ(verifier().remembered(), 1U) << "those that have expired make room";
}

TEST_F(TokensTest, OfOurOwnAreTaken) {
  verifier({.issuer = "creel", .audience = "creel"});
  const auto made = sign_token(
      secret_, {.subject = "anna", .scope = Scope::write, .lifetime = 1h, .issuer = "creel", .audience = "creel"},
      clock_.now());
  const auto caller = verify(made);
  EXPECT_EQ(caller.subject, "anna");
  EXPECT_EQ(caller.scope, Scope::write);
  EXPECT_EQ(caller.expires_at, clock_.now() + 1h);
}

}  // namespace
}  // namespace creel
