#include "cli/setting_value.h"

#include <filesystem>
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

namespace json = boost::json;

const json::value kTypes = json::parse(R"({"items": [
  {"name": "other", "settings": [{"name": "pages", "type": "text"}]},
  {"name": "json", "settings": [
    {"name": "program", "type": "text"}, {"name": "pages", "type": "integer"}, {"name": "deep", "type": "boolean"},
    {"name": "headers", "type": "headers"}, {"name": "tags", "type": "text_list"}, {"name": "key", "type": "secret"}]}]})");

json::object settings(SettingFlags flags) {
  return settings_json(flags, "json", kTypes);
}

TEST(SettingValue, GivesEachSettingTheTypeOfItsKind) {
  EXPECT_EQ(settings({.values = {"program=.items[]", "pages=3", "deep=true"}}),
            (json::object{{"program", ".items[]"}, {"pages", 3}, {"deep", true}}));
}

TEST(SettingValue, TakesASecretOutOfAFileAlone) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "creel-setting-secret";
  std::ofstream(file) << "123\n";
  EXPECT_EQ(settings({.files = {"key=" + file.string()}}), (json::object{{"key", "123"}}));
  std::filesystem::remove(file);
  try {
    settings({.values = {"key=hidden"}});
    FAIL() << "it was taken from the command line";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    EXPECT_NE(std::string(failure.what()).find("--set-file key=FILE"), std::string::npos);
    EXPECT_EQ(std::string(failure.what()).find("hidden"), std::string::npos);
  }
}

TEST(SettingValue, LeavesWhatIsWrongToTheApi) {
  EXPECT_EQ(settings({.values = {"pages=many", "deep=1", "unknown=1"}}),
            (json::object{{"pages", "many"}, {"deep", "1"}, {"unknown", "1"}}));
}

TEST(SettingValue, MakesListsOfWhatIsSaidAgain) {
  EXPECT_EQ(settings({.values = {"tags=a", "tags=b,c"}}).at("tags"), (json::array{"a", "b,c"}));
  EXPECT_EQ(settings({.values = {R"(tags=["a"])"}}).at("tags"), (json::array{"a"}));
}

TEST(SettingValue, TakesHeadersOneByOneOrAll) {
  EXPECT_EQ(settings({.values = {"headers.Referer=https://a.example/?a=b", "headers.X=1"}}).at("headers"),
            (json::object{{"Referer", "https://a.example/?a=b"}, {"X", "1"}}));
  EXPECT_EQ(settings({.values = {R"(headers={"A":"b"})"}}).at("headers"), (json::object{{"A", "b"}}));
}

TEST(SettingValue, UnsetsAndRefuses) {
  EXPECT_EQ(settings({.unset = {"pages"}}), (json::object{{"pages", nullptr}}));
  EXPECT_THROW(settings({.values = {"pages"}}), Failure);
  EXPECT_THROW(settings({.values = {"=1"}}), Failure);
  EXPECT_THROW(settings({.files = {"program=/nowhere/at/all"}}), Failure);
}

}  // namespace
}  // namespace creel
