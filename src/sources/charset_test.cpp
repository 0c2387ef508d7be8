#include "sources/charset.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::string_literals;

TEST(CharsetParameter, IsFoundInTheHeader) {
  EXPECT_EQ(charset_parameter("text/xml; charset=UTF-8"), "UTF-8");
  EXPECT_EQ(charset_parameter("text/xml;version=1 ; Charset = \"koi8-r\" "), "koi8-r");
  EXPECT_EQ(charset_parameter("text/xml"), "");
  EXPECT_EQ(charset_parameter(""), "");
}

TEST(TextAsUtf8, LeavesUtf8WhateverIsSaidOfIt) {
  const auto text = "<?xml version='1.0' encoding='iso-8859-1'?><a>Gr\u00fc\u00dfe</a>"s;
  EXPECT_EQ(text_as_utf8(text, "windows-1251"), text);
  EXPECT_EQ(text_as_utf8("", ""), "");
}

TEST(TextAsUtf8, DropsTheByteOrderMark) {
  EXPECT_EQ(text_as_utf8("\xEF\xBB\xBF<a/>", "iso-8859-1"), "<a/>");
}

TEST(TextAsUtf8, ReadsUtf16WithAndWithoutAMark) {
  EXPECT_EQ(text_as_utf8("\xFF\xFE<\0a\0\xFC\0"s, "utf-8"), "<a\u00fc");
  EXPECT_EQ(text_as_utf8("\xFE\xFF\0<\0a\0\xFC"s, ""), "<a\u00fc");
  EXPECT_EQ(text_as_utf8("<\0a\0\xFC\0"s, ""), "<a\u00fc");
  EXPECT_EQ(text_as_utf8("\0<\0a\0\xFC"s, ""), "<a\u00fc");
  EXPECT_EQ(text_as_utf8("\xFF\xFE<\0a"s, ""), "<\uFFFD") << "cut off";
}

TEST(TextAsUtf8, TakesTheHeadersWordFirstAndThenTheDeclarations) {
  EXPECT_EQ(text_as_utf8("\xCF\xF0", "windows-1251"), "\u041f\u0440");
  EXPECT_EQ(text_as_utf8("<?xml version=\"1.0\" encoding=\"windows-1251\"?>\xCF\xF0", ""),
            "<?xml version=\"1.0\" encoding=\"windows-1251\"?>\u041f\u0440");
  EXPECT_EQ(text_as_utf8("<?xml encoding='koi8-r'?>\xCF\xF0", "windows-1251"), "<?xml encoding='koi8-r'?>\u041f\u0440");
}

TEST(TextAsUtf8, TakesALatinHeaderForADefault) {
  EXPECT_EQ(text_as_utf8("<?xml encoding='windows-1251'?>\xCF\xF0", "ISO-8859-1"),
            "<?xml encoding='windows-1251'?>\u041f\u0440");
}

TEST(TextAsUtf8, ReadsLatinAsWindowsDoes) {
  EXPECT_EQ(text_as_utf8("\x93q\x94 \xE9", "iso-8859-1"), "\u201cq\u201d \u00e9");
}

TEST(TextAsUtf8, ReadsEastAsianCharsets) {
  EXPECT_EQ(text_as_utf8("\xC4\xE3\xBA\xC3", "gb2312"), "\u4f60\u597d");
  EXPECT_EQ(text_as_utf8("\x93\xFA\x96\x7B", "Shift_JIS"), "\u65e5\u672c");
  EXPECT_EQ(text_as_utf8("\x1b$BF|K\\\x1b(B", "iso-2022-jp"), "\u65e5\u672c");
}

TEST(TextAsUtf8, RepairsSingleBytesInWhatShouldBeUtf8) {
  EXPECT_EQ(text_as_utf8("\u00fc \xFC \x92 \u20ac", "utf-8"), "\u00fc \u00fc \u2019 \u20ac");
  EXPECT_EQ(text_as_utf8("a\xFC", ""), "a\u00fc");
  EXPECT_EQ(text_as_utf8("a\xE2\x82", ""), "a\u00e2\u201a") << "cut off in a character";
}

TEST(TextAsUtf8, TakesUnknownNamesForNone) {
  EXPECT_EQ(text_as_utf8("\xFC", "x-unknown-charset"), "\u00fc");
  EXPECT_EQ(text_as_utf8("\xFC", "utf-16"), "\u00fc");
  EXPECT_EQ(text_as_utf8("\xFC", "ascii//translit"), "\u00fc");
  EXPECT_EQ(text_as_utf8("\xFC", std::string(10'000, 'x')), "\u00fc");
}

TEST(TextAsUtf8, HasNoNuls) {
  EXPECT_EQ(text_as_utf8("a\0b"s, ""), "a b");
}

}  // namespace
}  // namespace creel
