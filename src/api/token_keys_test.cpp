#include "api/token_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/token_test_support.h"
#include "base/failure.h"

namespace creel {
namespace {

using testing::TestKey;

constexpr std::string_view kClaims = R"({"sub":"a"})";

std::vector<VerificationKey> keys_of(const std::string& jwk) {
  return parse_jwks(fmt::format(R"({{"keys":[{}]}})", jwk));
}

TEST(Jwks, GivesTheKeysThatCheckSignatures) {
  const auto rsa = TestKey::rsa();
  const auto ec = TestKey::ec();
  const auto keys = keys_of(rsa.jwk("one", R"(,"use":"sig","alg":"RS256")") + "," + ec.jwk("two"));
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].id, "one");
  EXPECT_EQ(keys[0].algorithm, TokenAlgorithm::rs256);
  EXPECT_EQ(keys[0].material.reveal(), rsa.public_pem());
  EXPECT_EQ(keys[1].id, "two");
  EXPECT_EQ(keys[1].algorithm, TokenAlgorithm::es256);
  EXPECT_TRUE(is_signed_by(rsa.token(R"({"alg":"RS256"})", kClaims), keys[0]));
  EXPECT_TRUE(is_signed_by(ec.token(R"({"alg":"ES256"})", kClaims), keys[1]));
}

TEST(Jwks, PassesOverKeysThatCannotBeUsed) {
  const auto rsa = TestKey::rsa();
  for (const std::string& jwk : std::vector<std::string>{
           rsa.jwk("encrypts", R"(,"use":"enc")"),
           rsa.jwk("other", R"(,"alg":"RS512")"),
           TestKey::rsa(1024).jwk("weak"),
           std::string(R"({"kty":"oct","kid":"secret","k":"c2VjcmV0"})"),
           std::string(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
           std::string(R"({"kty":"RSA","kid":"broken","n":"!!","e":"AQAB"})"),
           std::string(R"({"kty":"RSA","kid":"empty"})"),
           std::string(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"),
           std::string(R"({"kty":"EC","crv":"P-384","x":"AAAA","y":"AAAA"})"),
           // A point that is on no curve.
           fmt::format(R"({{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}})", base64url_encode(std::string(32, 'x'))),
           std::string(R"({"kty":7})"),
           std::string("7"),
       }) {
    EXPECT_TRUE(keys_of(jwk).empty()) << jwk;
  }
}

TEST(Jwks, IsRefusedIfItIsNone) {
  for (const auto* text : {"", "{", "[]", "{}", R"({"keys":{}})", "<html>"}) {
    EXPECT_THROW(parse_jwks(text), Failure) << text;
  }
  EXPECT_TRUE(parse_jwks(R"({"keys":[]})").empty());
}

TEST(Signature, MustBeOfTheKeyAndItsAlgorithm) {
  const auto rsa = TestKey::rsa();
  const VerificationKey key{.id = "", .algorithm = TokenAlgorithm::rs256, .material = Secret(rsa.public_pem())};
  const VerificationKey other{
      .id = "", .algorithm = TokenAlgorithm::rs256, .material = Secret(TestKey::rsa().public_pem())};
  const auto token = rsa.token(R"({"alg":"RS256"})", kClaims);
  EXPECT_TRUE(is_signed_by(token, key));
  EXPECT_FALSE(is_signed_by(token, other));
  EXPECT_FALSE(is_signed_by(testing::hmac_token(rsa.public_pem(), R"({"alg":"HS256"})", kClaims), key))
      << "the public key is no secret";
  EXPECT_FALSE(is_signed_by(testing::token_text(R"({"alg":"none"})", kClaims, ""), key));
  EXPECT_FALSE(is_signed_by(rsa.token(R"({"alg":"RS512"})", kClaims), key));
}

TEST(Signature, IsNeverGoodWithoutAKey) {
  const VerificationKey none{.id = "", .algorithm = TokenAlgorithm::hs256, .material = Secret()};
  EXPECT_FALSE(is_signed_by(testing::hmac_token("", R"({"alg":"HS256"})", kClaims), none));
}

TEST(Signature, OfAnotherTextIsWrong) {
  const VerificationKey key{.id = "", .algorithm = TokenAlgorithm::hs256, .material = Secret(std::string(32, 'k'))};
  const auto token = testing::hmac_token(key.material.reveal(), R"({"alg":"HS256"})", kClaims);
  EXPECT_TRUE(is_signed_by(token, key));
  auto changed = token;
  changed[25] = changed[25] == 'a' ? 'b' : 'a';
  EXPECT_FALSE(is_signed_by(changed, key));
  EXPECT_FALSE(is_signed_by(token.substr(0, token.size() - 1), key));
  EXPECT_FALSE(is_signed_by(token + std::string(1, '\0'), key));
}

TEST(TokenHeader, SaysAlgorithmAndKey) {
  const auto header = read_token_header(testing::token_text(R"({"alg":"ES256","kid":"a","typ":"at+jwt"})", "{}", "s"));
  EXPECT_EQ(header.algorithm, TokenAlgorithm::es256);
  EXPECT_EQ(header.key_id, "a");
}

TEST(TokenHeader, IsRefusedIfItIsNone) {
  for (const std::string& token :
       {std::string(), std::string("abc"), std::string("a.b"), std::string("a.b.c.d"), std::string("!.!.!"),
        std::string("...."), testing::token_text("[]", "{}", "s"), testing::token_text("{", "{}", "s"),
        testing::token_text("{}", "{}", "s"), testing::token_text(R"({"alg":"none"})", "{}", ""),
        testing::token_text(R"({"alg":"None"})", "{}", ""), testing::token_text(R"({"alg":"HS384"})", "{}", "s"),
        testing::token_text(R"({"alg":7})", "{}", "s"),
        testing::token_text(R"({"alg":"HS256","crit":["x"]})", "{}", "s"),
        testing::token_text(R"({"alg":"HS256","typ":"JWE"})", "{}", "s")}) {
    EXPECT_THROW(read_token_header(token), Problem) << token;
  }
}

TEST(Base64Url, GoesBothWays) {
  EXPECT_EQ(base64url_encode("\xff\xfe?"), "__4_");
  EXPECT_EQ(base64url_decode("__4_"), "\xff\xfe?");
  EXPECT_EQ(base64url_decode("YQ"), "a");
  EXPECT_EQ(base64url_decode(""), "");
}

TEST(Base64Url, HasOneFormOnly) {
  for (const auto* text : {"YQ==", "YR", "Y", "a+b", "a/b", "a b", "a\nb", "!"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace creel
