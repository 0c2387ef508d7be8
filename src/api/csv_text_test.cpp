#include "api/csv_text.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "api/image_csv.h"
#include "api/image_for_test.h"

namespace creel {
namespace {

std::string field(std::string_view text) {
  std::string out;
  append_csv_text(out, text);
  return out;
}

TEST(CsvText, QuotesWhatNeedsIt) {
  EXPECT_EQ(field(""), "");
  EXPECT_EQ(field("plain"), "plain");
  EXPECT_EQ(field("a,b"), "\"a,b\"");
  EXPECT_EQ(field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(field("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(field(" a"), "\" a\"");
}

TEST(CsvText, TakesAwayTheMeaningOfFormulas) {
  EXPECT_EQ(field("=HYPERLINK(\"https://evil.example\")"), "\"'=HYPERLINK(\"\"https://evil.example\"\")\"");
  for (const auto* text : {"=1", "+1", "-1", "@a", "\ta", "\ra", "\na",
                           "\xEF\xBC\x9D"
                           "1",
                           "\xEF\xBC\xA0"
                           "a"}) {
    EXPECT_EQ(field(text), fmt::format("\"'{}\"", text));
  }
  EXPECT_EQ(field("a=1"), "a=1");
}

TEST(CsvText, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(field("a\xFF"), "a\xEF\xBF\xBD");
}

TEST(ImageCsv, HasAFieldForEveryName) {
  const auto header = image_csv_header();
  std::string line;
  append_image_csv(line, testing::bare_image());
  EXPECT_EQ(std::ranges::count(line, ','), std::ranges::count(header, ','));
  EXPECT_TRUE(line.starts_with("8,3,Lighthouses,x,https://a.example/x,,,"));
  EXPECT_TRUE(line.ends_with("\r\n"));
  EXPECT_TRUE(header.ends_with("updated_at\r\n"));
}

TEST(ImageCsv, WritesAllThatIsKnown) {
  std::string line;
  append_image_csv(line, testing::whole_image());
  EXPECT_EQ(line,
            "7,3,Lighthouses,abc,https://a.example/abc.png,https://b.example/abc.png,https://a.example/page,"
            "\"A \"\"tall\"\" one\",\"Line\nline\",u1,Zoë,https://a.example/zoe,false,stored,,,1,,Lighthouses/abc.png,"
            "/data/images/Lighthouses/abc.png,48213,image/png,800,600,00ff,e1,\"\"\"o\"\"\","
            "\"Tue, 24 Nov 2026 20:00:00 GMT\",Lighthouses,abc,\"{\"\"camera\"\":\"\"X\"\"}\",2026-11-24T20:14:15.123Z,"
            "2026-11-24T20:14:15.123Z,2026-11-24T20:14:15.123Z,2026-11-24T20:14:15.123Z\r\n");
}

}  // namespace
}  // namespace creel
