#include "sources/json_pages.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

using Step = JsonPages::Step;

JsonPages pages(const char* url, JsonPaging paging = {}) {
  return {Url::parse(url), std::move(paging)};
}

TEST(WithQueryParameter, SetsOrAddsIt) {
  EXPECT_EQ(with_query_parameter(Url::parse("https://a.example/x"), "p", "1").str(), "https://a.example/x?p=1");
  EXPECT_EQ(with_query_parameter(Url::parse("https://a.example/x?q=2"), "p", "a&b c").str(),
            "https://a.example/x?q=2&p=a%26b%20c");
  EXPECT_EQ(with_query_parameter(Url::parse("https://a.example/x?p=1&q=2&p=3"), "p", "9").str(),
            "https://a.example/x?p=9&q=2");
}

TEST(JsonPages, CountsUntilAPageIsEmpty) {
  auto all =
      pages("https://a.example/?q=x", {.page_param = "page", .first_page = 0, .page_size_param = "n", .page_size = 50});
  EXPECT_EQ(all.url().str(), "https://a.example/?q=x&n=50&page=0");
  EXPECT_EQ(all.go_on({}, "", 50), Step::next);
  EXPECT_EQ(all.url().str(), "https://a.example/?q=x&n=50&page=1");
  EXPECT_EQ(all.go_on({}, "", 1), Step::next);
  EXPECT_EQ(all.go_on({}, "", 0), Step::end);
  EXPECT_EQ(all.number(), 3U);
}

TEST(JsonPages, CountsRecordsWhereTheApiDoes) {
  auto all = pages("https://a.example/", {.page_param = "offset", .first_page = 0, .page_step = 20});
  EXPECT_EQ(all.go_on({}, "", 20), Step::next);
  EXPECT_EQ(all.go_on({}, "", 20), Step::next);
  EXPECT_EQ(all.url().str(), "https://a.example/?offset=40");
}

TEST(JsonPages, ReadsOnePageIfNothingSaysOtherwise) {
  EXPECT_EQ(pages("https://a.example/").go_on({}, "https://a.example/", 10), Step::end);
}

TEST(JsonPages, FollowsTheNextUrlFromWhereThePageWas) {
  auto all = pages("https://a.example/v1/list");
  EXPECT_EQ(all.go_on(JsonNext{.url = "more?p=2"}, "https://b.example/v2/list", 1), Step::next);
  EXPECT_EQ(all.url().str(), "https://b.example/v2/more?p=2");
}

TEST(JsonPages, PutsTheCursorIntoTheFirstUrl) {
  auto all = pages("https://a.example/?q=x", {.cursor_param = "after"});
  EXPECT_EQ(all.go_on(JsonNext{.cursor = "t3/=="}, "https://a.example/", 1), Step::next);
  EXPECT_EQ(all.url().str(), "https://a.example/?q=x&after=t3%2F%3D%3D");
  EXPECT_EQ(all.go_on(JsonNext{.cursor = "2"}, "https://a.example/", 1), Step::next);
  EXPECT_EQ(all.url().str(), "https://a.example/?q=x&after=2");
  EXPECT_EQ(all.go_on(JsonNext{}, "https://a.example/", 1), Step::end);
}

TEST(JsonPages, SetsSeveralParameters) {
  auto all = pages("https://a.example/?q=x");
  EXPECT_EQ(all.go_on(JsonNext{.query = {{"a", "1"}, {"b", "||"}}}, "https://a.example/", 1), Step::next);
  EXPECT_EQ(all.url().str(), "https://a.example/?q=x&a=1&b=%7C%7C");
}

TEST(JsonPages, EndsWhereThePageSaysSoThoughItCounts) {
  auto all = pages("https://a.example/", {.page_param = "page"});
  EXPECT_EQ(all.go_on(JsonNext{}, "", 20), Step::end);
}

TEST(JsonPages, NoticesALoop) {
  auto all = pages("https://a.example/1");
  EXPECT_EQ(all.go_on(JsonNext{.url = "/2"}, "https://a.example/1", 1), Step::next);
  EXPECT_EQ(all.go_on(JsonNext{.url = "/1"}, "https://a.example/2", 1), Step::loop);
}

TEST(JsonPages, RefusesWhatIsNoHttpUrl) {
  for (const auto* url : {"file:///etc/passwd", "gopher://a.example/", "https://"}) {
    auto all = pages("https://a.example/1");
    EXPECT_THROW(all.go_on(JsonNext{.url = url}, "https://a.example/1", 1), Failure) << url;
  }
}

TEST(JsonPages, RefusesACursorThatHasNoPlace) {
  auto all = pages("https://a.example/1");
  EXPECT_THROW(all.go_on(JsonNext{.cursor = "2"}, "https://a.example/1", 1), Failure);
}

}  // namespace
}  // namespace creel
