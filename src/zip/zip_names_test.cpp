#include "zip/zip_names.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

TEST(ZipNames, AreRelativePathsWithoutEmptyParts) {
  EXPECT_EQ(clean_zip_name("lib/libfoo.so.1"), "lib/libfoo.so.1");
  EXPECT_EQ(clean_zip_name("./bootstrap"), "bootstrap");
  EXPECT_EQ(clean_zip_name("lib//./x"), "lib/x");
  EXPECT_EQ(clean_zip_name("lib/"), "lib");
  EXPECT_EQ(clean_zip_name("./"), "");
  EXPECT_EQ(clean_zip_name("..."), "...");
}

TEST(ZipNames, ThatLeadOutOfTheRootAreRefused) {
  for (const auto* name : {"/etc/passwd", "../x", "a/../../x", "a/..", ".."}) {
    EXPECT_THROW(clean_zip_name(name), Failure) << name;
  }
}

TEST(ZipNames, TooLongForAFileSystemAreRefused) {
  EXPECT_NO_THROW(clean_zip_name(std::string(255, 'a')));
  EXPECT_THROW(clean_zip_name(std::string(256, 'a')), Failure);
  std::string deep;
  for (int i = 0; i < 3000; ++i) deep += "a/";
  EXPECT_THROW(clean_zip_name(deep), Failure);
}

TEST(ZipNames, SymlinksMayPointAnywhereInsideOfTheRoot) {
  EXPECT_NO_THROW(check_symlink("lib/libfoo.so", "libfoo.so.1"));
  EXPECT_NO_THROW(check_symlink("a/b/link", "../../c/d"));
  EXPECT_NO_THROW(check_symlink("link", "./a"));
}

TEST(ZipNames, SymlinksThatMayLeadOutAreRefused) {
  EXPECT_THROW(check_symlink("link", "../x"), Failure);
  EXPECT_THROW(check_symlink("a/link", "../../x"), Failure);
  EXPECT_THROW(check_symlink("link", "/etc/passwd"), Failure);
  EXPECT_THROW(check_symlink("link", ""), Failure);
  EXPECT_THROW(check_symlink("link", std::string_view("a\0b", 3)), Failure);
  EXPECT_THROW(check_symlink("link", std::string(5000, 'a')), Failure);
}

// a/b/up -> ../../up is inside, and then a/b/up/../.. is not: what ".." means after a name depends on other links.
TEST(ZipNames, SymlinksThatComeBackUpAreRefused) {
  EXPECT_THROW(check_symlink("a/b/c/link", "up/../.."), Failure);
}

TEST(ZipNames, AreKnownOnce) {
  ZipNames names;
  EXPECT_TRUE(names.add("lib", ZipEntryType::folder));
  EXPECT_FALSE(names.add("lib", ZipEntryType::folder));
  EXPECT_TRUE(names.add("x", ZipEntryType::file));
  EXPECT_THROW(names.add("x", ZipEntryType::file), Failure);
  EXPECT_THROW(names.add("x", ZipEntryType::folder), Failure);
  EXPECT_THROW(names.add("lib", ZipEntryType::symlink), Failure);
}

TEST(ZipNames, LieInFoldersAlone) {
  for (const auto type : {ZipEntryType::file, ZipEntryType::symlink}) {
    ZipNames names;
    names.add("a/b", ZipEntryType::file);
    EXPECT_NO_THROW(names.check_parents());
    names.add("a", type);
    EXPECT_THROW(names.check_parents(), Failure);
  }
}

}  // namespace
}  // namespace creel
