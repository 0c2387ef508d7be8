#include "sources/preset_kind.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "sources/fake_poll_run.h"
#include "sources/setting_check.h"
#include "sources/text_time.h"
#include "support/run_task.h"

namespace creel {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

/// One preset, polled with answers that were written down.
class PresetTest : public ::testing::Test {
 protected:
  void use(const std::string& name) {
    const auto jq = std::make_shared<JqRunner>(CREEL_JQ_PROGRAM);
    for (auto& kind : preset_kinds(jq, {})) {
      if (kind->name() == name) kind_ = std::move(kind);
    }
    ASSERT_NE(kind_, nullptr) << name;
    source_.type = name;
  }
  void set(const std::string& name, std::string json) { source_.settings[name] = std::move(json); }

  std::string page(const std::string& name) {
    return creel::testing::file_text(std::string(CREEL_TEST_DATA "/presets/") + name + ".json");
  }
  void answer(const std::string& url, const std::string& file) { run_.answer(url, page(file)); }

  void poll() {
    std::vector<SettingError> errors;
    check_settings(kind_->settings(), source_, errors);
    if (errors.empty()) errors = kind_->check(source_);
    for (const auto& error : errors) FAIL() << error.pointer << ": " << error.message;
    creel::testing::run(loop_, kind_->poll(source_, run_));
  }

  boost::asio::io_context loop_;
  std::unique_ptr<const SourceKind> kind_;
  SourceConfig source_;
  creel::testing::FakePollRun run_;
};

TEST_F(PresetTest, HasHelpForEverySetting) {
  const auto jq = std::make_shared<JqRunner>(CREEL_JQ_PROGRAM);
  const auto kinds = preset_kinds(jq, {});
  EXPECT_THAT(kinds, SizeIs(7));
  for (const auto& kind : kinds) {
    EXPECT_TRUE(kind->is_preset());
    EXPECT_FALSE(kind->help().empty());
    EXPECT_TRUE(kind->defaults().interval.has_value()) << kind->name();
    for (const auto& spec : kind->settings()) EXPECT_FALSE(spec.help.empty()) << kind->name() << ' ' << spec.name;
  }
}

TEST_F(PresetTest, WikimediaCommons) {
  use("wikimedia-commons");
  set("category", "\"Lighthouses in Norway & Sweden\"");
  const std::string first =
      "https://commons.wikimedia.org/w/api.php?action=query&format=json&formatversion=2&gcmdir=desc&gcmlimit=50"
      "&gcmsort=timestamp&gcmtitle=Category%3ALighthouses%20in%20Norway%20%26%20Sweden&gcmtype=file&generator="
      "categorymembers"
      "&iiextmetadatafilter=ImageDescription%7CArtist%7CCredit%7CLicenseShortName%7CLicenseUrl&iiextmetadatalanguage=en"
      "&iiprop=url%7Csize%7Cmime%7Csha1%7Cuser%7Ctimestamp%7Cextmetadata&prop=imageinfo";
  answer(first, "wikimedia-commons-1");
  answer(first + "&gcmcontinue=2023-08-11%2009%3A14%3A27%7C136002741&continue=gcmcontinue%7C%7C",
         "wikimedia-commons-2");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(3));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.image_id, "98211530");
  EXPECT_EQ(record.image_url, "https://upload.wikimedia.org/wikipedia/commons/a/a7/Lindesnes_fyr_2021.jpg");
  EXPECT_EQ(record.title, "Lindesnes fyr 2021");
  EXPECT_EQ(record.description, "Lindesnes lighthouse & museum, Norway");
  EXPECT_EQ(record.attribution_name, "Kari Nordmann");
  EXPECT_EQ(record.page_url, "https://commons.wikimedia.org/wiki/File:Lindesnes_fyr_2021.jpg");
  EXPECT_EQ(record.type, "image/jpeg");
  EXPECT_EQ(record.width, 5184U);
  EXPECT_EQ(record.height, 3456U);
  EXPECT_EQ(record.published_at, iso_time("2021-01-09T17:20:02Z"));
  EXPECT_THAT(record.meta, Contains(Pair("license", "CC BY-SA 4.0")));
  EXPECT_THAT(record.meta, Contains(Pair("credit", "Own work")));
  EXPECT_EQ(run_.records()[1].title, "Færder.fyr");
  EXPECT_EQ(run_.records()[1].attribution_name, "Tegner");
  EXPECT_EQ(run_.records()[2].image_id, "12056");
}

TEST_F(PresetTest, WikimediaCommonsTellsOfAnError) {
  use("wikimedia-commons");
  set("category", "\"X\"");
  set("api_url", "\"https://wiki.example/w/api.php/\"");
  try {
    run_.set_default(R"({"error":{"code":"maxlag","info":"Waiting for 10.64: 5 seconds lagged."}})");
    poll();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_STREQ(failure.what(), "the jq program ends with an error: maxlag: Waiting for 10.64: 5 seconds lagged.");
  }
  EXPECT_TRUE(run_.urls()[0].starts_with("https://wiki.example/w/api.php?")) << run_.urls()[0];
}

