#include "cli/access_token.h"

#include <filesystem>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/token_keys.h"
#include "base/failure.h"

namespace creel {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
const SystemTime kNow{std::chrono::seconds(1'790'000'000)};

ServeConfig with_secret() {
  ServeConfig config;
  config.auth.secret = Secret(std::string(kSecret));
  return config;
}

json::object claims_of(const Secret& token) {
  return json::parse(token_payload(token.reveal())).as_object();
}

TEST(AccessToken, SaysWhatItAllowsAndForHowLong) {
  const auto claims = claims_of(make_access_token(with_secret(), Scope::read, std::chrono::hours(1), kNow));
  EXPECT_EQ(claims.at("scope").as_string(), "read");
  EXPECT_EQ(claims.at("exp").as_int64() - claims.at("iat").as_int64(), 3600);
}

TEST(AccessToken, IsSignedWithTheSecret) {
  const auto token = make_access_token(with_secret(), Scope::write, std::chrono::hours(1), kNow).reveal();
  EXPECT_TRUE(is_signed_by(token, {.material = Secret(std::string(kSecret))}));
  EXPECT_FALSE(is_signed_by(token, {.material = Secret(std::string(kSecret) + "x")}));
}

TEST(AccessToken, HasTheIssuerAndTheAudienceThatAreAskedFor) {
  auto config = with_secret();
  config.auth.issuer = "https://id.example";
  config.auth.audience = "creel";
  const auto claims = claims_of(make_access_token(config, Scope::read, std::chrono::hours(1), kNow));
  EXPECT_EQ(claims.at("iss").as_string(), "https://id.example");
  EXPECT_EQ(claims.at("aud").as_string(), "creel");
}

TEST(AccessToken, CannotBeMadeWhereOthersHaveTheKeys) {
  ServeConfig config;
  config.auth.jwks_url = "https://id.example/keys";
  EXPECT_TRUE(checking_secret(config).empty());
  try {
    make_access_token(config, Scope::read, std::chrono::hours(1), kNow);
    FAIL() << "nothing was refused";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("auth.jwks_url"));
  }
}

TEST(AccessToken, NeedsASecretThatIsLongEnough) {
  ServeConfig config;
  config.auth.secret = Secret("short");
  EXPECT_THROW(checking_secret(config), Failure);
}

}  // namespace
}  // namespace creel
