#include "api/source_body.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/counts_cache.h"
#include "api/kinds_for_test.h"
#include "api/problem.h"
#include "api/source_json.h"
#include "sources/source_kinds.h"

namespace creel {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SourceBodyTest : public ::testing::Test {
 protected:
  NewSource read(std::string_view body) { return read_new_source(json::parse(body).get_object(), kinds_); }
  SourceDefinition change(const SourceDefinition& old, std::string_view body) {
    return read_changed_source(json::parse(body).get_object(), old, kinds_);
  }

  std::vector<std::string> pointers(std::string_view body) {
    return pointers_of([&] { read(body); });
  }
  std::vector<std::string> change_pointers(const SourceDefinition& old, std::string_view body) {
    return pointers_of([&] { change(old, body); });
  }

  template <class Work>
  std::vector<std::string> pointers_of(Work work) {
    try {
      work();
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status(), 400);
      std::vector<std::string> pointers;
      for (const auto& error : problem.errors()) pointers.push_back(error.pointer);
      return pointers;
    }
    return {};
  }

  const SourceKinds kinds_{testing::kinds_for_test()};
};

TEST_F(SourceBodyTest, ReadsAWholeSource) {
  const auto source = read(R"({"name":" Cats ","type":"fake","url":"https://a.example","interval":"2h","rate_limit":30,
                               "settings":{"tag":"cat","api_key":"k3y"},"start":true})");
  const auto& definition = source.definition;
  EXPECT_TRUE(source.start);
  EXPECT_EQ(definition.name, "Cats");
  EXPECT_EQ(definition.interval, std::chrono::hours(2));
  EXPECT_EQ(definition.rate_limit, 30.0);
  EXPECT_EQ(definition.settings.at("tag"), "\"cat\"");
  EXPECT_EQ(definition.settings.at("count"), "5");
  EXPECT_FALSE(definition.settings.contains("api_key"));
  EXPECT_EQ(definition.secrets.at("api_key").reveal(), "k3y");
}

class DailyKind final : public SourceKind {
 public:
  std::string_view name() const override { return "daily"; }
  std::string_view help() const override { return "for tests"; }
  UrlUse url_use() const override { return UrlUse::none; }
  std::span<const SettingSpec> settings() const override { return {}; }
  SourceDefaults defaults() const override { return {.interval = std::chrono::hours(24), .rate_limit = 10}; }
  Task<void> poll(const SourceConfig&, PollRun&) const override { co_return; }
};

TEST_F(SourceBodyTest, TakesTheIntervalOfTheKindUnlessItIsTold) {
  std::vector<std::unique_ptr<const SourceKind>> kinds;
  kinds.push_back(std::make_unique<DailyKind>());
  const SourceKinds daily(std::move(kinds));
  const auto read_daily = [&daily](std::string_view body) {
    return read_new_source(json::parse(body).get_object(), daily).definition;
  };
  EXPECT_EQ(read_daily(R"({"name":"n","type":"daily"})").interval, std::chrono::hours(24));
  EXPECT_EQ(read_daily(R"({"name":"n","type":"daily"})").rate_limit, 10);
  EXPECT_EQ(read_daily(R"({"name":"n","type":"daily","interval":60})").interval, std::chrono::seconds(60));
  EXPECT_EQ(read_daily(R"({"name":"n","type":"daily","rate_limit":null})").rate_limit, std::nullopt);
}

