#include <array>
#include <zip.h>

#include <gtest/gtest.h>

#include "base/failure.h"
#include "base/hash.h"
#include "zip/zip_archive.h"
#include "zip/zip_fixture.h"

namespace creel {
namespace {

std::vector<ZipEntry> entries() {
  return {{.name = "bootstrap", .mode = 0755, .bytes = std::string(10'000, 'x')},
          {.name = "lib/libfoo.so.1", .bytes = "elf"},
          {.name = "lib/libfoo.so", .type = ZipEntryType::symlink, .mode = 0777, .bytes = "libfoo.so.1"},
          {.name = "größe.txt", .mode = 0600},
          {.name = "empty", .type = ZipEntryType::folder, .mode = 0755}};
}

/// The process's time zone, until the end of a scope.
class TimeZone {
 public:
  explicit TimeZone(const std::string& zone) {
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
  }
  ~TimeZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
  TimeZone(const TimeZone&) = delete;
  TimeZone& operator=(const TimeZone&) = delete;
};

TEST(ZipWriter, WritesWhatTheReaderReads) {
  const auto read = read_zip(write_zip(entries()));
  ASSERT_EQ(read.size(), 5U);
  EXPECT_EQ(read[0].name, "bootstrap");
  EXPECT_EQ(read[0].mode, 0755U);
  EXPECT_EQ(read[0].bytes, std::string(10'000, 'x'));
  EXPECT_EQ(read[1].name, "empty");
  EXPECT_EQ(read[1].type, ZipEntryType::folder);
  EXPECT_EQ(read[2].name, "größe.txt");
  EXPECT_EQ(read[2].mode, 0600U);
  EXPECT_EQ(read[3].name, "lib/libfoo.so");
  EXPECT_EQ(read[3].type, ZipEntryType::symlink);
  EXPECT_EQ(read[3].bytes, "libfoo.so.1");
  EXPECT_EQ(read[4].name, "lib/libfoo.so.1");
  EXPECT_EQ(read[4].mode, 0644U);
}

TEST(ZipWriter, WritesTheSameBytesInWhateverOrderTheEntriesCome) {
  auto reversed = entries();
  std::ranges::reverse(reversed);
  EXPECT_EQ(write_zip(entries()), write_zip(reversed));
}

TEST(ZipWriter, WritesTheSameBytesInEveryTimeZone) {
  const auto expected = write_zip(entries());
  for (const auto* zone : {"UTC", "America/St_Johns", "Pacific/Auckland", "Asia/Kathmandu", "Africa/Casablanca",
                           "Pacific/Kiritimati", "Antarctica/Troll"}) {
    const TimeZone here(zone);
    EXPECT_EQ(write_zip(entries()), expected) << zone;
  }
}

// The digest of one archive, so that a library or a flag that changes the bytes is noticed: every function deployed
// before would be uploaded again.
TEST(ZipWriter, WritesTheBytesItAlwaysWrote) {
  EXPECT_EQ(to_hex(sha256(write_zip(entries()))), "3e3949613176edc302bdbb4eb0ef63e765d9119e25bc93fde46f546dacbb684b");
}

TEST(ZipWriter, DatesAllOf1980AndAddsNoFurtherFields) {
  const auto bytes = write_zip(entries());
  std::size_t headers = 0;
  for (auto at = bytes.find("PK\x01\x02"); at != std::string::npos; at = bytes.find("PK\x01\x02", at + 1)) {
    ++headers;
    EXPECT_EQ(bytes.substr(at + 5, 1), "\x03") << "made on Unix";
    EXPECT_EQ(bytes.substr(at + 12, 4), std::string("\0\0\x21\0", 4)) << "1980-01-01 00:00:00";
    EXPECT_EQ(bytes.substr(at + 30, 2), std::string("\0\0", 2)) << "no further fields";
    EXPECT_EQ(bytes.substr(at + 32, 2), std::string("\0\0", 2)) << "no comment";
  }
  EXPECT_EQ(headers, 5U);
}

TEST(ZipWriter, WritesAnArchiveWithoutEntries) {
  EXPECT_TRUE(read_zip(write_zip({})).empty());
}

TEST(ZipWriter, RefusesWhatCannotBePacked) {
  for (const auto* name : {"", "/a", "../a", "a/../b", "a/", "./a", "a//b"}) {
    EXPECT_THROW(write_zip({{.name = name}}), Failure) << name;
  }
  EXPECT_THROW(write_zip({{.name = std::string("a\0b", 3)}}), Failure);
  EXPECT_THROW(write_zip({{.name = "a"}, {.name = "a"}}), Failure);
  EXPECT_THROW(write_zip({{.name = "a"}, {.name = "a/b"}}), Failure);
  EXPECT_THROW(write_zip({{.name = "a", .mode = 04755}}), Failure);
  EXPECT_THROW(write_zip({{.name = "a", .type = ZipEntryType::symlink, .bytes = "../x"}}), Failure);
}

}  // namespace
}  // namespace creel
