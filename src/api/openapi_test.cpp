#include "api/openapi.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/router.h"

namespace creel {
namespace {

namespace json = boost::json;

Task<HttpReply> nothing(ApiCall) {
  co_return HttpReply{};
}

Route a_route() {
  return {
      .method = "POST",
      .path = "/things/{id}/parts/{name}",
      .scope = Scope::write,
      .name = "change_part",
      .tag = "things",
      .summary = "Change a part",
      .help = "It does.",
      .query = {{.name = "limit",
                 .type = ParameterType::integer,
                 .help = "how many",
                 .min = 1,
                 .max = 9,
                 .default_value = "5"},
                {.name = "sort", .type = ParameterType::one_of, .choices = {"a", "b"}, .default_value = "a"},
                {.name = "types", .type = ParameterType::list_of, .choices = {"x"}},
                {.name = "flag", .type = ParameterType::boolean},
                {.name = "since", .type = ParameterType::time},
                {.name = "q", .max_length = 100}},
      .body = RouteBody{.schema = R"({"$ref":"#/components/schemas/Part"})", .example = R"({"a":1})"},
      .answers = {{.status = 200, .help = "Done.", .schema = R"({"type":"object"})", .headers = {{"ETag", "its tag"}}},
                  {.status = 200, .help = "Done.", .schema = R"({"type":"string"})", .media_type = "text/csv"},
                  {.status = 204, .help = "Nothing to do."}},
      .problems = {409},
      .handler = nothing};
}

class OpenApiTest : public ::testing::Test {
 protected:
  json::value document() {
    router_.add(a_route());
    auto other = a_route();
    other.method = "GET";
    other.path = "/open";
    other.scope = Scope::none;
    other.name = "open";
    other.body.reset();
    other.query.clear();
    router_.add(std::move(other));
    router_.add_schema("Part", R"({"type":"object"})");
    return json::parse(openapi_document(router_, "1.2.3"));
  }

  Router router_;
};

TEST_F(OpenApiTest, SaysWhatItDescribes) {
  const auto whole = document();
  EXPECT_EQ(whole.at("openapi"), "3.1.0");
  EXPECT_EQ(whole.at("info").at("version"), "1.2.3");
  EXPECT_EQ(whole.at("components").at("schemas").at("Part").at("type"), "object");
  EXPECT_EQ(whole.at("components").at("securitySchemes").at("token").at("scheme"), "bearer");
}

TEST_F(OpenApiTest, DescribesARouteByWhatTheRouterChecks) {
  const auto whole = document();
  const auto& operation = whole.at("paths").at("/things/{id}/parts/{name}").at("post");
  EXPECT_EQ(operation.at("operationId"), "change_part");
  const auto& parameters = operation.at("parameters").as_array();
  ASSERT_EQ(parameters.size(), 8U);
  EXPECT_EQ(parameters[0].at("in"), "path");
  EXPECT_EQ(parameters[0].at("schema").at("minimum"), 1);
  EXPECT_EQ(parameters[1].at("schema").at("type"), "string");
  EXPECT_EQ(parameters[2].at("schema").at("maximum"), 9);
  EXPECT_EQ(parameters[2].at("schema").at("default"), 5);
  EXPECT_EQ(parameters[3].at("schema").at("default"), "a");
  EXPECT_EQ(parameters[4].at("explode"), false);
  EXPECT_EQ(parameters[7].at("schema").at("maxLength"), 100);
  EXPECT_EQ(operation.at("requestBody").at("content").at("application/json").at("example").at("a"), 1);
  EXPECT_EQ(operation.at("security").at(0).at("token").at(0), "write");
}

TEST_F(OpenApiTest, DescribesAnswersAndProblems) {
  const auto whole = document();
  const auto& answers = whole.at("paths").at("/things/{id}/parts/{name}").at("post").at("responses").as_object();
  EXPECT_TRUE(answers.at("200").at("content").as_object().contains("text/csv"));
  EXPECT_TRUE(answers.at("200").at("content").as_object().contains("application/json"));
  EXPECT_TRUE(answers.at("200").at("headers").as_object().contains("ETag"));
  EXPECT_FALSE(answers.at("204").as_object().contains("content"));
  for (const auto* status : {"400", "401", "403", "404", "409", "413", "415", "503", "default"}) {
    EXPECT_TRUE(answers.contains(status)) << status;
  }
  EXPECT_EQ(answers.at("409").at("$ref"), "#/components/responses/Conflict");
  EXPECT_TRUE(whole.at("components").at("responses").as_object().contains("UnsupportedMediaType"));
}

TEST_F(OpenApiTest, KnowsWhatIsOpenToAll) {
  const auto whole = document();
  const auto& operation = whole.at("paths").at("/open").at("get").as_object();
  EXPECT_TRUE(operation.at("security").as_array().empty());
  EXPECT_FALSE(operation.at("responses").as_object().contains("401"));
  EXPECT_FALSE(operation.contains("parameters"));
}

TEST_F(OpenApiTest, RefusesDescriptionsThatAreNoJson) {
  auto wrong = a_route();
  wrong.body->schema = "{";
  router_.add(std::move(wrong));
  EXPECT_THROW(openapi_document(router_, "1"), std::logic_error);
}

}  // namespace
}  // namespace creel