TEST_F(SourceBodyTest, TakesAnIntervalInSecondsOrAsADuration) {
  const auto interval = [&](std::string_view text) {
    return read(fmt::format(
                    R"({{"name":"n","type":"fake","url":"https://a.example","settings":{{"tag":"x"}},"interval":{}}})",
                    text))
        .definition.interval.count();
  };
  EXPECT_EQ(interval("90"), 90);
  EXPECT_EQ(interval("\"90s\""), 90);
  EXPECT_EQ(interval("\"2d\""), 172'800);
  EXPECT_EQ(interval("null"), 3600);
}

TEST_F(SourceBodyTest, PointsToEveryFieldThatIsWrong) {
  EXPECT_THAT(pointers(R"({"type":"fake","url":"ftp://a","interval":0,"rate_limit":-1,"color":"red",
                           "settings":{"count":11,"size":3}})"),
              ::testing::UnorderedElementsAre("/name", "/url", "/interval", "/rate_limit", "/color", "/settings/tag",
                                              "/settings/count", "/settings/size"));
  EXPECT_THAT(pointers(R"({"name":"n","type":"fake","url":"https://a.example","interval":"soon","settings":5})"),
              ::testing::Contains("/interval"));
  EXPECT_THAT(pointers(R"({"name":"n","type":"nothing"})"), ElementsAre("/type"));
  EXPECT_THAT(pointers(R"({"name":"n","type":"fake","url":"https://a.example","settings":{"tag":"forbidden"}})"),
              ElementsAre("/settings/tag"));
  EXPECT_THAT(pointers(R"({"name":"n","type":"fake","url":"https://a.example","settings":{"tag":"a\u0000"}})"),
              ::testing::Contains("/settings"));
  EXPECT_THAT(
      pointers(R"({"name":"n","type":"fake","url":"https://a.example","settings":{"tag":"a","api_key":"***"}})"),
      ::testing::Contains("/settings"));
}

TEST_F(SourceBodyTest, ChangesOnlyWhatIsNamed) {
  const auto old = read(R"({"name":"Cats","type":"fake","url":"https://a.example","rate_limit":30,
                            "settings":{"tag":"cat","count":7,"api_key":"k3y"}})")
                       .definition;
  const auto changed = change(old, R"({"interval":"1d","rate_limit":null,"settings":{"tag":"dog","count":null}})");
  EXPECT_EQ(changed.name, "Cats");
  EXPECT_EQ(changed.url, "https://a.example");
  EXPECT_EQ(changed.interval, std::chrono::hours(24));
  EXPECT_FALSE(changed.rate_limit);
  EXPECT_EQ(changed.settings.at("tag"), "\"dog\"");
  EXPECT_EQ(changed.settings.at("count"), "5");
  EXPECT_EQ(changed.secrets.at("api_key").reveal(), "k3y");
}

TEST_F(SourceBodyTest, KeepsASecretThatIsSentAsItWasShown) {
  const auto old =
      read(R"({"name":"Cats","type":"fake","url":"https://a.example","settings":{"tag":"cat","api_key":"k3y"}})")
          .definition;
  EXPECT_EQ(change(old, R"({"settings":{"api_key":"***"}})").secrets.at("api_key").reveal(), "k3y");
  EXPECT_EQ(change(old, R"({"settings":{"api_key":"new"}})").secrets.at("api_key").reveal(), "new");
  EXPECT_FALSE(change(old, R"({"settings":{"api_key":null}})").secrets.contains("api_key"));
}

TEST_F(SourceBodyTest, SendsNoSecretToAnotherServerThanItWasGivenFor) {
  const auto old =
      read(R"({"name":"Cats","type":"fake","url":"https://a.example/1","settings":{"tag":"cat","api_key":"k3y"}})")
          .definition;
  for (const auto* body :
       {R"({"url":"https://evil.example/1"})", R"({"url":"http://a.example/1"})",
        R"({"url":"https://a.example:8443/1"})", R"({"url":"https://evil.example/1","settings":{"api_key":"***"}})",
        R"({"settings":{"server":"https://evil.example"}})",
        R"({"settings":{"server":"https://evil.example","api_key":"***"}})"}) {
    EXPECT_THAT(change_pointers(old, body), ElementsAre("/settings/api_key")) << body;
  }
  const auto moved = change(old, R"({"url":"https://b.example","settings":{"api_key":"new"}})");
  EXPECT_EQ(moved.secrets.at("api_key").reveal(), "new");
  EXPECT_TRUE(change(old, R"({"url":"https://b.example","settings":{"api_key":null}})").secrets.empty());
}

TEST_F(SourceBodyTest, KeepsSecretsAtTheSameServer) {
  const auto old =
      read(R"({"name":"Cats","type":"fake","url":"https://a.example/1","settings":{"tag":"cat","api_key":"k3y"}})")
          .definition;
  for (const auto* body : {R"({"url":"https://a.example:443/2","settings":{"api_key":"***"}})",
                           R"({"settings":{"server":"https://api.example/v2"}})", R"({"settings":{"server":null}})"}) {
    EXPECT_EQ(change(old, body).secrets.at("api_key").reveal(), "k3y") << body;
  }
}

TEST_F(SourceBodyTest, BeginsSettingsAnewUnderAnotherType) {
  const auto old =
      read(R"({"name":"Cats","type":"fake","url":"https://a.example","settings":{"tag":"cat","api_key":"k3y"}})")
          .definition;
  const auto changed = change(old, R"({"type":"direct","url":null})");
  EXPECT_TRUE(changed.settings.empty());
  EXPECT_TRUE(changed.secrets.empty());
}

TEST_F(SourceBodyTest, NeverShowsASecret) {
  SourceRecord source{.id = SourceId{4}};
  source.definition =
      read(R"({"name":"Cats","type":"fake","url":"https://a.example","settings":{"tag":"cat","api_key":"k3y"}})")
          .definition;
  const auto text = source_json(source, kinds_, {1, 2, 3, 4, 5});
  EXPECT_EQ(text, R"({"id":4,"name":"Cats","type":"fake","url":"https://a.example","interval":3600,"rate_limit":null,)"
                  R"("state":"stopped","blocked_until":null,"reason":null,"last_poll":null,"next_poll":null,)"
                  R"("counts":{"pending":1,"storing":2,"stored":3,"failed":4,"deleted":5},)"
                  R"("settings":{"api_key":"***","count":5,"server":"https://api.example","tag":"cat"}})");
  source.definition.secrets.clear();
  EXPECT_THAT(source_json(source, kinds_, {}), HasSubstr(R"("api_key":null)"));
}

TEST_F(SourceBodyTest, RefusesIntervalsAndRatesThatMakeNoSense) {
  const auto wrong = [&](std::string_view field, std::string_view value) {
    return pointers(fmt::format(
        R"({{"name":"n","type":"fake","url":"https://a.example","settings":{{"tag":"x"}},"{}":{}}})", field, value));
  };
  for (const auto* interval : {"0", "-5", "0.5", "1e300", "-1e300", "31622401", "true", "\"0s\"", "\"-1h\"",
                               "\"1e300d\"", "\"nan\"", "\"367d\"", "\"\"", "[]"}) {
    EXPECT_THAT(wrong("interval", interval), ElementsAre("/interval")) << interval;
  }
  for (const auto* rate : {"1e-30", "0", "-1", "0.0009", "1e300", "1000001", "\"30\"", "true"}) {
    EXPECT_THAT(wrong("rate_limit", rate), ElementsAre("/rate_limit")) << rate;
  }
  for (const auto* rate : {"0.001", "1000000", "null"})
    EXPECT_THAT(wrong("rate_limit", rate), ::testing::IsEmpty()) << rate;
}

}  // namespace
}  // namespace creel
