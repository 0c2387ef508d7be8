#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace creel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SourcesApiTest : public testing::ApiFixture {
 protected:
  static std::string body(std::string_view name, std::string_view more = "") {
    return fmt::format(
        R"({{"name":"{}","type":"fake","url":"https://a.example","interval":"1h","settings":{{"tag":"cat","api_key":"k3y"}}{}}})",
        name, more);
  }

  std::string make(std::string_view name) {
    const auto made = post("/sources", body(name));
    EXPECT_EQ(made.status, 201) << made.text;
    return made.header("Location");
  }
};

TEST_F(SourcesApiTest, MakesASourceThatIsStopped) {
  const auto made = post("/sources", body("Cats"));
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.json().at("state").as_string(), "stopped");
  EXPECT_EQ(made.json().at("interval"), 3600);
  EXPECT_EQ(made.json().at("settings").at("api_key").as_string(), "***");
  EXPECT_THAT(made.text, Not(HasSubstr("k3y")));
  EXPECT_EQ(get(made.header("Location")).text, made.text);
  EXPECT_EQ(get("/sources/999").status, 404);
}

TEST_F(SourcesApiTest, MakesOneThatIsDueAtOnceIfAsked) {
  EXPECT_EQ(post("/sources", body("Cats", R"(,"start":true)")).json().at("state").as_string(), "idle");
}

