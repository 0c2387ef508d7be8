#include "cli/demo_summary.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::chrono::duration<double> kTook{6.25};

demo::Verdict verdict() {
  return {.sources = {{.source = "Feed", .kind = demo::SiteKind::feed, .found = 3, .stored = 2, .failed = 1},
                      {.source = "List", .kind = demo::SiteKind::list, .found = 4, .stored = 4, .failed = 0}},
          .failures = {{.source = "Feed",
                        .url = "http://127.0.0.1:1/a.png",
                        .title = "Gone",
                        .kind = "not_found",
                        .message = "status 404",
                        .is_expected = true}},
          .problems = {}};
}

TEST(DemoSummary, HasALineASourceAndAFailureAndTheSum) {
  const auto text = demo_text(verdict(), kTook);
  EXPECT_THAT(text, HasSubstr("Feed    feed      3       2       1\n"));
  EXPECT_THAT(text, HasSubstr("all               7       6       1\n"));
  EXPECT_THAT(text, HasSubstr("not_found  Gone     yes       status 404\n"));
  EXPECT_THAT(text, HasSubstr("All as it must be, after 6.2 s: 6 pictures are stored"));
}

TEST(DemoSummary, SaysWhatIsNotAsItMustBe) {
  auto wrong = verdict();
  wrong.failures[0].is_expected = false;
  wrong.problems = {"http://127.0.0.1:1/a.png: should be stored, but failed as not_found: status 404"};
  const auto text = demo_text(wrong, kTook);
  EXPECT_THAT(text, HasSubstr("NO"));
  EXPECT_THAT(text, HasSubstr("Not as it must be, after 6.2 s:\n  http://127.0.0.1:1/a.png: should be stored"));
  EXPECT_THAT(text, Not(HasSubstr("All as it must be")));
}

TEST(DemoSummary, IsOneJsonObjectForPrograms) {
  auto wrong = verdict();
  EXPECT_EQ(json::parse(demo_json(wrong, kTook)).at("ok"), true);
  wrong.problems = {"a problem"};
  const auto value = json::parse(demo_json(wrong, kTook));
  EXPECT_EQ(value.at("ok"), false);
  EXPECT_EQ(value.at("seconds"), 6.25);
  EXPECT_EQ(value.at("sources").at(0),
            (json::object{{"name", "Feed"}, {"type", "feed"}, {"found", 3}, {"stored", 2}, {"failed", 1}}));
  EXPECT_EQ(value.at("failures").at(0).at("kind"), "not_found");
  EXPECT_EQ(value.at("failures").at(0).at("expected"), true);
  EXPECT_EQ(value.at("problems"), (json::array{"a problem"}));
}

}  // namespace
}  // namespace creel
