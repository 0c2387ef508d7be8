#include "aws/sigv4.h"

#include <fstream>
#include <iterator>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace creel::aws {
namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
  return json::value_to<std::string>(value);
}

/// Requests with the signatures that botocore gave them, from
/// tests/golden/make_sigv4_cases.py.
const json::object& golden() {
  static const json::value data = [] {
    std::ifstream file(CREEL_TEST_DATA "/sigv4_cases.json");
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  }();
  return data.as_object();
}

Credentials credentials_of(const json::object& golden_case) {
  const auto index = static_cast<std::size_t>(golden_case.at("k").as_int64());
  const auto& entry = golden().at("credentials").as_array()[index].as_array();
  return {.access_key_id = text(entry[0]),
          .secret_access_key = Secret(text(entry[1])),
          .session_token = Secret(text(entry[2])),
          .expires_at = std::nullopt};
}

SigV4Request request_of(const json::object& golden_case) {
  std::vector<std::string_view> segments;
  for (const auto& segment : golden_case.at("p").as_array()) segments.emplace_back(segment.as_string());
  SigV4Request request{.method = text(golden_case.at("m")),
                       .host = text(golden_case.at("h")),
                       .encoded_path = encode_path(segments),
                       .query = {},
                       .headers = {},
                       .payload_hash = text(golden_case.at("b"))};
  for (const auto& pair : golden_case.at("q").as_array()) {
    request.query.emplace_back(text(pair.as_array()[0]), text(pair.as_array()[1]));
  }
  for (const auto& pair : golden_case.at("x").as_array()) {
    request.headers.add(text(pair.as_array()[0]), text(pair.as_array()[1]));
  }
  return request;
}

std::string scope_of(const json::object& golden_case, const std::string& day) {
  return day + "/" + text(golden_case.at("r")) + "/" + text(golden_case.at("s")) + "/aws4_request";
}

void expect_signed_header(SigV4Signer& signer, const json::object& golden_case, SystemTime now) {
  auto request = request_of(golden_case);
  const auto credentials = credentials_of(golden_case);
  signer.sign(request, credentials, text(golden_case.at("r")), now);
  const std::string day(request.headers.find("X-Amz-Date")->substr(0, 8));
  EXPECT_EQ(request.headers.find("Authorization"),
            "AWS4-HMAC-SHA256 Credential=" + credentials.access_key_id + "/" + scope_of(golden_case, day) +
                ", SignedHeaders=" + text(golden_case.at("n")) + ", Signature=" + text(golden_case.at("g")))
      << json::serialize(golden_case);
}

void expect_signed_query(SigV4Signer& signer, const json::object& golden_case, SystemTime now) {
  auto request = request_of(golden_case);
  signer.presign(request, credentials_of(golden_case), text(golden_case.at("r")), now,
                 std::chrono::seconds(golden_case.at("e").as_int64()));
  EXPECT_EQ(request.query.back(), (std::pair<std::string, std::string>("X-Amz-Signature", text(golden_case.at("g")))))
      << json::serialize(golden_case);
}

TEST(SigV4Signer, SignsAsBotocoreDoes) {
  std::size_t checked = 0;
  for (const auto& entry : golden().at("cases").as_array()) {
    const auto& golden_case = entry.as_object();
    const auto flavour = text(golden_case.at("f")) == "s3" ? SigV4Flavour::s3 : SigV4Flavour::general;
    SigV4Signer signer(text(golden_case.at("s")), flavour);
    const SystemTime now{std::chrono::seconds(golden_case.at("t").as_int64())};
    if (text(golden_case.at("w")) == "header") {
      expect_signed_header(signer, golden_case, now);
    } else {
      expect_signed_query(signer, golden_case, now);
    }
    ++checked;
  }
  EXPECT_EQ(checked, 600U);
}

TEST(SigV4Signer, MakesANewKeyWhenDayRegionOrSecretChange) {
  const auto signature = [](SigV4Signer& signer, const Credentials& credentials, const std::string& region,
                            SystemTime now) {
    SigV4Request request{.method = "GET", .host = "h", .encoded_path = "/", .payload_hash = std::string(kEmptyPayload)};
    signer.sign(request, credentials, region, now);
    return std::string(*request.headers.find("Authorization"));
  };
  const Credentials first{.access_key_id = "a", .secret_access_key = Secret("1")};
  const Credentials second{.access_key_id = "a", .secret_access_key = Secret("2")};
  const SystemTime today{std::chrono::days(20'000)};
  const std::tuple<Credentials, std::string, SystemTime> uses[] = {{first, "x", today},
                                                                   {second, "x", today},
                                                                   {second, "y", today},
                                                                   {second, "y", today + std::chrono::days(1)},
                                                                   {first, "x", today}};
  SigV4Signer reused("s3", SigV4Flavour::s3);
  for (const auto& [credentials, region, now] : uses) {
    SigV4Signer fresh("s3", SigV4Flavour::s3);
    EXPECT_EQ(signature(reused, credentials, region, now), signature(fresh, credentials, region, now));
  }
}

TEST(EncodeQuery, OrdersByTheEncodedForm) {
  EXPECT_EQ(encode_query({{"b", "1"}, {"a", "2"}, {"a", "10"}, {"a", ""}, {"ä", "x y"}, {"A", "/"}}),
            "%C3%A4=x%20y&A=%2F&a=&a=10&a=2&b=1");
  EXPECT_EQ(encode_query({}), "");
}

TEST(EncodePath, EncodesASlashInsideASegment) {
  EXPECT_EQ(encode_path({"a/b", "c d", ""}), "/a%2Fb/c%20d/");
  EXPECT_EQ(encode_path({}), "/");
}

}  // namespace
}  // namespace creel::aws
