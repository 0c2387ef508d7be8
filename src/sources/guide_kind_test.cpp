#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/fake_poll_run.h"
#include "sources/preset_kind.h"
#include "sources/setting_check.h"
#include "support/run_task.h"

namespace creel {

/// Built from the text of docs/guide/add-a-source.md.
std::unique_ptr<const SourceKind> xkcd_kind();

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string comic(int number) {
  return fmt::format(R"({{"month":"3","num":{0},"link":"","year":"2024","news":"","safe_title":"T{0}","transcript":"",)"
                     R"("alt":"A{0}","img":"https://imgs.xkcd.com/comics/{0}.png","title":"T{0}","day":"5"}})",
                     number);
}

std::vector<SettingError> completed(const SourceKind& kind, SourceConfig& source) {
  std::vector<SettingError> errors;
  check_settings(kind.settings(), source, errors);
  return errors.empty() ? kind.check(source) : errors;
}

/// The page's first block in that language.
std::string block(const std::string& language) {
  const auto page = creel::testing::file_text(CREEL_ADD_A_SOURCE);
  const auto begin = page.find("```" + language + "\n") + 4 + language.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

TEST(AddASourceGuide, ItsKindPollsUntilAnImageIsKnown) {
  const auto kind = xkcd_kind();
  SourceConfig source;
  ASSERT_THAT(completed(*kind, source), IsEmpty());
  creel::testing::FakePollRun run;
  run.answer("https://xkcd.com/info.0.json", comic(3));
  run.answer("https://xkcd.com/2/info.0.json", comic(2));
  run.answer("https://xkcd.com/1/info.0.json", comic(1));
  run.know("1");
  boost::asio::io_context loop;
  creel::testing::run(loop, kind->poll(source, run));
  EXPECT_THAT(run.urls(), ElementsAre("https://xkcd.com/info.0.json", "https://xkcd.com/2/info.0.json",
                                      "https://xkcd.com/1/info.0.json"));
  EXPECT_EQ(run.records()[0].image_url, "https://imgs.xkcd.com/comics/3.png");
  EXPECT_EQ(run.records()[1].description, "A2");
}

TEST(AddASourceGuide, ItsPresetWorks) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("creel-guide-{}", ::getpid());
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "xkcd.toml") << block("toml");
  const auto kinds = preset_kinds(std::make_shared<JqRunner>(CREEL_JQ_PROGRAM), folder);
  std::filesystem::remove_all(folder);
  const auto found = std::ranges::find(kinds, "xkcd-by-number", [](const auto& kind) { return kind->name(); });
  ASSERT_NE(found, kinds.end());
  SourceConfig source;
  source.settings["number"] = "614";
  ASSERT_THAT(completed(**found, source), IsEmpty());
  creel::testing::FakePollRun run;
  run.answer("https://xkcd.com/614/info.0.json", comic(614));
  boost::asio::io_context loop;
  creel::testing::run(loop, (*found)->poll(source, run));
  ASSERT_EQ(run.records().size(), 1U);
  EXPECT_EQ(run.records()[0].image_id, "614");
  EXPECT_EQ(run.records()[0].published_at, std::chrono::sys_days(std::chrono::year(2024) / 3 / 5));
}

}  // namespace
}  // namespace creel