TEST_F(PresetTest, NasaPictureOfTheDay) {
  use("nasa-apod");
  answer("https://api.nasa.gov/planetary/apod", "nasa-apod");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(1));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.image_id, "2024-03-09");
  EXPECT_EQ(record.image_url, "https://apod.nasa.gov/apod/image/2403/Cloud_4096.jpg");
  EXPECT_EQ(record.title, "A Cloud That Is None");
  EXPECT_EQ(record.attribution_name, "Ada Lovelace");
  EXPECT_EQ(record.page_url, "https://apod.nasa.gov/apod/ap240309.html");
  EXPECT_EQ(record.published_at, iso_time("2024-03-09"));
  EXPECT_EQ(run_.requests()[0].headers.find("X-Api-Key"), "DEMO_KEY");
}

TEST_F(PresetTest, NasaPicturesSinceADay) {
  use("nasa-apod");
  set("since", "\"2024-03-07\"");
  source_.secrets["api_key"] = Secret("mine");
  answer("https://api.nasa.gov/planetary/apod?start_date=2024-03-07", "nasa-apod-since");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(2));
  EXPECT_EQ(run_.records()[0].image_id, "2024-03-09");
  EXPECT_EQ(run_.records()[1].image_url, "https://apod.nasa.gov/apod/image/2403/Older_1024.jpg");
  EXPECT_EQ(run_.records()[1].attribution_name, "NASA");
  EXPECT_EQ(run_.requests()[0].headers.find("X-Api-Key"), "mine");
}

TEST_F(PresetTest, Reddit) {
  use("reddit");
  set("subreddit", "\"EarthPorn\"");
  answer("https://www.reddit.com/r/EarthPorn/new.json?limit=100&raw_json=1", "reddit-1");
  answer("https://www.reddit.com/r/EarthPorn/new.json?limit=100&raw_json=1&after=t3_1bc0004", "reddit-2");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(3));
  const auto& picture = run_.records()[0];
  EXPECT_EQ(picture.image_id, "1bc0001");
  EXPECT_EQ(picture.image_url, "https://i.redd.it/abcdef123456.jpeg");
  EXPECT_EQ(picture.title, "Clouds over Senja, Norway [OC] [3978x2743]");
  EXPECT_EQ(picture.description, std::nullopt);
  EXPECT_EQ(picture.attribution_name, "peak_walker");
  EXPECT_EQ(picture.attribution_url, "https://www.reddit.com/user/peak_walker");
  EXPECT_EQ(picture.page_url, "https://www.reddit.com/r/EarthPorn/comments/1bc0001/clouds_over_senja/");
  EXPECT_EQ(picture.width, 3978U);
  EXPECT_EQ(picture.nsfw, false);
  EXPECT_EQ(picture.published_at, epoch_time(1710000000));
  const auto& first = run_.records()[1];
  EXPECT_EQ(first.image_id, "1bc0002-m1");
  EXPECT_EQ(first.image_url, "https://preview.redd.it/m1.jpg?width=4000&format=pjpg&auto=webp&s=22");
  EXPECT_EQ(first.description, "Two views");
  EXPECT_EQ(first.attribution_url, std::nullopt);
  EXPECT_EQ(first.width, 4000U);
  EXPECT_EQ(first.nsfw, true);
  EXPECT_THAT(first.meta, Contains(Pair("caption", "the first")));
  EXPECT_EQ(run_.records()[2].image_url, "https://i.redd.it/m2.gif");
}

TEST_F(PresetTest, MastodonTag) {
  use("mastodon-tag");
  set("tag", "\"macro\"");
  answer("https://mastodon.social/api/v1/timelines/tag/macro?limit=40&only_media=true", "mastodon-tag-1");
  run_.answer("https://mastodon.social/api/v1/timelines/tag/macro?limit=40&only_media=true&max_id=112100000000000000",
              "[]");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(2));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.image_id, "112100000000000001");
  EXPECT_EQ(record.image_url, "https://files.example/media_attachments/files/1/original/a.jpg");
  EXPECT_EQ(record.title, "Spiders");
  EXPECT_EQ(record.description, "One & another See #macro");
  EXPECT_EQ(record.attribution_id, "109");
  EXPECT_EQ(record.attribution_name, "Eva 🕷");
  EXPECT_EQ(record.attribution_url, "https://fediphoto.example/@eva");
  EXPECT_EQ(record.page_url, "https://fediphoto.example/@eva/1");
  EXPECT_EQ(record.width, 1440U);
  EXPECT_EQ(record.nsfw, true);
  EXPECT_EQ(record.published_at, iso_time("2024-03-15T10:20:30Z"));
  EXPECT_THAT(record.meta, Contains(Pair("alt_text", "A spider on a leaf")));
  EXPECT_THAT(record.meta, Contains(Pair("tags", R"(["macro"])")));
  EXPECT_EQ(run_.records()[1].image_url, "https://elsewhere.example/moth.webp");
  EXPECT_EQ(run_.records()[1].description, "A moth at night");
  EXPECT_EQ(run_.records()[1].attribution_name, "bo");
}

