#include "cli/text_table.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

TEST(TextTable, PutsCellsBelowEachOther) {
  TextTable table({{"ID", TextTable::Align::right}, {"NAME"}, {"STATE"}});
  table.add({"1", "cats", "idle"});
  table.add({"12", "häuser", "stopped"});
  EXPECT_EQ(table.str(),
            "ID  NAME    STATE\n"
            " 1  cats    idle\n"
            "12  häuser  stopped\n");
}

TEST(TextTable, LetsNoTextSteerTheTerminal) {
  EXPECT_EQ(shown("a\x1b[2Jb\r\nc"), "a [2Jb  c");
  EXPECT_EQ(shown("a\xC2\x9b"
                  "b"),
            "a b");
  EXPECT_EQ(shown("\xff"), "\uFFFD");
  EXPECT_EQ(shown("日本 é"), "日本 é");
}

TEST(TextTable, ShortensByCharactersAndNotByBytes) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("日本語の名前です", 6), "日本語...");
}

}  // namespace
}  // namespace creel