TEST_F(SourcesApiTest, RefusesANameThatIsTaken) {
  make("Cats");
  const auto again = post("/sources", body("Cats"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.json().at("errors").at(0).at("pointer").as_string(), "/name");
  const auto dogs = make("Dogs");
  EXPECT_EQ(ask(HttpMethod::patch, dogs, R"({"name":"Cats"})").status, 409);
}

TEST_F(SourcesApiTest, PointsToEveryFieldThatIsWrong) {
  const auto answer = post("/sources", R"({"name":"","type":"fake","url":"https://a.example","settings":{"count":0}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.text, HasSubstr("/name"));
  EXPECT_THAT(answer.text, HasSubstr("/settings/tag"));
  EXPECT_THAT(answer.text, HasSubstr("/settings/count"));
  EXPECT_EQ(post("/sources", "nonsense").status, 400);
  EXPECT_EQ(post("/sources", "[]").status, 400);
}

TEST_F(SourcesApiTest, ListsPageByPage) {
  for (const auto* name : {"a", "b", "c"}) make(name);
  const auto first = get("/sources?limit=2");
  EXPECT_EQ(first.json().at("items").as_array().size(), 2U);
  const auto cursor = first.json().at("next_cursor");
  const auto second = get(fmt::format("/sources?limit=2&cursor={}", std::string_view(cursor.as_string())));
  EXPECT_EQ(second.json().at("items").at(0).at("name").as_string(), "c");
  EXPECT_TRUE(second.json().at("next_cursor").is_null());
  EXPECT_EQ(get("/sources?cursor=x").status, 400);
}

TEST_F(SourcesApiTest, ChangesASource) {
  const auto url = make("Cats");
  const auto changed = ask(HttpMethod::patch, url, R"({"interval":"2h","settings":{"tag":"dog","api_key":"***"}})");
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(changed.json().at("interval"), 7200);
  EXPECT_EQ(changed.json().at("settings").at("tag").as_string(), "dog");
  EXPECT_EQ(changed.json().at("settings").at("api_key").as_string(), "***");
  EXPECT_EQ(ask(HttpMethod::patch, url, R"({"interval":-1})").status, 400);
  const auto moved = ask(HttpMethod::patch, url, R"({"url":"https://evil.example"})");
  EXPECT_EQ(moved.status, 400);
  EXPECT_EQ(moved.json().at("errors").at(0).at("pointer").as_string(), "/settings/api_key") << moved.text;
  EXPECT_EQ(ask(HttpMethod::patch, "/sources/999", R"({"interval":"2h"})").status, 404);
}

TEST_F(SourcesApiTest, StartsStopsAndDeletes) {
  const auto url = make("Cats");
  const auto started = post(url + "/start");
  EXPECT_EQ(started.status, 202) << started.text;
  EXPECT_EQ(started.json().at("state").as_string(), "idle");
  const auto again = post(url + "/start");
  EXPECT_TRUE(again.status == 202 || again.status == 409) << again.text;
  const auto stopped = post(url + "/stop");
  EXPECT_EQ(stopped.status, 202);
  EXPECT_EQ(stopped.json().at("state").as_string(), "stopped");
  EXPECT_EQ(post("/sources/999/start").status, 404);
  EXPECT_EQ(ask(HttpMethod::delete_, url).status, 204);
  EXPECT_EQ(get(url).status, 404);
  EXPECT_EQ(ask(HttpMethod::delete_, url).status, 404);
}

TEST_F(SourcesApiTest, ASourceThatIsNeverPolledCannotBeStarted) {
  add_image("https://a.example/1.png");
  const auto direct = get("/sources").json().at("items").at(0);
  const auto answer = post(fmt::format("/sources/{}/start", direct.at("id").as_int64()));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(direct.at("counts").at("pending"), 1);
  const auto started = post("/sources", R"({"name":"mine","type":"direct","start":true})");
  EXPECT_EQ(started.status, 400);
  EXPECT_EQ(started.json().at("errors").at(0).at("pointer").as_string(), "/start");
  EXPECT_EQ(post("/sources", R"({"name":"mine","type":"direct"})").status, 201);
}

TEST_F(SourcesApiTest, TestsASourceWithoutStoringAnything) {
  const auto answer = post("/sources/test", body("Cats"));
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.json().at("records").at(0).at("image_url").as_string(), "https://a.example/1.png");
  EXPECT_EQ(answer.json().at("records").at(0).at("title").as_string(), "cat");
  EXPECT_TRUE(answer.json().at("failure").is_null());
  EXPECT_EQ(get("/sources").json().at("items").as_array().size(), 0U);
  const auto nameless = post("/sources/test", R"({"type":"fake","url":"https://a.example","settings":{"tag":"cat"}})");
  EXPECT_EQ(nameless.status, 200) << nameless.text;
  EXPECT_EQ(post("/sources/test", R"({"name":"","type":"direct"})").status, 400);
  EXPECT_EQ(post(make("Cats") + "/test?limit=1").status, 200);
  EXPECT_EQ(get("/images").json().at("items").as_array().size(), 0U);
}

TEST_F(SourcesApiTest, TestsASourceAsItWouldBeAfterAChange) {
  const auto url = make("Cats");
  const auto answer = post(url + "/test", R"({"settings":{"tag":"dog"}})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.json().at("records").at(0).at("title").as_string(), "dog");
  EXPECT_EQ(get(url).json().at("settings").at("tag").as_string(), "cat");
  EXPECT_EQ(post(url + "/test", R"({"settings":{"count":0}})").status, 400);
}

TEST_F(SourcesApiTest, ATestSendsNoSecretToAServerThatItWasNotGivenFor) {
  const auto moved = post(make("Cats") + "/test", R"({"url":"https://evil.example"})");
  EXPECT_EQ(moved.status, 400);
  EXPECT_EQ(moved.json().at("errors").at(0).at("pointer").as_string(), "/settings/api_key") << moved.text;
}

TEST_F(SourcesApiTest, TellsOfTypesAndPolls) {
  const auto types = get("/sources/types");
  ASSERT_EQ(types.status, 200);
  const auto items = types.json().at("items");
  const auto& fake = items.at(1);
  EXPECT_EQ(fake.at("name"), "fake");
  EXPECT_EQ(fake.at("label"), "Fake");
  EXPECT_EQ(fake.at("example_url"), "https://fake.example/");
  EXPECT_EQ(fake.at("polled"), true);
  const auto& settings = fake.at("settings");
  EXPECT_EQ(settings.at(1).at("default"), 5);
  EXPECT_EQ(settings.at(1).at("label"), "Count");
  EXPECT_EQ(settings.at(2).at("label"), "Key");
  const auto& direct = items.at(0);
  EXPECT_EQ(direct.at("label"), "Added by hand");
  EXPECT_TRUE(direct.at("example_url").is_null());
  EXPECT_EQ(direct.at("polled"), false);
  EXPECT_EQ(get(make("Cats") + "/polls").text, R"({"items":[],"next_cursor":null})");
  EXPECT_EQ(get("/sources/999/polls").status, 404);
}

}  // namespace
}  // namespace creel
