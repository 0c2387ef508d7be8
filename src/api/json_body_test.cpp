#include "api/json_body.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/http_call_test_support.h"
#include "support/run_task.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Task<HttpReply> nothing(ApiCall) {
  co_return HttpReply{};
}

class JsonBodyTest : public ::testing::Test {
 protected:
  JsonBodyTest() {
    route_.body = RouteBody{.schema = "{}", .max_bytes = 1000};
    route_.handler = nothing;
  }

  boost::json::object read(std::string body, HttpHeaders headers = {{"Content-Type", "application/json"}}) {
    testing::FakeCall http("POST", "/", std::move(headers), std::move(body));
    return testing::run(loop_, read_json_object(ApiCall(http, route_, {}, QueryReader("", {}), Caller())));
  }

  /// The status with which a body is refused; 0 if it is taken.
  int refused(std::string body, HttpHeaders headers = {{"Content-Type", "application/json"}}) {
    try {
      read(std::move(body), std::move(headers));
    } catch (const Problem& problem) {
      return problem.status();
    }
    return 0;
  }

  boost::asio::io_context loop_;
  Route route_;
};

TEST_F(JsonBodyTest, ReadsAnObject) {
  EXPECT_EQ(read(R"({"a":1})").at("a"), 1);
  EXPECT_EQ(read("{}", {}).size(), 0U) << "a type is not needed";
  EXPECT_EQ(read("{}", {{"Content-Type", "Application/Json; charset=utf-8"}}).size(), 0U);
  EXPECT_EQ(read("{}", {{"Content-Type", "application/merge-patch+json"}}).size(), 0U);
}

TEST_F(JsonBodyTest, RefusesWhatIsNoObject) {
  for (const auto* body : {"", "[]", "7", "null", "{", "{}x", "\"{}\"", "{\"a\":\"\xff\"}"}) {
    EXPECT_EQ(refused(body), 400) << body;
  }
}

TEST_F(JsonBodyTest, RefusesNestingWithoutEnd) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "{\"a\":";
  EXPECT_EQ(refused(deep), 400);
}

TEST_F(JsonBodyTest, RefusesOtherTypesOfBodies) {
  EXPECT_EQ(refused("{}", {{"Content-Type", "text/plain"}}), 415);
  EXPECT_EQ(refused("{}", {{"Content-Type", "application/x-www-form-urlencoded"}}), 415);
  EXPECT_EQ(refused("{}", {{"Content-Type", "application/jsonl"}}), 415);
  EXPECT_EQ(refused("{}", {{"Content-Encoding", "gzip"}}), 415);
}

TEST_F(JsonBodyTest, RefusesABodyThatIsTooLarge) {
  EXPECT_EQ(refused("{\"a\":\"" + std::string(1000, 'x') + "\"}"), 413);
}

TEST_F(JsonBodyTest, TakesNoBodyWhereNoneIsRequired) {
  route_.body->is_required = false;
  EXPECT_EQ(read("").size(), 0U);
  EXPECT_EQ(read("null").size(), 0U);
}

TEST_F(JsonBodyTest, ThrowsForARouteThatDeclaresNone) {
  route_.body.reset();
  EXPECT_THROW(read("{}"), std::logic_error);
}

class FieldReaderTest : public ::testing::Test {
 protected:
  std::vector<std::string> pointers(FieldReader& reader) {
    std::vector<std::string> pointers;
    for (const auto& error : reader.errors()) pointers.push_back(error.pointer);
    return pointers;
  }

  const boost::json::object object_ =
      boost::json::parse(R"({"text":"a","number":1.5,"whole":3.0,"flag":true,"object":{},"array":[],"null":null,
                             "big":1e300,"nul":"a\u0000b","long":"12345678901","blank":"  "})")
          .as_object();
};

TEST_F(FieldReaderTest, ReadsMembersOfEveryType) {
  FieldReader reader(object_);
  EXPECT_EQ(reader.text("text"), "a");
  EXPECT_EQ(reader.number("number"), 1.5);
  EXPECT_EQ(reader.integer("whole"), 3);
  EXPECT_EQ(reader.flag("flag"), true);
  EXPECT_NE(reader.object("object"), nullptr);
  EXPECT_NE(reader.array("array"), nullptr);
  EXPECT_EQ(reader.text("null"), std::nullopt);
  EXPECT_EQ(reader.text("absent"), std::nullopt);
  EXPECT_TRUE(reader.has("null"));
  EXPECT_TRUE(reader.is_null("null"));
  EXPECT_FALSE(reader.has("absent"));
}

TEST_F(FieldReaderTest, CollectsAllThatIsWrong) {
  FieldReader reader(object_, "/images/3");
  reader.text("number");
  reader.integer("number");
  reader.integer("big");
  reader.integer("whole", 4);
  reader.flag("text");
  reader.object("array");
  reader.array("object");
  reader.text("nul");
  reader.text("long", 10);
  reader.required_text("blank");
  reader.required_text("absent");
  reader.required_text("null");
  EXPECT_THAT(pointers(reader),
              ElementsAre("/images/3/number", "/images/3/number", "/images/3/big", "/images/3/whole", "/images/3/text",
                          "/images/3/array", "/images/3/object", "/images/3/nul", "/images/3/long", "/images/3/blank",
                          "/images/3/absent", "/images/3/null", "/images/3/flag"));
}

TEST_F(FieldReaderTest, NamesFieldsThatThereAreNot) {
  const auto object = boost::json::parse(R"({"name":"a","naem":1,"a/b~c":2})").as_object();
  FieldReader reader(object);
  reader.text("name");
  EXPECT_THAT(pointers(reader), ElementsAre("/naem", "/a~1b~0c"));
  EXPECT_THAT(pointers(reader), ElementsAre("/naem", "/a~1b~0c")) << "once only";
  try {
    reader.finish();
    FAIL() << "nothing was thrown";
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 400);
    EXPECT_THAT(problem.errors()[0].detail, HasSubstr("there are name"));
  }
}

TEST_F(FieldReaderTest, FinishesWhereNothingIsWrong) {
  const auto object = boost::json::parse(R"({"name":"a"})").as_object();
  FieldReader reader(object);
  EXPECT_EQ(reader.required_text("name"), "a");
  EXPECT_NO_THROW(reader.finish());
}

}  // namespace
}  // namespace creel
