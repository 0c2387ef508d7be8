#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "zip/zip_archive.h"
#include "zip/zip_fixture.h"

namespace creel {
namespace {

using testing::HasSubstr;

const std::filesystem::path kTestData = CREEL_TEST_DATA;

/// Why `bytes` are refused; "taken" if they are not.
std::string refusal(const std::string& bytes, const ZipLimits& limits = {}) {
  try {
    read_zip(bytes, limits);
    return "taken";
  } catch (const Failure& failure) {
    return failure.what();
  }
}

void expect_content(const ZipReader& zip) {
  const auto* bootstrap = zip.find("bootstrap");
  ASSERT_NE(bootstrap, nullptr);
  EXPECT_EQ(bootstrap->type, ZipEntryType::file);
  EXPECT_EQ(bootstrap->mode, 0755U);
  EXPECT_EQ(zip.read(*bootstrap), "#!/bin/sh\necho hello\n");

  const auto* data = zip.find("data/zeros.txt");
  ASSERT_NE(data, nullptr);
  EXPECT_EQ(data->mode, 0640U);
  EXPECT_EQ(zip.read(*data), std::string(100'000, '0'));
  EXPECT_LT(data->compressed_size, 1000U);

  const auto* name = zip.find("data/größe.txt");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(zip.read(*name), "18");
}

TEST(ZipReader, ReadsWhatPythonWrote) {
  const auto zip = ZipReader::from_file(kTestData / "python.zip");
  expect_content(zip);
  const auto* link = zip.find("data/link");
  ASSERT_NE(link, nullptr);
  EXPECT_EQ(link->type, ZipEntryType::symlink);
  EXPECT_EQ(zip.read(*link), "../bootstrap");
}

TEST(ZipReader, ReadsWhatInfoZipWrote) {
  const auto zip = ZipReader::from_file(kTestData / "info_zip.zip");
  expect_content(zip);
  ASSERT_NE(zip.find("data"), nullptr);
  EXPECT_EQ(zip.find("data")->type, ZipEntryType::folder);
}

TEST(ZipReader, ReadsWhatWasStreamedWithSizesAfterTheContent) {
  expect_content(ZipReader::from_file(kTestData / "streamed.zip"));
}

TEST(ZipReader, TellsTheUnpackedSize) {
  EXPECT_EQ(ZipReader::from_file(kTestData / "streamed.zip").unpacked_bytes(), 21 + 100'000 + 2);
}

TEST(ZipReader, GivesTheFirstBytesOfAFile) {
  const auto zip = ZipReader::from_file(kTestData / "python.zip");
  EXPECT_EQ(zip.read_start(*zip.find("bootstrap"), 9), "#!/bin/sh");
  EXPECT_EQ(zip.read_start(*zip.find("bootstrap"), 1000), "#!/bin/sh\necho hello\n");
}

TEST(ZipReader, TakesAnArchiveWithoutEntries) {
  EXPECT_TRUE(read_zip(raw_zip({})).empty());
}

TEST(ZipReader, GivesDefaultPermissionsWhereTheArchiveStatesNone) {
  const auto entries =
      read_zip(raw_zip({{.name = "a", .attributes = 0, .system = 0}, {.name = "b/", .attributes = 0}}));
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].mode, 0644U);
  EXPECT_EQ(entries[1].type, ZipEntryType::folder);
  EXPECT_EQ(entries[1].mode, 0755U);
}

TEST(ZipReader, DropsTheSetUidBit) {
  EXPECT_EQ(read_zip(raw_zip({{.name = "a", .attributes = (S_IFREG | 04755U) << 16}})).front().mode, 0755U);
}

TEST(ZipReader, RefusesWhatIsNoArchive) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("hello"), HasSubstr("not a zip archive"));
  EXPECT_THROW(ZipReader::from_file(kTestData), Failure);
  EXPECT_THROW(ZipReader::from_file(kTestData / "missing.zip"), Failure);
}

TEST(ZipReader, SurvivesEveryTruncation) {
  const auto whole = raw_zip({{.name = "a", .bytes = "hello"}, {.name = "b/c", .bytes = "world"}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(refusal(whole.substr(0, size)), "taken") << size;
  }
}

TEST(ZipReader, SurvivesEveryChangedByte) {
  const auto whole = raw_zip({{.name = "a", .bytes = "hello"}, raw_symlink("b", "a")});
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (const char change : {'\x01', '\x80', '\xff'}) {
      auto changed = whole;
      changed[place] = static_cast<char>(changed[place] ^ change);
      EXPECT_NO_THROW(refusal(changed));
    }
  }
}

TEST(ZipReader, RefusesNamesThatLeadOut) {
  EXPECT_THAT(refusal(raw_zip({{.name = "../x"}})), HasSubstr("leads out of its root"));
  EXPECT_THAT(refusal(raw_zip({{.name = "/etc/passwd"}})), HasSubstr("absolute"));
}

TEST(ZipReader, RefusesSymlinksThatLeadOut) {
  EXPECT_THAT(refusal(raw_zip({raw_symlink("a", "/etc")})), HasSubstr("absolute"));
  EXPECT_THAT(refusal(raw_zip({raw_symlink("a", "../b")})), HasSubstr("lead out"));
  EXPECT_THAT(refusal(raw_zip({raw_symlink("a", std::string(1'000'000, 'b'))})), HasSubstr("too long"));
}

TEST(ZipReader, RefusesFilesBelowASymlink) {
  EXPECT_THAT(refusal(raw_zip({raw_symlink("a", "b"), {.name = "a/x"}})), HasSubstr("no folder"));
}

TEST(ZipReader, RefusesNamesThatAreThereTwice) {
  EXPECT_THAT(refusal(raw_zip({{.name = "a"}, {.name = "./a"}})), HasSubstr("twice"));
}

TEST(ZipReader, RefusesDevices) {
  EXPECT_THAT(refusal(raw_zip({{.name = "a", .attributes = (S_IFBLK | 0644U) << 16}})), HasSubstr("no file, folder"));
}

TEST(ZipReader, RefusesEncryptionAndRareCompression) {
  EXPECT_THAT(refusal(raw_zip({{.name = "a", .flags = 1}})), HasSubstr("encrypted"));
  EXPECT_THAT(refusal(raw_zip({{.name = "a", .method = 12}})), HasSubstr("method 12"));
}

TEST(ZipReader, RefusesWhatIsLargerThanTheLimitBeforeUnpackingIt) {
  const auto bomb = write_zip({{.name = "zeros", .bytes = std::string(10'000'000, '\0')}});
  ASSERT_LT(bomb.size(), 20'000U);
  EXPECT_EQ(refusal(bomb, {.max_unpacked_bytes = 10'000'000}), "taken");
  EXPECT_THAT(refusal(bomb, {.max_unpacked_bytes = 9'999'999}), HasSubstr("more than 10.0 MB"));
  // Sizes that together do not fit into 64 bits.
  EXPECT_THAT(refusal(raw_zip({{.name = "a", .claimed_size = 0xfffffffe}, {.name = "b", .claimed_size = 0xfffffffe}})),
              HasSubstr("when unpacked"));
}

// A bomb that says that it is small, in the directory and in front of the content.
TEST(ZipReader, RefusesContentThatIsLongerThanItClaims) {
  auto bomb = write_zip({{.name = "zeros", .bytes = std::string(10'000'000, '\0')}});
  const std::string size("\x80\x96\x98\x00", 4);
  for (auto place = bomb.find(size); place != std::string::npos; place = bomb.find(size)) {
    bomb.replace(place, size.size(), std::string("\x10\x00\x00\x00", 4));
  }
  std::size_t given = 0;
  const auto zip = ZipReader::from_bytes(bomb);
  EXPECT_THROW(zip.read(zip.items().front(), [&given](std::string_view piece) { given += piece.size(); }), Failure);
  EXPECT_LE(given, 16U);
}

TEST(ZipReader, RefusesContentThatIsShorterThanItClaims) {
  EXPECT_THAT(refusal(raw_zip({{.name = "a", .bytes = "hello", .claimed_size = 6}})), HasSubstr("damaged"));
}

TEST(ZipReader, RefusesContentWithAWrongChecksum) {
  auto bytes = raw_zip({{.name = "a", .bytes = "hello"}});
  bytes.replace(bytes.find("hello"), 5, "jelly");
  EXPECT_THAT(refusal(bytes), HasSubstr("CRC"));
}

TEST(ZipReader, RefusesMoreItemsThanTheLimit) {
  const auto zip = raw_zip({{.name = "a"}, {.name = "b"}, {.name = "c"}});
  EXPECT_EQ(refusal(zip, {.max_items = 3}), "taken");
  EXPECT_THAT(refusal(zip, {.max_items = 2}), HasSubstr("more than 2"));
}

}  // namespace
}  // namespace creel