TEST_F(PresetTest, FlickrFeed) {
  use("flickr-feed");
  set("tags", R"(["lighthouse","north sea"])");
  answer(
      "https://www.flickr.com/services/feeds/photos_public.gne?format=json&nojsoncallback=1&tagmode=all"
      "&tags=lighthouse%2Cnorth%20sea",
      "flickr-feed");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(1));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.image_id, "53590000001");
  EXPECT_EQ(record.image_url, "https://live.staticflickr.com/65535/53590000001_0a1b2c3d4e_b.jpg");
  EXPECT_EQ(record.title, "St. Mary's");
  EXPECT_EQ(record.description, "Low tide & light");
  EXPECT_EQ(record.attribution_id, "12345678@N00");
  EXPECT_EQ(record.attribution_name, "Coast Watcher");
  EXPECT_EQ(record.page_url, "https://www.flickr.com/photos/coastwatcher/53590000001/");
  EXPECT_EQ(record.published_at, iso_time("2024-03-15T11:02:03Z"));
  EXPECT_THAT(record.meta, Contains(Pair("tags", "lighthouse coast")));
}

TEST_F(PresetTest, Lemmy) {
  use("lemmy");
  set("community", "\"pics@lemmy.ml\"");
  const std::string first =
      "https://lemmy.world/api/v3/post/list?community_name=pics%40lemmy.ml&limit=50&sort=New&type_=All";
  answer(first, "lemmy-1");
  answer(first + "&page_cursor=Pa0b1c", "lemmy-2");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(2));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.image_id, "https://lemmy.example/post/331");
  EXPECT_EQ(record.image_url, "https://lemmy.example/pictrs/image/2b1f.jpeg");
  EXPECT_EQ(record.title, "Fog in the valley");
  EXPECT_EQ(record.description, "Taken at dawn");
  EXPECT_EQ(record.attribution_id, "11");
  EXPECT_EQ(record.attribution_name, "Dawn P.");
  EXPECT_EQ(record.type, "image/jpeg");
  EXPECT_EQ(record.width, 4000U);
  EXPECT_EQ(record.nsfw, false);
  EXPECT_EQ(record.published_at, iso_time("2024-03-15T06:30:00.123456Z"));
  EXPECT_EQ(run_.records()[1].image_url, "https://i.example/x.PNG?1");
  EXPECT_EQ(run_.records()[1].attribution_name, "newsy");
  EXPECT_EQ(run_.records()[1].nsfw, true);
}

TEST_F(PresetTest, Openverse) {
  use("openverse");
  set("words", "\"light house\"");
  set("license", R"(["by","cc0"])");
  const std::string first = "https://api.openverse.org/v1/images/?license=by%2Ccc0&page_size=20&q=light%20house&page=";
  answer(first + "1", "openverse-1");
  answer(first + "2", "openverse-2");
  poll();
  EXPECT_THAT(run_.requests(), SizeIs(2));
  ASSERT_THAT(run_.records(), SizeIs(2));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.image_id, "36537842-b067-4ca0-ad67-e00ff2e06b2d");
  EXPECT_EQ(record.image_url, "https://live.staticflickr.com/8058/8264_b.jpg");
  EXPECT_EQ(record.attribution_name, "Giuseppe Milo");
  EXPECT_EQ(record.page_url, "https://www.flickr.com/photos/18090920@N07/8264");
  EXPECT_EQ(record.width, 1024U);
  EXPECT_EQ(record.nsfw, false);
  EXPECT_THAT(record.meta, Contains(Pair("license", "by 2.0")));
  EXPECT_THAT(record.meta, Contains(Pair("tags", R"(["lighthouse","coast"])")));
  EXPECT_EQ(run_.records()[1].title, std::nullopt);
  EXPECT_EQ(run_.records()[1].nsfw, true);
}

TEST_F(PresetTest, SendsATokenOnlyWhereThereIsOne) {
  use("lemmy");
  set("community", "\"pics\"");
  run_.set_default("{\"posts\":[]}");
  poll();
  EXPECT_EQ(run_.requests()[0].headers.find("Authorization"), std::nullopt);
  source_.secrets["token"] = Secret("t0");
  poll();
  EXPECT_EQ(run_.requests()[1].headers.find("Authorization"), "Bearer t0");
}

