#include "aws/ini_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

TEST(ParseIni, ReadsSectionsKeysAndComments) {
  const auto file = parse_ini(
      "\xEF\xBB\xBF# comment\r\n[default]\r\nRegion = eu-west-1\r\n; another\r\n\r\n[ profile x y ]\nkey=a = "
      "b # c\nempty =\n",
      "config");
  EXPECT_EQ(file,
            (IniFile{{"default", {{"region", "eu-west-1"}}}, {"profile x y", {{"key", "a = b # c"}, {"empty", ""}}}}));
}

TEST(ParseIni, KeepsAGroupOutOfTheSectionItself) {
  const auto file = parse_ini("[default]\ns3 =\n  region = nested\n\n  max = 2\noutput = json\n", "config");
  EXPECT_EQ(file.at("default").at("s3"), "\nregion = nested\nmax = 2");
  EXPECT_EQ(file.at("default").count("region"), 0U);
  EXPECT_EQ(file.at("default").at("output"), "json");
}

TEST(ParseIni, TakesIndentedKeysThatFollowNoLessIndentedOne) {
  EXPECT_EQ(parse_ini("[a]\n  x = 1\n  y = 2\n", "config"), (IniFile{{"a", {{"x", "1"}, {"y", "2"}}}}));
}

TEST(ParseIni, JoinsASectionThatComesTwice) {
  EXPECT_EQ(parse_ini("[a]\nx=1\n[b]\n[a]\ny=2\n", "f"), (IniFile{{"a", {{"x", "1"}, {"y", "2"}}}, {"b", {}}}));
}

TEST(ParseIni, NamesFileAndLineOfWhatItCannotRead) {
  for (const auto* text : {"[a]\nnonsense\n", "[a]\n[b\n", "# one\nx = 1\n", "[a]\n= 1\n"}) {
    try {
      parse_ini(text, "/home/me/.aws/config");
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_auth);
      EXPECT_THAT(failure.what(), testing::StartsWith("/home/me/.aws/config, line 2: ")) << text;
    }
  }
}

}  // namespace
}  // namespace creel::aws
