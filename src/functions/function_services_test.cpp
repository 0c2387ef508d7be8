#include "functions/function_services.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "functions/delete_images.h"
#include "functions/storer_fixture.h"

namespace creel {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScriptedServer;
using ::testing::StartsWith;
using testing::WireReply;
using testing::WireRequest;

/// Both functions, in an environment as Lambda makes it, with a store of our own.
class FunctionServicesTest : public ::testing::Test {
 protected:
  FunctionServicesTest() {
    variables = {
        {"AWS_REGION", "eu-west-1"},          {"AWS_ACCESS_KEY_ID", "AKID"},
        {"AWS_SECRET_ACCESS_KEY", "s"},       {"AWS_ENDPOINT_URL_S3", s3.url("")},
        {"CREEL_ALLOW_PRIVATE_NETWORK", "1"}, {"AWS_LAMBDA_RUNTIME_API", fmt::format("127.0.0.1:{}", runtime.port())}};
  }

  aws::Environment environment() {
    aws::Environment result;
    result.variable = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return result;
  }

  FunctionServices& services() {
    if (!services_) services_ = std::make_unique<FunctionServices>(environment(), clock, silent_log());
    return *services_;
  }

  json::value fetch(json::value event) {
    FetchStoreImage function(services(), clock);
    return testing::run(loop, function(std::move(event), clock.now() + 20s));
  }

  json::value remove(json::value event, std::chrono::milliseconds time = 20s) {
    DeleteImages function(services());
    return testing::run(loop, function(std::move(event), clock.now() + time));
  }

  static json::object event(const std::string& url, const std::string& bucket = "pictures") {
    return {{"image-url", url}, {"bucket-name", bucket}, {"file-name", "Tom.png"}};
  }

  SystemClock clock;
  boost::asio::io_context loop;
  std::map<std::string, std::string, std::less<>> variables;
  WireReply store_reply = WireReply::response(200, "", {{"ETag", "\"e\""}});
  ScriptedServer s3{[this](const WireRequest&) { return store_reply; }};
  ScriptedServer runtime{[](const WireRequest&) { return WireReply::response(200, png_of(100)); }};
  ScriptedServer origin{[](const WireRequest&) { return WireReply::response(200, png_of(100)); }};
  std::unique_ptr<FunctionServices> services_;
};

TEST_F(FunctionServicesTest, FetchAnImageAndPutItIntoTheStoreOfTheEnvironment) {
  const auto answer = fetch(event(origin.url("/cat.png")));
  EXPECT_EQ(answer.at("statusCode"), 200) << json::serialize(answer);
  const auto put = s3.requests().at(0);
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.target, "/pictures/Tom.png");
  EXPECT_THAT(put.header("Authorization"), HasSubstr("AKID/"));
  EXPECT_THAT(put.header("Authorization"), HasSubstr("/eu-west-1/s3/"));
  EXPECT_THAT(origin.requests().at(0).header("User-Agent"), StartsWith("creel/"));
}

TEST_F(FunctionServicesTest, KeepADescriptionOfManyLinesBesideTheObject) {
  auto order = event(origin.url("/cat.png"));
  order["image-meta"] = {{"description", "The album.\n\nThe picture."}};
  EXPECT_EQ(fetch(order).at("statusCode"), 200);
  EXPECT_EQ(s3.requests().at(0).header("x-amz-meta-description"), "The album.%0A%0AThe picture.");
}

TEST_F(FunctionServicesTest, KeepConnectionsFromOneEventToTheNextAndBucketsApart) {
  for (const auto* bucket : {"one", "two", "one"}) fetch(event(origin.url("/cat.png"), bucket));
  EXPECT_EQ(s3.connections(), 1);
  EXPECT_EQ(origin.connections(), 1);
  EXPECT_EQ(s3.requests().at(1).target, "/two/Tom.png");
}

TEST_F(FunctionServicesTest, ForgetPlacesThatNobodyUses) {
  for (int i = 0; i < 200; ++i) fetch(event(origin.url("/cat.png"), fmt::format("bucket-{}", i)));
  EXPECT_EQ(fetch(event(origin.url("/cat.png"), "bucket-0")).at("statusCode"), 200);
}

