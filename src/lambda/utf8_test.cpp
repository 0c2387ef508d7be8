#include "lambda/utf8.h"

#include <gtest/gtest.h>

namespace creel::lambda {
namespace {

TEST(ValidUtf8, KeepsWhatIsValid) {
  EXPECT_EQ(valid_utf8(""), "");
  EXPECT_EQ(valid_utf8("plain"), "plain");
  EXPECT_EQ(valid_utf8("\u00e9\u20ac\U0001F600\uffff"), "\u00e9\u20ac\U0001F600\uffff");
}

TEST(ValidUtf8, ReplacesEachByteThatIsNot) {
  EXPECT_EQ(valid_utf8("a\xff"
                       "b"),
            "a\uFFFD"
            "b");
  // Overlong, a surrogate, above the last character, cut off.
  EXPECT_EQ(valid_utf8("\xC0\x80"), "\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8("\xE2\x82"), "\uFFFD\uFFFD");
}

TEST(ValidUtf8, IsCutBetweenCharacters) {
  EXPECT_EQ(valid_utf8("a\u20acb", 3), "a");
  EXPECT_EQ(valid_utf8("a\u20acb", 4), "a\u20ac");
  EXPECT_EQ(valid_utf8("abc", 0), "");
}

}  // namespace
}  // namespace creel::lambda
