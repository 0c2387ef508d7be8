#include "demo/site_answers.h"

#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "base/text.h"
#include "sources/fake_poll_run.h"
#include "sources/source_kinds.h"
#include "support/run_task.h"

namespace creel::demo {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

constexpr const char* kBase = "http://127.0.0.1:8123";
const SystemTime kOpened{std::chrono::seconds(1'790'000'000)};

/// The sites' answers, read by the kinds of sources that poll them.
class SiteAnswersTest : public ::testing::Test {
 protected:
  const Site& site_of(SiteKind kind) const { return *std::ranges::find(sites_, kind, &Site::kind); }

  SiteView view_of(SiteKind kind) const {
    return {.site = site_of(kind), .base = kBase, .opened_at = kOpened, .now = kOpened + passed_, .pace = pace_};
  }

  /// Writes down what the site answers for a path, as another may ask it.
  void answer(const SiteView& view, const std::string& path, const std::string& page = "",
              const std::string& authorization = fmt::format("Client-ID {}", kClientId)) {
    const auto reply = site_answer(view, {.path = path, .page = page, .authorization = authorization});
    ASSERT_TRUE(reply) << path;
    const auto url = kBase + path + (page.empty() || page == "1" ? "" : "?page=" + page);
    run_.answer(url,
                testing::FakePollRun::Answer{.body = reply->body, .status = reply->status, .headers = reply->headers});
  }

  void answer_all(const SiteView& view) {
    switch (view.site.kind) {
      case SiteKind::imgur:
        for (const auto* page : {"0", "1", "2", "3"}) {
          answer(view, fmt::format("/3/gallery/t/{}/time/week/{}", view.site.tag, page));
        }
        for (const auto& album : view.site.albums) answer(view, "/3/album/" + album.id);
        break;
      case SiteKind::feed: answer(view, "/feed.xml"); break;
      case SiteKind::json:
        for (const auto* page : {"1", "2", "3"}) answer(view, "/v1/photos", page);
        break;
      case SiteKind::list: answer(view, "/urls.txt"); break;
    }
  }

  /// The source as the API makes it of its description.
  SourceConfig source_config(const Site& site) {
    const auto body = source_of(site, kBase);
    SourceConfig source;
    source.name = std::string(body.at("name").as_string());
    source.type = std::string(body.at("type").as_string());
    if (body.contains("url")) source.url = std::string(body.at("url").as_string());
    if (body.contains("settings")) {
      for (const auto& [name, value] : body.at("settings").as_object()) {
        source.settings.emplace(std::string(name), json::serialize(value));
      }
    }
    EXPECT_THAT(kinds_.check(source), IsEmpty());
    return source;
  }

  /// By their URL: what a poll of the site finds.
  std::map<std::string, ImageRecord> poll(SiteKind kind) {
    const auto source = source_config(site_of(kind));
    testing::run(loop_, kinds_.find(source.type)->poll(source, run_));
    std::map<std::string, ImageRecord> found;
    for (const auto& record : run_.records()) {
      EXPECT_TRUE(found.emplace(record.image_url, record).second) << record.image_url << " is found twice";
    }
    return found;
  }

  static std::vector<std::string> urls_of(const std::map<std::string, ImageRecord>& found) {
    std::vector<std::string> urls;
    for (const auto& [url, record] : found) urls.push_back(url);
    return urls;
  }

  std::vector<std::string> wanted_urls(SiteKind kind, std::chrono::seconds passed) const {
    std::vector<std::string> urls;
    const auto view = view_of(kind);
    for (const auto& picture : view.site.pictures) {
      if (picture.after <= passed) urls.push_back(view.url_of(picture));
    }
    return urls;
  }

  const std::vector<Site> sites_ = exhibition();
  const SourceKinds kinds_{{.jq_program_path = CREEL_JQ_PROGRAM, .presets = {}, .fallback_secrets = {}}};
  std::chrono::seconds passed_{0};
  Pace pace_ = Pace::as_time_goes_by;
  boost::asio::io_context loop_;
  testing::FakePollRun run_;
};

class EachSite : public SiteAnswersTest, public ::testing::WithParamInterface<SiteKind> {};

INSTANTIATE_TEST_SUITE_P(Demo, EachSite,
                         ::testing::Values(SiteKind::imgur, SiteKind::feed, SiteKind::json, SiteKind::list),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST_P(EachSite, TellsAtFirstOfSomePicturesOnly) {
  answer_all(view_of(GetParam()));
  const auto wanted = wanted_urls(GetParam(), 0s);
  EXPECT_THAT(wanted, Not(IsEmpty()));
  EXPECT_THAT(urls_of(poll(GetParam())), UnorderedElementsAreArray(wanted));
}

TEST_P(EachSite, TellsOfMoreAsTimeGoesBy) {
  passed_ = 30s;
  answer_all(view_of(GetParam()));
  EXPECT_THAT(urls_of(poll(GetParam())), UnorderedElementsAreArray(wanted_urls(GetParam(), 30s)));
}

TEST_P(EachSite, TellsOfAllAtOnceIfWanted) {
  pace_ = Pace::all_at_once;
  answer_all(view_of(GetParam()));
  EXPECT_THAT(urls_of(poll(GetParam())), UnorderedElementsAreArray(wanted_urls(GetParam(), 60s)));
}

TEST_P(EachSite, SaysWhatThePicturesAre) {
  if (GetParam() == SiteKind::list) return;  // a list has nothing but addresses
  pace_ = Pace::all_at_once;
  const auto view = view_of(GetParam());
  answer_all(view);
  const auto found = poll(GetParam());
  for (const auto& shown : shown_pictures(view)) {
    const auto& record = found.at(shown.url);
    const auto& picture = shown.picture;
    EXPECT_THAT(record.title.value_or(""), ::testing::EndsWith(picture.title));
    EXPECT_THAT(record.description.value_or(""), ::testing::EndsWith(picture.description));
    const auto* album = view.site.find_album(picture.album);
    EXPECT_EQ(record.attribution_name, album == nullptr ? picture.author : album->author) << picture.id;
    EXPECT_EQ(record.nsfw, picture.nsfw) << picture.id;
    EXPECT_EQ(record.width, shown.info->width) << picture.id;
    EXPECT_EQ(record.height, shown.info->height) << picture.id;
    EXPECT_EQ(record.published_at, shown.published_at) << picture.id;
    EXPECT_TRUE(record.page_url) << picture.id;
  }
}

TEST_F(SiteAnswersTest, ShowTheNewestFirstAndThoseOfTheBeginningBefore) {
  passed_ = 30s;
  const auto shown = shown_pictures(view_of(SiteKind::json));
  EXPECT_TRUE(std::ranges::is_sorted(shown, std::greater(), &ShownPicture::published_at));
  EXPECT_EQ(shown.front().published_at, kOpened + 24s);
  EXPECT_LT(shown.back().published_at, kOpened - 1h);
}

TEST_F(SiteAnswersTest, RefuseAnotherClientIdAsImgurDoes) {
  const auto view = view_of(SiteKind::imgur);
  answer(view, fmt::format("/3/gallery/t/{}/time/week/0", view.site.tag), "", "Client-ID 000");
  try {
    poll(SiteKind::imgur);
    FAIL() << "it is let in";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_auth);
    EXPECT_THAT(failure.what(), ::testing::HasSubstr("Invalid client_id"));
  }
}

TEST_F(SiteAnswersTest, ShowAPartOfALargeAlbumInTheGalleryAndAllOfItByItself) {
  const auto view = view_of(SiteKind::imgur);
  answer_all(view);
  poll(SiteKind::imgur);
  EXPECT_THAT(run_.urls(), ::testing::Contains(std::string(kBase) + "/3/album/a_week_in_the_hut"));
}

TEST_F(SiteAnswersTest, KnowNoOtherPaths) {
  for (const auto& site : sites_) {
    const SiteView view{.site = site, .base = kBase, .opened_at = kOpened, .now = kOpened};
    EXPECT_FALSE(site_answer(view, {.path = "/nothing", .page = "", .authorization = ""})) << site.source;
  }
  const auto authorization = fmt::format("Client-ID {}", kClientId);
  for (const auto* path : {"/3/gallery/t/cats/time/week/0", "/3/album/none", "/3/gallery/t/paperworlds/time/week/x"}) {
    EXPECT_EQ(
        imgur_answer(view_of(SiteKind::imgur), {.path = path, .page = "", .authorization = authorization})->status, 404)
        << path;
  }
  for (const auto* page : {"0", "-1", "x", "99999"}) {
    EXPECT_EQ(photo_answer(view_of(SiteKind::json), {.path = "/v1/photos", .page = page, .authorization = ""})->status,
              400)
        << page;
  }
}

}  // namespace
}  // namespace creel::demo