TEST_F(FunctionServicesTest, NeverReachTheRuntimeApi) {
  for (const auto* host : {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"}) {
    const auto answer =
        fetch(event(fmt::format("http://{}:{}/2018-06-01/runtime/invocation/next", host, runtime.port())));
    EXPECT_EQ(answer.at("body").at("error").at("type"), "blocked_address");
  }
  EXPECT_EQ(runtime.connections(), 0);
}

TEST_F(FunctionServicesTest, NeverReachTheRuntimeApiThroughARedirect) {
  ScriptedServer redirecting(
      [this](const WireRequest&) { return WireReply::response(302, "", {{"Location", runtime.url("/")}}); });
  EXPECT_EQ(fetch(event(redirecting.url("/"))).at("body").at("error").at("type"), "blocked_address");
  EXPECT_EQ(runtime.connections(), 0);
}

TEST_F(FunctionServicesTest, ReachPrivateAddressesOnlyIfAllowed) {
  variables.erase("CREEL_ALLOW_PRIVATE_NETWORK");
  EXPECT_EQ(fetch(event(origin.url("/cat.png"))).at("body").at("error").at("type"), "blocked_address");
  EXPECT_EQ(origin.connections(), 0);
}

TEST_F(FunctionServicesTest, SayWhenTheCertificatesAreMissing) {
  variables["SSL_CERT_FILE"] = "/nowhere/ca.pem";
  const auto answer = fetch(event("https://127.0.0.1:1/"));
  EXPECT_EQ(answer.at("body").at("error").at("type"), "tls");
  EXPECT_THAT(json::serialize(answer), HasSubstr("/nowhere/ca.pem"));
}

TEST_F(FunctionServicesTest, SayWhenAVariableIsWrong) {
  variables["CREEL_PER_HOST"] = "many";
  const auto answer = fetch(event(origin.url("/cat.png")));
  EXPECT_EQ(answer.at("statusCode"), 400);
  EXPECT_THAT(json::serialize(answer), HasSubstr("CREEL_PER_HOST"));
}

TEST_F(FunctionServicesTest, SayWhenThereAreNoCredentials) {
  variables.erase("AWS_ACCESS_KEY_ID");
  variables["AWS_EC2_METADATA_DISABLED"] = "true";
  const auto answer = fetch(event(origin.url("/cat.png")));
  EXPECT_EQ(answer.at("body").at("error").at("type"), "store_denied");
}

/// A folder of this test alone.
class FolderFunctionTest : public FunctionServicesTest {
 protected:
  FolderFunctionTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "creel-function-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    variables["CREEL_STORE_FOLDER"] = (folder / "pictures").string();
    variables.erase("AWS_ACCESS_KEY_ID");
  }
  ~FolderFunctionTest() override { std::filesystem::remove_all(folder); }

  std::string content(const std::string& key) const {
    std::ifstream file(folder / "pictures" / key, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder;
};

TEST_F(FolderFunctionTest, StoresIntoTheFolderWhateverTheBucketIsCalled) {
  auto order = event(origin.url("/cat.png"), "no-such-bucket");
  order["folder-name"] = "cats";
  const auto answer = fetch(order);
  EXPECT_EQ(answer.at("statusCode"), 200) << json::serialize(answer);
  EXPECT_EQ(answer.at("body").at("result").at("key"), "cats/Tom.png");
  EXPECT_EQ(content("cats/Tom.png"), png_of(100));
  EXPECT_EQ(s3.connections(), 0);
}

TEST_F(FolderFunctionTest, PutsAPrefixBeforeTheKeyAndNeverLeavesTheFolder) {
  auto order = event(origin.url("/cat.png"));
  order["key-prefix"] = "2026/cats";
  EXPECT_EQ(fetch(order).at("body").at("result").at("key"), "2026/cats/Tom.png");
  EXPECT_EQ(content("2026/cats/Tom.png"), png_of(100));
  order["key-prefix"] = "../outside";
  EXPECT_EQ(fetch(order).at("body").at("error").at("type"), "store_error");
  EXPECT_FALSE(std::filesystem::exists(folder / "outside"));
}

TEST_F(FolderFunctionTest, RemovesFromTheFolder) {
  fetch(event(origin.url("/cat.png")));
  const auto answer = remove(json::object{{"bucket-name", "b"}, {"keys", {"Tom.png", "not-there.png", "../Tom.png"}}});
  const auto& results = answer.at("body").at("results").as_array();
  EXPECT_EQ(results.at(0).at("ok"), true);
  EXPECT_EQ(results.at(1).at("ok"), true);
  EXPECT_EQ(results.at(2).at("error").at("type"), "store_error");
  EXPECT_FALSE(std::filesystem::exists(folder / "pictures/Tom.png"));
}

TEST_F(FolderFunctionTest, RefusesAFolderThatIsNoAbsolutePath) {
  variables["CREEL_STORE_FOLDER"] = "pictures";
  const auto answer = fetch(event(origin.url("/cat.png")));
  EXPECT_EQ(answer.at("statusCode"), 400);
  EXPECT_THAT(json::serialize(answer), HasSubstr("CREEL_STORE_FOLDER is 'pictures'"));
  EXPECT_EQ(remove(json::object{{"bucket-name", "b"}, {"keys", {"a"}}}).at("statusCode"), 400);
}

TEST_F(FolderFunctionTest, SaysWhenTheFolderCannotBeMade) {
  std::ofstream(folder / "file") << "x";
  variables["CREEL_STORE_FOLDER"] = (folder / "file/pictures").string();
  EXPECT_EQ(fetch(event(origin.url("/cat.png"))).at("body").at("error").at("type"), "store_denied");
}

TEST(ImageMemory, IsMostOfWhatTheProgramLeaves) {
  EXPECT_EQ(image_memory(0), ByteBudget::kSmallestCapacity);
  EXPECT_EQ(image_memory(64 * kMebibyte), ByteBudget::kSmallestCapacity);
  EXPECT_EQ(image_memory(128 * kMebibyte), 48 * kMebibyte);
  EXPECT_EQ(image_memory(1064 * kMebibyte), 750 * kMebibyte);
}

TEST_F(FunctionServicesTest, DeleteObjectsInBulk) {
  store_reply = WireReply::response(
      200, "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>");
  const auto answer = remove(json::object{{"bucket-name", "pictures"}, {"keys", {"a", "b", "c"}}});
  EXPECT_EQ(answer.at("statusCode"), 200);
  EXPECT_EQ(answer.at("body").at("ok"), false);
  const auto& results = answer.at("body").at("results").as_array();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results.at(0).at("result"), (json::object{{"bucket-name", "pictures"}, {"key", "a"}}));
  EXPECT_EQ(results.at(1).at("error").at("type"), "store_denied");
  EXPECT_EQ(results.at(2).at("ok"), true);
  const auto request = s3.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/pictures/?delete=");
}

TEST_F(FunctionServicesTest, DeleteAThousandObjectsWithOneCall) {
  store_reply = WireReply::response(200, "<DeleteResult/>");
  json::array keys;
  for (int i = 0; i < 2500; ++i) keys.push_back(json::string(fmt::format("k{}", i)));
  const auto answer = remove(json::object{{"bucket-name", "pictures"}, {"keys", keys}});
  EXPECT_EQ(answer.at("body").at("ok"), true);
  EXPECT_EQ(answer.at("body").at("results").as_array().size(), 2500U);
  EXPECT_EQ(s3.requests().size(), 3U);
}

TEST_F(FunctionServicesTest, AnswerForEveryObjectWhenTheStoreRefusesAll) {
  store_reply = WireReply::response(403, "<Error><Code>AccessDenied</Code></Error>");
  const auto answer = remove(json::object{{"bucket-name", "pictures"}, {"keys", {"a", "b"}}});
  for (const auto& result : answer.at("body").at("results").as_array()) {
    EXPECT_EQ(result.at("error").at("type"), "store_denied");
  }
}

TEST_F(FunctionServicesTest, AnswerForObjectsThatTheDeadlineCutsOff) {
  store_reply = {.bytes = "", .then = WireReply::Then::stall};
  const auto answer = remove(json::object{{"bucket-name", "pictures"}, {"keys", {"a"}}}, 100ms);
  EXPECT_EQ(answer.at("body").at("results").at(0).at("error").at("type"), "timeout");
}

TEST_F(FunctionServicesTest, RefuseAWrongOrderToDelete) {
  for (const auto& wrong :
       {json::object{{"keys", {"a"}}}, json::object{{"bucket-name", "b"}},
        json::object{{"bucket-name", "b/c"}, {"keys", {"a"}}}, json::object{{"bucket-name", "b"}, {"keys", "a"}},
        json::object{{"bucket-name", "b"}, {"keys", json::array{1, 2}}},
        json::object{{"bucket-name", "b"}, {"keys", json::array(kMaxDeletedKeys + 1, "k")}}}) {
    const auto answer = remove(wrong);
    EXPECT_EQ(answer.at("statusCode"), 400) << json::serialize(answer).substr(0, 200);
  }
  EXPECT_TRUE(s3.requests().empty());
}

}  // namespace
}  // namespace creel
