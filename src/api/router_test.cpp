#include "api/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/http_call_test_support.h"
#include "api/problem.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Task<HttpReply> nothing(ApiCall) {
  co_return HttpReply{};
}

Route route(std::string method, std::string path, std::string name) {
  return {.method = std::move(method),
          .path = std::move(path),
          .name = std::move(name),
          .tag = "test",
          .summary = "A route",
          .answers = {{.help = "well"}},
          .handler = nothing};
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router_.add(route("GET", "/", "root"));
    router_.add(route("GET", "/images", "list"));
    router_.add(route("POST", "/images", "add"));
    router_.add(route("GET", "/images/{id}", "get"));
    router_.add(route("DELETE", "/images/{id}", "remove"));
    router_.add(route("GET", "/images/{id}/content", "content"));
    router_.add(route("POST", "/images/retry", "retry"));
    router_.add(route("GET", "/things/{name}", "thing"));
  }

  std::string name_of(std::string_view method, std::string_view path) const {
    const auto match = router_.match(method, path);
    if (match.route != nullptr) return match.route->name;
    return match.allow.empty() ? "404" : "405 " + match.allow;
  }

  Router router_;
};

TEST_F(RouterTest, FindsRoutesByMethodAndPath) {
  EXPECT_EQ(name_of("GET", "/"), "root");
  EXPECT_EQ(name_of("GET", "/images"), "list");
  EXPECT_EQ(name_of("POST", "/images"), "add");
  EXPECT_EQ(name_of("GET", "/images/7"), "get");
  EXPECT_EQ(name_of("GET", "/images/7/content"), "content");
}

TEST_F(RouterTest, PutsFixedSegmentsFirst) {
  EXPECT_EQ(name_of("POST", "/images/retry"), "retry");
  EXPECT_EQ(name_of("GET", "/images/retry"), "405 POST, OPTIONS");
}

TEST_F(RouterTest, AnswersHeadWhereThereIsGet) {
  EXPECT_EQ(name_of("HEAD", "/images/7"), "get");
  EXPECT_EQ(name_of("HEAD", "/images/retry"), "405 POST, OPTIONS");
}

TEST_F(RouterTest, SaysWhichMethodsThereAre) {
  EXPECT_EQ(name_of("PUT", "/images"), "405 GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(name_of("OPTIONS", "/images/7"), "405 GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(name_of("get", "/images"), "405 GET, HEAD, POST, OPTIONS") << "methods have a case";
}

TEST_F(RouterTest, DecodesSegments) {
  EXPECT_THAT(router_.match("GET", "/things/a%2Fb%20c").values, ElementsAre("a/b c"));
  EXPECT_EQ(name_of("GET", "/im%61ges"), "list");
  EXPECT_THAT(router_.match("GET", "/things/%C3%A4").values, ElementsAre("ä"));
}

TEST_F(RouterTest, KnowsNothingOfOtherForms) {
  for (const auto* path : {"", "images", "/images/", "//images", "/images//content", "/images/7/", "/images/7/other",
                           "*", "/things/%FF", "/things/a%00b", "/Images", "/..", "/images/7/content/more"}) {
    EXPECT_EQ(name_of("GET", path), "404") << path;
  }
}

TEST_F(RouterTest, TakesVeryLongSegments) {
  const std::string name(20'000, 'x');
  EXPECT_THAT(router_.match("GET", "/things/" + name).values, ElementsAre(name));
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "/images";
  EXPECT_EQ(name_of("GET", deep), "404");
}

TEST_F(RouterTest, RefusesRoutesThatContradictEachOther) {
  EXPECT_THROW(router_.add(route("GET", "/images", "other")), std::logic_error);
  EXPECT_THROW(router_.add(route("GET", "/other", "list")), std::logic_error);
  EXPECT_THROW(router_.add(route("GET", "/images/{other}", "other")), std::logic_error);
  auto undescribed = route("GET", "/new", "new");
  undescribed.summary = "";
  EXPECT_THROW(router_.add(undescribed), std::logic_error);
  auto twice = route("GET", "/new", "new");
  twice.query = {{.name = "a"}, {.name = "a"}};
  EXPECT_THROW(router_.add(twice), std::logic_error);
}

TEST_F(RouterTest, RefusesSchemasThatAreNone) {
  EXPECT_THROW(router_.add_schema("A", "{"), std::logic_error);
  router_.add_schema("A", "{}");
  EXPECT_THROW(router_.add_schema("A", "{}"), std::logic_error);
}

class ApiCallTest : public RouterTest {
 protected:
  std::optional<std::int64_t> number_in(const std::string& segment) {
    const auto path = "/images/" + segment;
    auto match = router_.match("GET", path);
    testing::FakeCall http("GET", path);
    const ApiCall call(http, *match.route, std::move(match.values), QueryReader("", {}), Caller());
    try {
      return call.path_number();
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status(), 404);
      return std::nullopt;
    }
  }
};

TEST_F(ApiCallTest, ReadsNumbersOutOfThePath) {
  EXPECT_EQ(number_in("7"), 7);
  EXPECT_EQ(number_in("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(number_in("%37"), 7);
}

TEST_F(ApiCallTest, FindsNothingWhereTheNumberIsNone) {
  for (const auto* segment : {"0", "-1", "x", "7x", "1.0", "+7", "9223372036854775808", "%207", "null"}) {
    EXPECT_EQ(number_in(segment), std::nullopt) << segment;
  }
  EXPECT_EQ(number_in(std::string(30'000, '9')), std::nullopt);
}

TEST(PathNames, AreThoseInBraces) {
  EXPECT_THAT(path_names("/a/{b}/c/{d}"), ElementsAre("b", "d"));
  EXPECT_THAT(path_names("/a"), IsEmpty());
}

}  // namespace
}  // namespace creel
