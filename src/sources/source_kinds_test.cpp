#include "sources/source_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TestKind : public SourceKind {
 public:
  TestKind(std::string name, UrlUse url_use, std::vector<SettingSpec> specs)
      : name_(std::move(name)), url_use_(url_use), specs_(std::move(specs)) {}

  std::string_view name() const override { return name_; }
  std::string_view help() const override { return "for tests"; }
  UrlUse url_use() const override { return url_use_; }
  std::span<const SettingSpec> settings() const override { return specs_; }
  bool takes_files() const override { return name_ == "files"; }
  std::vector<SettingError> check(const SourceConfig& source) const override {
    if (source.text("tag") == "forbidden") return {{"/settings/tag", "is not for us"}};
    return {};
  }
  Task<void> poll(const SourceConfig&, PollRun&) const override { co_return; }

 private:
  std::string name_;
  UrlUse url_use_;
  std::vector<SettingSpec> specs_;
};

SourceKinds kinds() {
  using enum SettingType;
  std::vector<SettingSpec> specs{
      {.name = "tag", .type = text, .is_required = true, .help = "the tag"},
      {.name = "client_id", .type = secret},
      {.name = "api_url", .type = url, .default_value = R"("https://api.example/")"},
      {.name = "pages", .type = integer, .default_value = "3", .min = 1, .max = 10},
      {.name = "ratio", .type = number, .min = 0},
      {.name = "nsfw", .type = boolean},
      {.name = "sort", .type = one_of, .choices = {"new", "top"}},
      {.name = "headers", .type = headers},
      {.name = "words", .type = text_list},
  };
  std::vector<std::unique_ptr<const SourceKind>> all;
  all.push_back(std::make_unique<TestKind>("api", SourceKind::UrlUse::optional, specs));
  all.push_back(std::make_unique<TestKind>("feed", SourceKind::UrlUse::needed, std::vector<SettingSpec>{}));
  all.push_back(std::make_unique<TestKind>("files", SourceKind::UrlUse::needed, std::vector<SettingSpec>{}));
  all.push_back(std::make_unique<TestKind>("none", SourceKind::UrlUse::none, std::vector<SettingSpec>{}));
  std::vector<SettingSpec> keyed{{.name = "key", .type = secret, .is_required = true}};
  all.push_back(std::make_unique<TestKind>("keyed", SourceKind::UrlUse::none, keyed));
  return SourceKinds(std::move(all));
}

SourceConfig source(const std::string& type, std::map<std::string, std::string> settings = {}) {
  return {.name = "a", .type = type, .url = "", .settings = std::move(settings), .secrets = {}};
}

/// The pointer of the only error, and its message.
std::pair<std::string, std::string> only_error(SourceConfig config) {
  const auto errors = kinds().check(config);
  EXPECT_THAT(errors, SizeIs(1));
  if (errors.empty()) return {};
  return {errors[0].pointer, errors[0].message};
}

std::string error_of(const std::string& setting, const std::string& value) {
  const auto [pointer, message] = only_error(source("api", {{"tag", R"("t")"}, {setting, value}}));
  EXPECT_EQ(pointer, "/settings/" + setting);
  return message;
}

TEST(SourceKinds, CompletesASourceWithDefaultsAndMovesItsSecretsApart) {
  auto config = source("api", {{"tag", R"("  sea ")"},
                               {"client_id", R"(" abc ")"},
                               {"pages", "4.0"},
                               {"sort", R"("top")"},
                               {"headers", R"({"Accept":"image/*"})"},
                               {"words", R"(["a"," b "])"},
                               {"nsfw", "true"}});
  EXPECT_THAT(kinds().check(config), IsEmpty());

  EXPECT_EQ(config.text("tag"), "sea");
  EXPECT_EQ(config.secret("client_id").reveal(), "abc");
  EXPECT_FALSE(config.settings.contains("client_id"));
  EXPECT_EQ(config.text("api_url"), "https://api.example/");
  EXPECT_EQ(config.integer("pages"), 4);
  EXPECT_EQ(config.number("pages"), 4.0);
  EXPECT_EQ(config.integer("ratio"), std::nullopt);
  EXPECT_TRUE(config.flag("nsfw"));
  EXPECT_THAT(config.texts("words"), ElementsAre("a", "b"));
  EXPECT_THAT(config.pairs("headers"), ElementsAre(std::pair<std::string, std::string>("Accept", "image/*")));
}

TEST(SourceKinds, CheckingASecondTimeChangesNothing) {
  auto config = source("api", {{"tag", R"("sea")"}, {"client_id", R"("abc")"}});
  kinds().check(config);
  const auto before = config;
  EXPECT_THAT(kinds().check(config), IsEmpty());
  EXPECT_EQ(config.settings, before.settings);
  EXPECT_EQ(config.secrets, before.secrets);
}

TEST(SourceKinds, WhatIsNullOrEmptyIsNotGiven) {
  auto config = source(
      "api", {{"tag", R"("sea")"}, {"pages", "null"}, {"api_url", R"("")"}, {"sort", R"(" ")"}, {"client_id", "null"}});
  config.secrets["client_id"] = Secret("old");
  EXPECT_THAT(kinds().check(config), IsEmpty());
  EXPECT_EQ(config.integer("pages"), 3);
  EXPECT_EQ(config.text("sort"), std::nullopt);
  EXPECT_TRUE(config.secret("client_id").empty());
}

TEST(SourceKinds, NamesEachWrongField) {
  auto config = source("api", {{"pages", "11"}, {"sort", R"("old")"}, {"nsfw", R"("yes")"}});
  config.name = "";
  config.url = "feed.example";
  std::vector<std::string> pointers;
  for (const auto& error : kinds().check(config)) pointers.push_back(error.pointer);
  EXPECT_THAT(pointers,
              ElementsAre("/name", "/url", "/settings/tag", "/settings/pages", "/settings/nsfw", "/settings/sort"));
}

TEST(SourceKinds, SaysWhatIsWrongWithAValue) {
  EXPECT_EQ(error_of("pages", "0"), "must be from 1 to 10");
  EXPECT_EQ(error_of("pages", "1.5"), "must be a whole number");
  EXPECT_EQ(error_of("pages", R"("3")"), "must be a whole number without quotes");
  EXPECT_EQ(error_of("pages", "18446744073709551615"), "must be a whole number");
  EXPECT_EQ(error_of("ratio", "-0.5"), "must be at least 0");
  EXPECT_EQ(error_of("ratio", "[]"), "must be a number without quotes");
  EXPECT_EQ(error_of("nsfw", "1"), "must be true or false, without quotes");
  EXPECT_EQ(error_of("sort", R"("old")"), "must be one of new, top");
  EXPECT_THAT(error_of("api_url", R"("ftp://a.example")"), HasSubstr("ftp"));
  EXPECT_EQ(error_of("client_id", "7"), "must be a text in quotes");
  EXPECT_THAT(error_of("words", R"("a")"), HasSubstr("must be a list of texts"));
  EXPECT_EQ(error_of("client_id", R"("a\u0000b")"), "must not hold the character U+0000");
  EXPECT_EQ(error_of("pages", "{"), "is no JSON");
}

TEST(SourceKinds, PointsIntoListsAndObjects) {
  const std::string tag = R"("t")";
  EXPECT_EQ(only_error(source("api", {{"tag", tag}, {"words", R"(["a",7])"}})).first, "/settings/words/1");
  EXPECT_EQ(only_error(source("api", {{"tag", tag}, {"headers", R"({"A/b":"c"})"}})).first, "/settings/headers/A~1b");
  EXPECT_EQ(only_error(source("api", {{"tag", tag}, {"headers", R"({"Host":"c"})"}})).first, "/settings/headers/Host");
}

TEST(SourceKinds, ARequiredSettingIsMissedWithItsHelp) {
  EXPECT_EQ(only_error(source("api")).second, "is missing (the tag)");
  EXPECT_EQ(only_error(source("keyed")), std::pair(std::string("/settings/key"), std::string("is missing")));
  auto keyed = source("keyed");
  keyed.secrets["key"] = Secret("given before");
  EXPECT_THAT(kinds().check(keyed), IsEmpty());
}

TEST(SourceKinds, AnUnknownSettingIsRefusedWithTheNearest) {
  EXPECT_THAT(error_of("pagse", "3"), HasSubstr("did you mean 'pages'?"));
  EXPECT_THAT(error_of("zzzzzzzz", "3"), HasSubstr("there are: tag, client_id"));
  auto feed = source("feed", {{"a~/b", "1"}});
  feed.url = "https://a.example/feed";
  EXPECT_EQ(only_error(feed).first, "/settings/a~0~1b");
  EXPECT_THAT(only_error(feed).second, HasSubstr("have no settings"));
}

TEST(SourceKinds, AnUnknownTypeIsRefusedWithTheNearest) {
  EXPECT_EQ(only_error(source("fed")),
            std::pair(std::string("/type"), std::string("there is no such type: did you mean 'feed'?")));
  EXPECT_THAT(only_error(source("")).second, HasSubstr("there are: api, feed"));
}

TEST(SourceKinds, ChecksTheUrlAsTheKindUsesIt) {
  EXPECT_THAT(only_error(source("feed")).second, HasSubstr("is missing"));
  auto with_url = source("none");
  with_url.url = "https://a.example/";
  EXPECT_THAT(only_error(with_url).second, HasSubstr("leave it out"));
  auto file = source("files");
  file.url = " lists/urls.txt ";
  EXPECT_THAT(kinds().check(file), IsEmpty());
  EXPECT_EQ(file.url, "lists/urls.txt");
  file.url = "ftp://a.example/urls.txt";
  EXPECT_EQ(only_error(file).first, "/url");
}

TEST(SourceKinds, ANameMustDoAsAFolder) {
  auto config = source("none");
  config.name = "Sunsets, über 2024";
  EXPECT_THAT(kinds().check(config), IsEmpty());
  for (const auto& name : {std::string("../x"), std::string("a\nb"), std::string("/a"), std::string("a/b"),
                           std::string(101, 'a'), std::string("\xff")}) {
    config.name = name;
    EXPECT_EQ(only_error(config).first, "/name") << name;
  }
}

TEST(SourceKinds, AsksTheKindWhenAllElseIsRight) {
  EXPECT_EQ(only_error(source("api", {{"tag", R"("forbidden")"}})).second, "is not for us");
}

}  // namespace
}  // namespace creel
