#include "ingest/job_options.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

LeasedImage leased_image() {
  return {.image = {.image_id = "1",
                    .url = "https://a.example/x.png",
                    .host = "a.example",
                    .folder = "sea",
                    .file_name = "x.png",
                    .fetch_headers = R"({"Referer":"https://a.example/","x-own":"line"})",
                    .meta = R"({"title":"Sunset"})"},
          .attempts = 2,
          .interrupted = true};
}

TEST(JobOptions, KeepFieldsInTheCatalogAsTheyAre) {
  const Fields fields = {{"title", "a \"quoted\" \\ one\t\n"}, {"b", ""}, {"a", "Füße \xF0\x9F\x8C\x8A"}};
  EXPECT_EQ(from_json_text(to_json_text(fields)), fields);
}

TEST(JobOptions, KeepFieldsThatAreNotUtf8) {
  const Fields fields = {{"title", "caf\xE9"}};
  EXPECT_EQ(from_json_text(to_json_text(fields)), fields);
}

TEST(JobOptions, KeepAnEmptyListAsEmptyText) {
  EXPECT_EQ(to_json_text({}), "");
  EXPECT_TRUE(from_json_text("").empty());
}

TEST(JobOptions, RefuseACatalogTextThatIsNoObject) {
  for (const auto* text : {"[1]", "{", "nonsense"}) {
    try {
      from_json_text(text);
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::internal);
    }
  }
}

TEST(JobOptions, GoWithTheImageIntoItsRequest) {
  JobOptions job;
  job.key_mode = KeyMode::content;
  job.folder = "not of this image";
  job.if_exists = IfExists::skip;
  job.opt_outs = OptOuts::ignore;
  job.max_bytes = 77;
  job.accept_types = {"image/webp"};
  job.timeout = std::chrono::milliseconds(1234);
  const auto request = store_request(leased_image(), job);
  EXPECT_EQ(request.image_url.str(), "https://a.example/x.png");
  EXPECT_EQ(request.key.mode, KeyMode::content);
  EXPECT_EQ(request.key.folder, "sea");
  EXPECT_EQ(request.key.file_name, "x.png");
  EXPECT_EQ(request.image_meta, (Fields{{"title", "Sunset"}}));
  EXPECT_EQ(request.if_exists, IfExists::skip);
  EXPECT_EQ(request.opt_outs, OptOuts::ignore);
  EXPECT_EQ(request.max_bytes, 77U);
  EXPECT_EQ(request.accept_types, std::vector<std::string>{"image/webp"});
  EXPECT_EQ(request.timeout, std::chrono::milliseconds(1234));
  EXPECT_TRUE(request.may_be_stored);
}

TEST(JobOptions, LetTheHeadersOfALineReplaceThoseOfTheJob) {
  JobOptions job;
  job.headers = {{"X-Own", "job"}, {"Accept-Language", "de"}};
  const auto request = store_request(leased_image(), job);
  EXPECT_EQ(request.fetch_headers.find_all("X-Own"), std::vector<std::string_view>{"line"});
  EXPECT_EQ(request.fetch_headers.find("Accept-Language"), "de");
  EXPECT_EQ(request.fetch_headers.find("Referer"), "https://a.example/");
}

TEST(JobOptions, ThatAreUsedForTheFirstTimeExpectNothingInTheStore) {
  auto leased = leased_image();
  leased.interrupted = false;
  EXPECT_FALSE(store_request(leased, {}).may_be_stored);
}

}  // namespace
}  // namespace creel