TEST_F(PresetTest, TakesASecretFromOutsideIfTheSourceHasNone) {
  const auto jq = std::make_shared<JqRunner>(CREEL_JQ_PROGRAM);
  for (auto& kind : preset_kinds(jq, {}, {{"nasa-apod.api_key", Secret("outside")}})) {
    if (kind->name() == "nasa-apod") kind_ = std::move(kind);
  }
  answer("https://api.nasa.gov/planetary/apod", "nasa-apod");
  poll();
  EXPECT_EQ(run_.requests()[0].headers.find("X-Api-Key"), "outside");
}

TEST_F(PresetTest, RefusesASecretThatWouldBreakTheHeader) {
  use("lemmy");
  set("community", "\"pics\"");
  source_.secrets["token"] = Secret("a\r\nX-Evil: 1");
  std::vector<SettingError> errors;
  check_settings(kind_->settings(), source_, errors);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(kind_->check(source_), SizeIs(1));
}

/// A folder for presets of the user's own.
class PresetFolderTest : public ::testing::Test {
 protected:
  PresetFolderTest() { std::filesystem::create_directory(folder_); }
  ~PresetFolderTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  std::string failure() {
    try {
      preset_kinds(jq_, folder_);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      const std::string message = failure.what();
      return message.substr(folder_.string().size() + 1);
    }
    return "none";
  }

  static constexpr const char* kPlain =
      "name = \"mine\"\nhelp = \"My API\"\nurl = \"https://a.example/{tag}\"\n"
      "program = '.'\n[[settings]]\nname = \"tag\"\nrequired = true\nhelp = \"the tag\"\n";

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / fmt::format("creel-presets-{}", ::getpid());
  std::shared_ptr<JqRunner> jq_ = std::make_shared<JqRunner>(CREEL_JQ_PROGRAM);
};

TEST_F(PresetFolderTest, AddsThoseOfTheFolder) {
  write("mine.toml", kPlain);
  write("other.txt", "no preset");
  const auto kinds = preset_kinds(jq_, folder_);
  EXPECT_THAT(kinds, SizeIs(8));
  EXPECT_TRUE(std::ranges::any_of(kinds, [](const auto& kind) { return kind->name() == "mine"; }));
}

TEST_F(PresetFolderTest, PutsOneInPlaceOfAnEmbeddedOne) {
  std::string text(kPlain);
  text.replace(text.find("mine"), 4, "lemmy");
  write("lemmy.toml", text);
  const auto kinds = preset_kinds(jq_, folder_);
  EXPECT_THAT(kinds, SizeIs(7));
  EXPECT_TRUE(std::ranges::any_of(kinds, [](const auto& kind) { return kind->help() == "My API"; }));
}

TEST_F(PresetFolderTest, NamesFileAndLineOfWhatIsWrong) {
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text(kPlain);
    text.replace(text.find(from), from.size(), to);
    write("mine.toml", text);
    return failure();
  };
  EXPECT_EQ(with("name = \"mine\"", "name = \"json\""), "mine.toml:1: name: is that of a built-in type");
  EXPECT_EQ(with("help = \"My API\"", "help = 5"), "mine.toml:2: help: must be a text in quotes");
  EXPECT_EQ(with("{tag}", "{tga}"), "mine.toml:3: url: {tga} is no setting");
  EXPECT_EQ(with("{tag}", "{tag"),
            "mine.toml:3: url: 'https://a.example/{tag' has a brace without a name or without its end");
  EXPECT_EQ(with("required = true\n", ""),
            "mine.toml:3: url: {tag} must be required or have a default to stand in the url");
  EXPECT_EQ(with("required = true", "requierd = true"), "mine.toml:7: requierd is not known here");
  EXPECT_EQ(with("required = true", "type = \"secret\""),
            "mine.toml:3: url: {tag} is a secret, which may stand in headers only: URLs are shown");
  EXPECT_EQ(with("required = true", "type = \"colour\"").substr(0, 17), "mine.toml:7: type");
  EXPECT_EQ(with("required = true", "default = 5"), "mine.toml:7: default: is not of the setting's type");
  EXPECT_EQ(with("program = '.'", "program = '. |'").substr(0, 49),
            "mine.toml: program: the jq program does not compi");
  EXPECT_EQ(with("program = '.'", "program = ").substr(0, 12), "mine.toml:4:");
  EXPECT_EQ(with("program = '.'", "program = '.'\ninterval = \"often\"").substr(0, 22), "mine.toml:5: interval:");
  EXPECT_EQ(with("program = '.'", "program = '.'\nrate_limit = 1e-30"),
            "mine.toml:5: rate_limit: must be from 0.001 to 1000000 requests a minute");
}

}  // namespace
}  // namespace creel
