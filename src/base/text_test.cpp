#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using ::testing::ElementsAre;

TEST(Text, LowersAsciiLettersAndNothingElse) {
  EXPECT_EQ(ascii_lower("AbcXYZ-09[`{@ÄÖ"), "abcxyz-09[`{@ÄÖ");
  EXPECT_EQ(ascii_lower(""), "");
}

TEST(Text, ComparesAsciiLettersWithoutCase) {
  EXPECT_TRUE(ascii_iequals("Content-Type", "cOnTeNt-tYpE"));
  EXPECT_TRUE(ascii_iequals("", ""));
  EXPECT_FALSE(ascii_iequals("abc", "ab"));
  EXPECT_FALSE(ascii_iequals("[", "{")) << "they differ by the bit that makes letters lower-case";
  EXPECT_FALSE(ascii_iequals("Ä", "ä"));
}

TEST(Text, TrimsBlanksAndLineEndsAtBothEnds) {
  EXPECT_EQ(trim(" \t\r\n a b \n\r\t "), "a b");
  EXPECT_EQ(trim("ab"), "ab");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, SplitsIntoAllPartsWithTheEmptyOnes) {
  EXPECT_THAT(split("a,b,c", ','), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split(",a,,", ','), ElementsAre("", "a", "", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split("abc", ','), ElementsAre("abc"));
}

TEST(PercentEncode, LeavesUnreservedCharactersAndThoseToKeep) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a/b c"), "a%2Fb%20c");
  EXPECT_EQ(percent_encode("a/b c", "/"), "a/b%20c");
  EXPECT_EQ(percent_encode("+*!'()%&=?#"), "%2B%2A%21%27%28%29%25%26%3D%3F%23");
}

TEST(PercentEncode, EncodesEveryByteOfAUnicodeCharacterInUpperCase) {
  EXPECT_EQ(percent_encode("ü日"), "%C3%BC%E6%97%A5");
  EXPECT_EQ(percent_encode(std::string_view("\0\n\x7f\xff", 4)), "%00%0A%7F%FF");
}

TEST(PercentDecode, DecodesBothCasesAndLeavesWhatIsNoEscape) {
  EXPECT_EQ(percent_decode("a%2Fb%2fc"), "a/b/c");
  EXPECT_EQ(percent_decode("%C3%bc"), "ü");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%g0%0g"), "%zz%g0%0g");
  EXPECT_EQ(percent_decode("%%41"), "%A");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%41"), "A") << "an escape at the very end";
}

TEST(PercentDecode, GivesBackWhatWasEncoded) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(Utf8Prefix, CutsOnlyBetweenCharacters) {
  const std::string_view text = "aü日𝄞";  // 1, 2, 3 and 4 bytes
  const std::string_view expected[] = {"",     "a",    "a",    "aü",   "aü",    "aü",
                                       "aü日", "aü日", "aü日", "aü日", "aü日𝄞", "aü日𝄞"};
  for (std::size_t bytes = 0; bytes < std::size(expected); ++bytes) {
    EXPECT_EQ(utf8_prefix(text, bytes), expected[bytes]) << bytes;
  }
}

TEST(HeaderSafety, RefusesLineEndsAndNul) {
  EXPECT_TRUE(is_header_safe(""));
  EXPECT_TRUE(is_header_safe("a: b\tü\x7f"));
  EXPECT_FALSE(is_header_safe("a\r"));
  EXPECT_FALSE(is_header_safe("\nb"));
  EXPECT_FALSE(is_header_safe(std::string_view("a\0b", 3)));
}

TEST(Text, KnowsUtf8) {
  for (const auto* text : {"", "plain", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x90\x9F", "\xEF\xBF\xBD"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(to_utf8(text), text);
  }
  for (const auto* text :
       {"\xC3", "\xFC", "\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
    EXPECT_TRUE(is_utf8(to_utf8(text)));
  }
  EXPECT_EQ(to_utf8("a\xFCz"), "a\xEF\xBF\xBDz");
}

}  // namespace
}  // namespace creel
