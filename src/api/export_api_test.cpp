#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "base/text.h"

namespace creel {
namespace {

using ::testing::HasSubstr;

using ExportApiTest = testing::ApiFixture;

std::string many_images(int first, int count) {
  std::string body = R"({"images":[)";
  for (int i = 0; i < count; ++i) {
    body += fmt::format(R"({}{{"image_url":"https://a.example/{}.png","title":"number {}"}})", i > 0 ? "," : "",
                        first + i, first + i);
  }
  return body + "]}";
}

TEST_F(ExportApiTest, GivesAllImagesAsJsonLinesTheOldestFirst) {
  EXPECT_EQ(post("/images", many_images(0, 1000)).status, 200);
  EXPECT_EQ(post("/images", many_images(1000, 200)).status, 200);
  const auto answer = get("/images/export");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/jsonl");
  EXPECT_EQ(answer.header("Content-Disposition"), "attachment; filename=\"images.jsonl\"");
  auto lines = split(answer.text, '\n');
  ASSERT_EQ(lines.back(), "");
  lines.pop_back();
  EXPECT_EQ(lines.size(), 1200U);
  std::vector<std::int64_t> ids;
  for (const auto line : lines) ids.push_back(boost::json::parse(line).at("id").as_int64());
  EXPECT_TRUE(std::ranges::is_sorted(ids));
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST_F(ExportApiTest, GivesCsvWithAFirstLineOfNames) {
  add_image("https://a.example/1.png", R"(,"title":"=1+1, \"quoted\"")");
  const auto answer = get("/images/export?format=csv");
  EXPECT_EQ(answer.header("Content-Type"), "text/csv; charset=utf-8; header=present");
  EXPECT_TRUE(answer.text.starts_with("id,source_id,source,image_id,"));
  EXPECT_THAT(answer.text, HasSubstr(",\"'=1+1, \"\"quoted\"\"\","));
  EXPECT_EQ(std::ranges::count(answer.text, '\n'), 2);
}

TEST_F(ExportApiTest, ObeysFilters) {
  add_image("https://a.example/1.png", R"(,"title":"cat")");
  add_image("https://a.example/2.png", R"(,"title":"dog")");
  const auto answer = get("/images/export?q=dog");
  EXPECT_EQ(std::ranges::count(answer.text, '\n'), 1);
  EXPECT_THAT(answer.text, HasSubstr("2.png"));
  EXPECT_EQ(get("/images/export?state=stored").text, "");
  EXPECT_EQ(get("/images/export?format=xml").status, 400);
  EXPECT_EQ(get("/images/export?limit=5").status, 400);
}

}  // namespace
}  // namespace creel
