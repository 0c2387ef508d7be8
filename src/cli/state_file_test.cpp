#include "cli/state_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/failure.h"
#include "catalog/catalog.h"
#include "catalog/image_repository.h"
#include "catalog/temporary_folder.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// Adds an image to a catalog and returns how many wait in it then.
std::uint64_t add_image(const fs::path& path, const std::string& id) {
  const auto catalog = Catalog::open_sqlite(path);
  ImageRepository images(*catalog);
  const auto source = images.source("list", "list");
  const auto poll = images.begin_poll(source, SystemTime{});
  std::vector<FoundImage> found;
  for (char c = 'a'; c <= id[0]; ++c) {
    found.push_back({.image_id = std::string(1, c), .url = "https://a.example/", .host = "a.example"});
  }
  images.see(source, poll, queue_of(poll), found, {}, SystemTime{});
  return images.counts(poll).pending;
}

TEST(StateFile, IsTheFileItselfAndItsFolderIsMade) {
  const TemporaryFolder folder;
  const StateFile state(folder.path() / "a" / "b" / "state.db", StateFile::Use::itself);
  EXPECT_EQ(state.path(), folder.path() / "a" / "b" / "state.db");
  EXPECT_TRUE(fs::is_directory(folder.path() / "a" / "b"));
}

TEST(StateFile, SaysSoWhenItsFolderCannotBeMade) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  try {
    const StateFile state(folder.path() / "file" / "state.db", StateFile::Use::itself);
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
  }
}

TEST(StateFile, IsACopyThatGoesAwayAndLeavesTheOriginalAsItWas) {
  const TemporaryFolder folder;
  const auto original = folder.path() / "state.db";
  add_image(original, "a");
  const auto before = bytes_of(original);
  fs::path copy;
  {
    const StateFile state(original, StateFile::Use::copy);
    copy = state.path();
    EXPECT_NE(copy, original);
    EXPECT_EQ(bytes_of(copy), before);
    EXPECT_EQ(add_image(copy, "b"), 2U);
  }
  EXPECT_FALSE(fs::exists(copy.parent_path()));
  EXPECT_EQ(bytes_of(original), before);
}

TEST(StateFile, HoldsInItsCopyWhatAKilledProcessLeftInTheLog) {
  const TemporaryFolder folder;
  const auto original = folder.path() / "state.db";
  const auto killed = folder.path() / "killed.db";
  {
    const auto catalog = Catalog::open_sqlite(original);
    ImageRepository(*catalog).source("only in the log", "list");
    fs::copy_file(original, killed);
    fs::copy_file(original.string() + "-wal", killed.string() + "-wal");
  }
  const StateFile state(killed, StateFile::Use::copy);
  const auto catalog = Catalog::open_sqlite(state.path());
  ImageRepository images(*catalog);
  EXPECT_EQ(images.source("only in the log", "list"), SourceId{1});
  EXPECT_EQ(images.source("another", "list"), SourceId{2});
}

TEST(StateFile, OfAJobThatNeverRanIsNotMadeByACopy) {
  const TemporaryFolder folder;
  const auto original = folder.path() / "a" / "state.db";
  const StateFile state(original, StateFile::Use::copy);
  EXPECT_EQ(add_image(state.path(), "a"), 1U);
  EXPECT_FALSE(fs::exists(original.parent_path()));
}

TEST(StateFile, CannotBeCopiedWhileItIsInUse) {
  const TemporaryFolder folder;
  const auto catalog = Catalog::open_sqlite(folder.path() / "state.db");
  EXPECT_THROW(StateFile(folder.path() / "state.db", StateFile::Use::copy), Failure);
}

}  // namespace
}  // namespace creel
