#include "cli/data_folder.h"

#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DataFolderTest : public ::testing::Test {
 protected:
  DataFolderTest() { fs::remove_all(folder_); }
  ~DataFolderTest() override { fs::remove_all(folder_); }

  static mode_t mode(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
  }

  static std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      return failure.what();
    }
    ADD_FAILURE() << "nothing was refused";
    return "";
  }

  fs::path folder_ = fs::path(::testing::TempDir()) /
                     (std::string("creel-data-") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(DataFolderTest, IsMadeForItsOwnerAlone) {
  DataFolder folder(folder_ / "a" / "b");
  EXPECT_EQ(mode(folder_ / "a" / "b"), 0700U);
}

TEST_F(DataFolderTest, BelongsToOneBackendAtATime) {
  {
    DataFolder folder(folder_);
    folder.announce("http://127.0.0.1:8080");
    const auto why = refusal([this] { DataFolder second(folder_); });
    EXPECT_THAT(why, HasSubstr("in use by `creel serve`"));
    EXPECT_THAT(why, HasSubstr("http://127.0.0.1:8080"));
  }
  DataFolder next(folder_);
}

TEST_F(DataFolderTest, SaysWhereTheBackendIsAsLongAsItRuns) {
  EXPECT_FALSE(find_running(folder_));
  {
    DataFolder folder(folder_);
    EXPECT_FALSE(find_running(folder_));
    folder.announce("http://127.0.0.1:8080");
    const auto running = find_running(folder_);
    ASSERT_TRUE(running);
    EXPECT_EQ(running->pid, ::getpid());
    EXPECT_EQ(running->url, "http://127.0.0.1:8080");
  }
  EXPECT_FALSE(find_running(folder_));
}

TEST_F(DataFolderTest, ForgetsABackendThatWasKilled) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "serve.json") << R"({"pid":999999999,"url":"http://127.0.0.1:1"})";
  EXPECT_FALSE(find_running(folder_));
  std::ofstream(folder_ / "serve.json") << R"({"pid":)";
  EXPECT_FALSE(find_running(folder_));
  DataFolder folder(folder_);
  EXPECT_FALSE(fs::exists(folder_ / "serve.json"));
}

TEST_F(DataFolderTest, MakesASecretOnceForItsOwnerAlone) {
  fs::create_directories(folder_);
  const auto first = own_secret(folder_);
  EXPECT_GE(first.reveal().size(), 32U);
  EXPECT_EQ(mode(folder_ / "secret"), 0600U);
  EXPECT_EQ(own_secret(folder_), first);
}

TEST_F(DataFolderTest, MakesNoSecretWhereThereIsNoFolder) {
  EXPECT_THAT(refusal([this] { own_secret(folder_); }), HasSubstr("there is no such folder"));
}

TEST_F(DataFolderTest, ReadsASecretOutOfAFileWithoutTheBlanksAroundIt) {
  fs::create_directories(folder_);
  const auto file = folder_ / "mine";
  EXPECT_THAT(refusal([&] { read_secret_text(file); }), HasSubstr("cannot be read"));
  std::ofstream(file) << " \n";
  EXPECT_THAT(refusal([&] { read_secret_text(file); }), HasSubstr("no secret in it"));
  std::ofstream(file) << " a b\n";
  EXPECT_EQ(read_secret_text(file).reveal(), "a b");
}

}  // namespace
}  // namespace creel
