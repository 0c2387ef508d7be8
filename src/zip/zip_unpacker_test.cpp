#include <gtest/gtest.h>

#include "base/failure.h"
#include "zip/zip_archive.h"
#include "zip/zip_fixture.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
  return static_cast<unsigned>(fs::symlink_status(path).permissions()) & 07777U;
}

TEST(ZipUnpacker, KeepsContentPermissionsAndLinks) {
  const NewFolder folder;
  const auto old_umask = ::umask(077);
  unpack_zip(write_zip({{.name = "bootstrap", .mode = 0755, .bytes = "#!/bin/sh\n"},
                        {.name = "lib/libfoo.so.1", .mode = 0640, .bytes = "elf"},
                        {.name = "lib/libfoo.so", .type = ZipEntryType::symlink, .bytes = "libfoo.so.1"},
                        {.name = "empty", .type = ZipEntryType::folder, .mode = 0775}}),
             folder.path());
  ::umask(old_umask);
  EXPECT_EQ(file_content(folder.path() / "bootstrap"), "#!/bin/sh\n");
  EXPECT_EQ(mode_of(folder.path() / "bootstrap"), 0755U);
  EXPECT_EQ(mode_of(folder.path() / "lib/libfoo.so.1"), 0640U);
  EXPECT_EQ(file_content(folder.path() / "lib/libfoo.so"), "elf");
  EXPECT_EQ(fs::read_symlink(folder.path() / "lib/libfoo.so"), "libfoo.so.1");
  EXPECT_EQ(mode_of(folder.path() / "empty"), 0775U);
  EXPECT_EQ(mode_of(folder.path() / "lib"), 0755U);
}

TEST(ZipUnpacker, FillsFoldersThatMayNotBeWrittenTo) {
  const NewFolder folder;
  unpack_zip(raw_zip({{.name = "a/", .attributes = (S_IFDIR | 0500U) << 16}, {.name = "a/b", .bytes = "hello"}}),
             folder.path());
  EXPECT_EQ(file_content(folder.path() / "a/b"), "hello");
  EXPECT_EQ(mode_of(folder.path() / "a"), 0700U);
}

TEST(ZipUnpacker, RefusesAFolderThatHoldsSomething) {
  const NewFolder folder;
  fs::create_directories(folder.path() / "old");
  EXPECT_THROW(unpack_zip(raw_zip({{.name = "a"}}), folder.path()), Failure);
  EXPECT_FALSE(fs::exists(folder.path() / "a"));
}

TEST(ZipUnpacker, TouchesNothingForAnArchiveThatLeadsOut) {
  const NewFolder folder;
  EXPECT_THROW(unpack_zip(raw_zip({{.name = "a"}, {.name = "../b"}}), folder.path()), Failure);
  EXPECT_FALSE(fs::exists(folder.path()));
}

}  // namespace
}  // namespace creel
