#include "cli/demo_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "cli/data_folder.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DemoFolderTest : public ::testing::Test {
 protected:
  DemoFolderTest() {
    std::string pattern = (fs::temp_directory_path() / "creel-demo-XXXXXX").string();
    base_ = ::mkdtemp(pattern.data());
  }
  ~DemoFolderTest() override { fs::remove_all(base_); }

  static void write(const fs::path& file) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "x";
  }

  std::string refusal(const fs::path& folder) {
    try {
      const DemoFolder made(folder);
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "";
  }

  fs::path base_;
};

TEST_F(DemoFolderTest, IsMadeWithTheFoldersAbove) {
  const DemoFolder folder(base_ / "a/b/");
  EXPECT_EQ(folder.path(), base_ / "a/b");
  EXPECT_TRUE(fs::is_directory(base_ / "a/b"));
}

TEST_F(DemoFolderTest, BeginsAfreshAndLeavesWhatIsNotItsOwn) {
  const DemoFolder first(base_);
  for (const auto& mine : {base_ / "creel.db", base_ / "creel.db-wal", first.images() / "a/b.png", first.zip()})
    write(mine);
  for (const auto* other : {"notes.txt", "pictures/c.png"}) write(base_ / other);
  const DemoFolder second(base_);
  EXPECT_FALSE(fs::exists(base_ / "creel.db"));
  EXPECT_FALSE(fs::exists(base_ / "creel.db-wal"));
  EXPECT_FALSE(fs::exists(second.images()));
  EXPECT_FALSE(fs::exists(second.zip()));
  EXPECT_TRUE(fs::exists(base_ / "notes.txt"));
  EXPECT_TRUE(fs::exists(base_ / "pictures/c.png"));
}

TEST_F(DemoFolderTest, NeverRemovesACatalogOrImagesOfSomebodyElse) {
  for (const auto* precious : {"serve/creel.db", "mine/images/cat.png", "a/creel.log", "b/function.log",
                               "c/fetch-store-image.zip", "d/creel.db-wal"}) {
    write(base_ / precious);
    const auto folder = base_ / *fs::path(precious).begin();
    EXPECT_THAT(refusal(folder), HasSubstr("--data"));
    EXPECT_TRUE(fs::exists(base_ / precious)) << precious;
  }
}

TEST_F(DemoFolderTest, IsNotTakenFromSomebodyWhoWorksInIt) {
  {
    const DemoFolder first(base_);
  }
  write(base_ / "creel.db");
  const DataFolder in_use(base_);
  EXPECT_THAT(refusal(base_), HasSubstr("in use"));
  EXPECT_TRUE(fs::exists(base_ / "creel.db"));
}

TEST_F(DemoFolderTest, IsNoDemonstrationsAnyMoreOnceABackendHasTakenItOver) {
  {
    const DemoFolder first(base_);
  }
  write(base_ / "creel.db");
  take_over_from_demo(base_);
  take_over_from_demo(base_);
  EXPECT_THAT(refusal(base_), HasSubstr("--data"));
  EXPECT_TRUE(fs::exists(base_ / "creel.db"));
}

TEST_F(DemoFolderTest, MustHaveAName) {
  EXPECT_THAT(refusal(""), HasSubstr("--data"));
}

}  // namespace
}  // namespace creel
