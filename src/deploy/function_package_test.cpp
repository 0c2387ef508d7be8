#include "deploy/function_package.h"

#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "zip/zip_archive.h"

namespace creel::deploy {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;

class FunctionPackageTest : public testing::Test {
 protected:
  FunctionPackageTest() {
    auto name = (fs::temp_directory_path() / "creel-package-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    write("bootstrap", "#!/bin/sh\n", 0755);
  }
  ~FunctionPackageTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  fs::path write(const std::string& name, const std::string& content, mode_t mode = 0644) {
    const auto path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }

  std::vector<std::string> names(const std::vector<std::string>& include) {
    std::vector<std::string> names;
    for (const auto& entry : read_zip(package(include).zip)) names.push_back(entry.name);
    return names;
  }

  FunctionPackage package(const std::vector<std::string>& include = {}) {
    PackageOptions options{.bootstrap = folder_ / "bootstrap"};
    for (const auto& text : include) options.include.push_back(parse_inclusion((folder_ / text).string()));
    return make_package(options);
  }

  fs::path folder_;
};

TEST_F(FunctionPackageTest, HoldsTheProgramAsBootstrap) {
  PackageOptions options{.bootstrap = write("my-function", "#!/bin/bash\n", 0755)};
  const auto entries = read_zip(make_package(options).zip);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].name, "bootstrap");
  EXPECT_EQ(entries[0].mode, 0755U);
  EXPECT_EQ(entries[0].bytes, "#!/bin/bash\n");
}

TEST_F(FunctionPackageTest, TakesAProgramThatIsInNoFileAndMakesTheSameZipOfIt) {
  const auto from_bytes = make_package({.bootstrap = "/nowhere", .bootstrap_bytes = "#!/bin/sh\n"});
  EXPECT_EQ(from_bytes.zip, package().zip);
  EXPECT_FALSE(from_bytes.made_executable);
}

TEST_F(FunctionPackageTest, MakesTheProgramExecutableAndSaysSo) {
  EXPECT_FALSE(package().made_executable);
  ::chmod((folder_ / "bootstrap").c_str(), 0600);
  const auto made = package();
  EXPECT_TRUE(made.made_executable);
  EXPECT_EQ(read_zip(made.zip).front().mode, 0755U);
}

TEST_F(FunctionPackageTest, NamesFilesAsItIsTold) {
  write("libfoo.so.1", "elf");
  write("data/a/b.txt", "b");
  fs::create_directories(folder_ / "data/empty");
  EXPECT_THAT(names({"libfoo.so.1:lib/"}), ElementsAre("bootstrap", "lib/libfoo.so.1"));
  EXPECT_THAT(names({"libfoo.so.1:x.so"}), ElementsAre("bootstrap", "x.so"));
  EXPECT_THAT(names({"data"}), ElementsAre("bootstrap", "data/a/b.txt", "data/empty"));
  EXPECT_THAT(names({"data/"}), ElementsAre("bootstrap", "data/a/b.txt", "data/empty"));
  EXPECT_THAT(names({"data:etc"}), ElementsAre("bootstrap", "etc/a/b.txt", "etc/empty"));
  EXPECT_THAT(names({"data:."}), ElementsAre("a/b.txt", "bootstrap", "empty"));
}

TEST_F(FunctionPackageTest, TakesAColonInANameThatExists) {
  write("a:b", "x");
  EXPECT_THAT(names({"a:b"}), ElementsAre("a:b", "bootstrap"));
}

TEST_F(FunctionPackageTest, KeepsLinksInsideOfAFolder) {
  write("lib/libfoo.so.1.2", "elf");
  fs::create_symlink("libfoo.so.1.2", folder_ / "lib/libfoo.so.1");
  const auto entries = read_zip(package({"lib"}).zip);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].name, "lib/libfoo.so.1");
  EXPECT_EQ(entries[1].type, ZipEntryType::symlink);
  EXPECT_EQ(entries[1].bytes, "libfoo.so.1.2");
}

TEST_F(FunctionPackageTest, FollowsALinkThatIsNamedItself) {
  write("libfoo.so.1.2", "elf");
  fs::create_symlink("libfoo.so.1.2", folder_ / "libfoo.so.1");
  const auto entries = read_zip(package({"libfoo.so.1:lib/"}).zip);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].name, "lib/libfoo.so.1");
  EXPECT_EQ(entries[1].bytes, "elf");
}

TEST_F(FunctionPackageTest, RefusesLinksThatLeadOut) {
  fs::create_directories(folder_ / "lib");
  fs::create_symlink("/etc/passwd", folder_ / "lib/x");
  EXPECT_THROW(package({"lib"}), Failure);
}

TEST_F(FunctionPackageTest, RefusesWhatIsNoFile) {
  fs::create_directories(folder_ / "data");
  ASSERT_EQ(::mkfifo((folder_ / "data/pipe").c_str(), 0644), 0);
  EXPECT_THROW(package({"data"}), Failure);
  EXPECT_THROW(package({"data/pipe"}), Failure);
  EXPECT_THROW(package({"missing"}), Failure);
  EXPECT_THROW(make_package({.bootstrap = folder_}), Failure);
  EXPECT_THROW(make_package({.bootstrap = folder_ / "missing"}), Failure);
}

TEST_F(FunctionPackageTest, RefusesANameThatIsThereTwice) {
  write("data/bootstrap", "x");
  EXPECT_THROW(package({"data:."}), Failure);
}

TEST_F(FunctionPackageTest, HasTheSameBytesWhateverTheModesOfItsFilesSayOfOthers) {
  const auto file = write("data.txt", "x", 0600);
  const auto first = package({"data.txt"}).zip;
  ::chmod(file.c_str(), 0664);
  ::chmod((folder_ / "bootstrap").c_str(), 0700);
  EXPECT_EQ(package({"data.txt"}).zip, first);
}

TEST(FunctionPackage, HasTheCodeSha256OfTheService) {
  EXPECT_EQ(code_sha256(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(FunctionPackage, RefusesAnInclusionWithoutPath) {
  EXPECT_THROW(parse_inclusion(""), Failure);
  EXPECT_THROW(parse_inclusion(":x"), Failure);
}

}  // namespace
}  // namespace creel::deploy
