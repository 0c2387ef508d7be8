#include "cli/destination.h"

#include <set>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "catalog/temporary_folder.h"
#include "cli/upload_progress.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

std::string text_of(std::string_view text) {
  return parse_destination(text).text();
}

TEST(Destination, IsAFolderInOneFormHoweverItIsWritten) {
  const auto here = fs::current_path().string();
  EXPECT_EQ(text_of("out"), here + "/out");
  EXPECT_EQ(text_of("./out/"), here + "/out");
  EXPECT_EQ(text_of("a/../out"), here + "/out");
  EXPECT_EQ(text_of("/data//pictures/"), "/data/pictures");
  EXPECT_EQ(text_of("/"), "/");
  EXPECT_FALSE(parse_destination("out").is_bucket());
}

TEST(Destination, IsABucketWithOrWithoutPrefix) {
  const auto destination = parse_destination("s3://bucket/a/b/");
  EXPECT_TRUE(destination.is_bucket());
  EXPECT_EQ(destination.bucket, "bucket");
  EXPECT_EQ(destination.prefix, "a/b");
  EXPECT_EQ(destination.text(), "s3://bucket/a/b");
  EXPECT_EQ(text_of("s3://bucket"), "s3://bucket");
  EXPECT_EQ(text_of("s3://bucket/"), "s3://bucket");
  EXPECT_EQ(text_of("s3://bucket//a"), "s3://bucket/a");
}

TEST(Destination, IsNothingElse) {
  for (const auto* text : {"", "s3://", "s3:///prefix", "gs://bucket", "https://a.example/"}) {
    try {
      parse_destination(text);
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    }
  }
}

std::string state_of(std::string_view destination, std::string_view endpoint = "") {
  return default_state_file(parse_destination(destination), endpoint).string();
}

TEST(DefaultStateFile, IsTheSameForTheSameDestination) {
  EXPECT_EQ(state_of("s3://bucket/a"), state_of("s3://bucket/a/"));
  EXPECT_EQ(state_of("out"), state_of("./out/"));
  EXPECT_EQ(state_of("s3://bucket/a"), "creel-data/mirror-s3-bucket-a-" + short_hash("s3://bucket/a\n") + ".db");
}

TEST(DefaultStateFile, IsAnotherForEveryOtherDestination) {
  const std::string long_name(100, 'x');
  const std::set<std::string> files = {state_of("/data/a"),
                                       state_of("/data/b"),
                                       state_of("/data-a"),
                                       state_of("s3://data/a"),
                                       state_of("s3://data/a", "http://localhost:9000"),
                                       state_of("s3://data-a"),
                                       state_of("/one/" + long_name),
                                       state_of("/two/" + long_name)};
  EXPECT_EQ(files.size(), 8U);
  for (const auto& file : files) {
    EXPECT_EQ(fs::path(file).parent_path(), "creel-data");
    EXPECT_LT(fs::path(file).filename().string().size(), 100U);
  }
}

class StoresTest : public ::testing::Test {
 protected:
  StoresOptions options(const std::string& destination) {
    return {.destination = parse_destination(destination), .aws = {.region = "eu-west-1"}, .user_agent = "test"};
  }

  aws::Environment environment_;
  SystemClock clock_;
  boost::asio::io_context loop_;
  Resolver resolver_{clock_, system_lookup};
  UploadProgress uploads_{silent_log()};
  TemporaryFolder folder_;
};

TEST_F(StoresTest, AreOneFolderForAllLoops) {
  Stores stores(options((folder_.path() / "out").string()), environment_, resolver_, clock_, silent_log(), uploads_);
  const auto store = stores.make(loop_.get_executor());
  EXPECT_EQ(store, stores.make(loop_.get_executor()));
  EXPECT_EQ(store->location({"a/b.png"}), (folder_.path() / "out/a/b.png").string());
}

TEST_F(StoresTest, AreOneForEachLoopInABucket) {
  Stores stores(options("s3://bucket/p"), environment_, resolver_, clock_, silent_log(), uploads_);
  const auto store = stores.make(loop_.get_executor());
  EXPECT_NE(store, stores.make(loop_.get_executor()));
  EXPECT_EQ(store->location({"a.png"}), "s3://bucket/p/a.png");
}

TEST_F(StoresTest, CannotBeMadeInAFolderThatCannotBe) {
  try {
    Stores(options("/proc/no/such"), environment_, resolver_, clock_, silent_log(), uploads_);
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::store_denied);
  }
}

}  // namespace
}  // namespace creel
