#include "sources/imgur_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "sources/fake_poll_run.h"
#include "sources/imgur_api.h"
#include "sources/imgur_records.h"
#include "support/run_task.h"

namespace creel {
namespace {

using creel::testing::FakePollRun;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr const char* kFirstPage = "https://api.imgur.com/3/gallery/t/light%20house/time/week/0";
constexpr const char* kSecondPage = "https://api.imgur.com/3/gallery/t/light%20house/time/week/1";
constexpr const char* kAlbum = "https://api.imgur.com/3/album/Alb0001";

class ImgurTest : public ::testing::Test {
 protected:
  ImgurTest() {
    run_.set_now(SystemTime(seconds(1'700'000'000)));
    source_.settings = {{"tag", "\"light house\""}, {"max_pages", "20"}, {"stop_after", "100"}};
    source_.secrets["client_id"] = Secret("0123456789abcde");
  }

  std::string file(const std::string& name) {
    return creel::testing::file_text(std::string(CREEL_TEST_DATA "/imgur/") + name);
  }
  void answer_all() {
    run_.answer(kFirstPage, file("gallery-0.json"));
    run_.answer(kSecondPage, file("gallery-1.json"));
    run_.answer(kAlbum, file("album.json"));
  }

  void poll() { creel::testing::run(loop_, kind_->poll(source_, run_)); }
  Failure failure() {
    try {
      poll();
    } catch (const Failure& failure) {
      return failure;
    }
    return {FailureKind::internal, "no failure"};
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& record : run_.records()) all.push_back(record.image_id);
    return all;
  }

  boost::asio::io_context loop_;
  std::unique_ptr<const SourceKind> kind_ = imgur_kind(Secret());
  SourceConfig source_;
  creel::testing::FakePollRun run_;
};

TEST_F(ImgurTest, ReadsATagsGalleryWithTheWholeAlbums) {
  answer_all();
  poll();
  EXPECT_THAT(ids(), ElementsAre("aB3dE5f", "im00001", "im00002", "im00003", "im00004", "im00009"));
  EXPECT_THAT(run_.urls(), ElementsAre(kFirstPage, kAlbum, kSecondPage));
  EXPECT_EQ(run_.requests()[0].headers.find("Authorization"), "Client-ID 0123456789abcde");
}

TEST_F(ImgurTest, MapsAnImage) {
  answer_all();
  poll();
  const auto& image = run_.records()[0];
  EXPECT_EQ(image.image_url, "https://i.imgur.com/aB3dE5f.jpg");
  EXPECT_EQ(image.title, "Kjeungskjær");
  EXPECT_EQ(image.description, std::nullopt);
  EXPECT_EQ(image.attribution_id, "5550123");
  EXPECT_EQ(image.attribution_name, "fyrmann");
  EXPECT_EQ(image.attribution_url, "https://imgur.com/user/fyrmann");
  EXPECT_EQ(image.page_url, "https://imgur.com/aB3dE5f");
  EXPECT_EQ(image.type, "image/jpeg");
  EXPECT_EQ(image.width, 3024U);
  EXPECT_EQ(image.height, 4032U);
  EXPECT_EQ(image.nsfw, std::nullopt);
  EXPECT_EQ(image.published_at, SystemTime(seconds(1'710'500'000)));
  EXPECT_THAT(image.meta, Contains(Pair("tags", R"(["lighthouse","norway"])")));
}

TEST_F(ImgurTest, CombinesWhatAnAlbumAndItsImagesSay) {
  answer_all();
  poll();
  const auto& first = run_.records()[1];
  EXPECT_EQ(first.title, "A week on the coast: Monday");
  EXPECT_EQ(first.description, "All from my phone\n\nFirst");
  EXPECT_EQ(first.attribution_name, "karin");
  EXPECT_EQ(first.attribution_id, "42");
  EXPECT_EQ(first.page_url, "https://imgur.com/a/Alb0001");
  EXPECT_EQ(first.nsfw, true);
  EXPECT_THAT(first.meta, Contains(Pair("album_id", "Alb0001")));
  EXPECT_THAT(first.meta, Contains(Pair("album_position", "1")));
  EXPECT_EQ(run_.records()[2].title, "A week on the coast");
  EXPECT_EQ(run_.records()[2].nsfw, false);
  const auto& bare = run_.records()[4];
  EXPECT_EQ(bare.width, std::nullopt);
  EXPECT_EQ(bare.type, std::nullopt);
  EXPECT_EQ(bare.published_at, std::nullopt);
  EXPECT_EQ(run_.records()[5].title, "Just one: Own title");
}

TEST_F(ImgurTest, TakesAnimationsAsMp4WhenAskedFor) {
  answer_all();
  source_.settings["animations"] = "true";
  poll();
  EXPECT_THAT(ids(), ElementsAre("aB3dE5f", "im00001", "im00002", "im00003", "im00004", "im00005", "im00009", "biGgif1",
                                 "viDeo01"));
  EXPECT_EQ(run_.records()[6].image_url, "https://i.imgur.com/im00009.gif");
  EXPECT_EQ(run_.records()[7].image_url, "https://i.imgur.com/biGgif1.mp4");
  EXPECT_EQ(run_.records()[7].type, "video/mp4");
}

TEST_F(ImgurTest, AsksForNoMoreAlbumsAtOnceThanAllowed) {
  source_.settings["albums_at_once"] = "3";
  std::string items;
  for (int i = 0; i < 7; ++i) {
    items += fmt::format(R"({}{{"id":"alb{}","is_album":true,"images_count":1}})", i == 0 ? "" : ",", i);
    run_.answer(
        fmt::format("https://api.imgur.com/3/album/alb{}", i),
        fmt::format(R"({{"data":{{"images":[{{"id":"im{}","link":"https://i.imgur.com/im{}.png"}}]}},"success":true}})",
                    i, i));
  }
  run_.answer(kFirstPage, R"({"data":{"items":[)" + items + "]}}");
  run_.answer(kSecondPage, file("gallery-1.json"));
  poll();
  EXPECT_THAT(ids(), ElementsAre("im0", "im1", "im2", "im3", "im4", "im5", "im6"));
  EXPECT_EQ(run_.peak(), 3U);
}

TEST_F(ImgurTest, AsksForAnAlbumOnceUntilItGrows) {
  answer_all();
  poll();
  poll();
  EXPECT_THAT(run_.urls(), ElementsAre(kFirstPage, kAlbum, kSecondPage, kFirstPage, kSecondPage));
  auto grown = file("gallery-0.json");
  grown.replace(grown.find("\"images_count\":5"), 16, "\"images_count\":6");
  run_.answer(kFirstPage, grown);
  poll();
  EXPECT_THAT(run_.urls(), SizeIs(8));
}

TEST_F(ImgurTest, StopsAfterSoManyKnownImages) {
  answer_all();
  poll();
  source_.settings["stop_after"] = "4";
  poll();
  EXPECT_THAT(run_.urls(), ElementsAre(kFirstPage, kAlbum, kSecondPage, kFirstPage));
}

TEST_F(ImgurTest, ReadsBehindKnownImagesUntilAPollHasComeToItsEnd) {
  source_.settings["stop_after"] = "4";
  answer_all();
  run_.answer(kSecondPage, {.body = "", .status = 500});
  EXPECT_EQ(failure().kind(), FailureKind::server_error);
  run_.answer(kSecondPage, file("gallery-1.json"));
  poll();
  EXPECT_EQ(run_.urls().back(), kSecondPage) << "though all of the first page is known";
  poll();
  EXPECT_EQ(run_.urls().back(), kFirstPage);
}

TEST_F(ImgurTest, ReadsBehindKnownImagesAfterAPollThatBrokeOff) {
  source_.settings["stop_after"] = "1";
  run_.answer(kFirstPage, file("gallery-1.json"));
  run_.answer(kSecondPage, R"({"data":{"items":[]},"success":true,"status":200})");
  poll();
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("whole:"));

  answer_all();
  run_.answer(kSecondPage, {.body = "", .status = 500});
  EXPECT_EQ(failure().kind(), FailureKind::server_error);
  run_.break_off();
  run_.answer(kSecondPage, file("gallery-1.json"));
  const auto requests = run_.requests().size();
  poll();
  EXPECT_FALSE(run_.requests()[requests].is_conditional);
  EXPECT_EQ(run_.urls().back(), kSecondPage) << "though the first page is known";
  poll();
  EXPECT_EQ(run_.urls().back(), kFirstPage);
}

TEST_F(ImgurTest, HoldsBackAllSourcesOfItsClientIdWhenImgurIsNotToBeAsked) {
  const auto hold_after = [&](FakePollRun::Answer answer) {
    run_.answer(kFirstPage, std::move(answer));
    failure();
    return run_.holds().empty() ? PollHold{} : run_.holds().back();
  };
  const auto crowded = hold_after({.body = "Imgur is temporarily over capacity", .status = 403});
  EXPECT_EQ(crowded.url, "https://api.imgur.com/3");
  EXPECT_EQ(crowded.account, "0123456789abcde");
  EXPECT_EQ(crowded.account, run_.requests()[0].account);
  EXPECT_EQ(crowded.wait, seconds(600));
  EXPECT_THAT(crowded.reason, HasSubstr("over capacity"));
  EXPECT_EQ(hold_after({.body = "", .status = 429, .headers = {{"X-RateLimit-UserReset", "1700000900"}}}).wait,
            seconds(900));
  EXPECT_EQ(hold_after({.body = R"({"data":{"error":"x"},"success":false,"status":429})", .status = 200}).wait,
            std::nullopt);
  EXPECT_THAT(run_.holds(), SizeIs(3));
  hold_after({.body = "{}", .status = 401});
  hold_after({.body = "{}", .status = 500});
  EXPECT_THAT(run_.holds(), SizeIs(3)) << "those are not about waiting";
}

TEST_F(ImgurTest, HoldsBackAllSourcesOfItsClientIdWhenNothingIsLeft) {
  answer_all();
  const auto page = file("gallery-0.json");
  run_.answer(kFirstPage,
              {.body = page, .headers = {{"X-RateLimit-UserRemaining", "0"}, {"X-RateLimit-UserReset", "1700000060"}}});
  failure();
  run_.answer(kFirstPage, {.body = page, .headers = {{"X-RateLimit-ClientRemaining", "0"}}});
  failure();
  ASSERT_THAT(run_.holds(), SizeIs(2));
  EXPECT_EQ(run_.holds()[0].wait, seconds(60));
  EXPECT_EQ(run_.holds()[1].wait, std::nullopt) << "Imgur does not say when the day ends for it";
}

TEST_F(ImgurTest, TakesTheMostPagesForTheEnd) {
  source_.settings["max_pages"] = "1";
  source_.settings["stop_after"] = "1";
  answer_all();
  poll();
  run_.answer(kFirstPage, {.body = "", .status = 304});
  poll();
  EXPECT_TRUE(run_.requests().back().is_conditional);
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("whole:")) << "an unchanged page changes nothing";
}

TEST_F(ImgurTest, AsksForAnyVersionWhenNoPollIsKnownToHaveComeToItsEnd) {
  run_.set_memory("seen:00000000");
  answer_all();
  poll();
  EXPECT_FALSE(run_.requests()[0].is_conditional);
}

TEST_F(ImgurTest, ReadsOneAlbumByIdOrUrl) {
  source_.settings = {{"album", "\"https://imgur.com/gallery/a-week-on-the-coast-Alb0001?x=1\""}};
  run_.answer(kAlbum, file("album.json"));
  poll();
  EXPECT_THAT(ids(), ElementsAre("im00001", "im00002", "im00003", "im00004"));
  EXPECT_EQ(imgur_album_id("Alb0001"), "Alb0001");
  EXPECT_EQ(imgur_album_id("https://imgur.com/a/Alb0001/"), "Alb0001");
}

TEST_F(ImgurTest, TakesWhatTheGalleryShowsOfAnAlbumThatIsGone) {
  answer_all();
  run_.answer(kAlbum,
              {.body = R"({"data":{"error":"Unable to find an album","method":"GET"},"success":false,"status":404})",
               .status = 404});
  poll();
  EXPECT_THAT(ids(), ElementsAre("aB3dE5f", "im00001", "im00002", "im00003", "im00009"));
}

TEST_F(ImgurTest, TakesWhatTheGalleryShowsOfAnAlbumThatImgurFailsOn) {
  answer_all();
  run_.answer(kAlbum,
              {.body = R"({"data":{"error":"Internal","method":"GET"},"success":false,"status":500})", .status = 500});
  poll();
  EXPECT_THAT(ids(), ElementsAre("aB3dE5f", "im00001", "im00002", "im00003", "im00009"));
  EXPECT_EQ(run_.urls().back(), kSecondPage);
  run_.answer(kAlbum, file("album.json"));
  poll();
  EXPECT_THAT(run_.urls(), ::testing::Contains(kAlbum).Times(2)) << "the next poll tries it again";
}

TEST_F(ImgurTest, GivesUpWhereImgurFailsOnEveryAlbum) {
  std::string items;
  for (int i = 0; i < 9; ++i) {
    items += fmt::format(R"({}{{"id":"alb{}","is_album":true,"images_count":2}})", i == 0 ? "" : ",", i);
    run_.answer(fmt::format("https://api.imgur.com/3/album/alb{}", i), {.body = "<html>", .status = 502});
  }
  run_.answer(kFirstPage, R"({"data":{"items":[)" + items + "]}}");
  EXPECT_EQ(failure().kind(), FailureKind::server_error);
  EXPECT_THAT(run_.urls(), ::testing::Not(::testing::Contains(kSecondPage)));
}

TEST_F(ImgurTest, KeepsWhatItHasWhenALimitIsReached) {
  answer_all();
  run_.answer(kAlbum, {.body = R"({"data":{"error":"Too many requests"},"success":false,"status":429})",
                       .status = 429,
                       .headers = {{"X-RateLimit-UserReset", "1700000900"}}});
  const auto thrown = failure();
  EXPECT_EQ(thrown.kind(), FailureKind::rate_limited);
  EXPECT_EQ(thrown.retry_after(), seconds(900));
  EXPECT_THAT(ids(), ElementsAre("aB3dE5f", "im00009"));
}

TEST_F(ImgurTest, AsksNoMoreWhenNothingIsLeft) {
  answer_all();
  run_.answer(kFirstPage, {.body = file("gallery-0.json"),
                           .headers = {{"X-RateLimit-UserRemaining", "0"}, {"X-RateLimit-UserReset", "1700000060"}}});
  const auto thrown = failure();
  EXPECT_EQ(thrown.kind(), FailureKind::rate_limited);
  EXPECT_EQ(thrown.retry_after(), seconds(60));
  EXPECT_THAT(run_.urls(), ElementsAre(kFirstPage));
}

TEST_F(ImgurTest, TellsOverCapacityFromARefusedClientId) {
  run_.answer(kFirstPage,
              {.body = "<html>Imgur is temporarily over capacity. Please try again later.</html>", .status = 403});
  auto thrown = failure();
  EXPECT_EQ(thrown.kind(), FailureKind::rate_limited);
  EXPECT_EQ(thrown.retry_after(), seconds(600));

  run_.answer(kFirstPage, {.body = R"({"data":{"error":"Invalid client_id","request":"\/3\/gallery","method":"GET"},)"
                                   R"("success":false,"status":403})",
                           .status = 403});
  thrown = failure();
  EXPECT_EQ(thrown.kind(), FailureKind::bad_auth);
  EXPECT_THAT(thrown.what(), HasSubstr("'Invalid client_id'"));
  EXPECT_THAT(thrown.what(), HasSubstr("no new Client-IDs"));
}

TEST_F(ImgurTest, UnderstandsOtherRefusals) {
  const auto kind_of = [&](int status, std::string body) {
    run_.answer(kFirstPage, {.body = std::move(body), .status = status});
    return failure().kind();
  };
  EXPECT_EQ(kind_of(401, ""), FailureKind::bad_auth);
  EXPECT_EQ(kind_of(404, "{}"), FailureKind::not_found);
  EXPECT_EQ(kind_of(503, "<html>"), FailureKind::server_error);
  EXPECT_EQ(kind_of(400, "{}"), FailureKind::bad_request);
  EXPECT_EQ(kind_of(200, "<html>"), FailureKind::server_error);
  EXPECT_EQ(kind_of(200, R"({"data":{"error":"x"},"success":false,"status":429})"), FailureKind::rate_limited);
  EXPECT_EQ(kind_of(200, R"({"data":{"items":null},"success":true,"status":200})"), FailureKind::server_error);
}

TEST_F(ImgurTest, EndsWhereTheGalleryIsUnchanged) {
  run_.answer(kFirstPage, {.body = "", .status = 304});
  poll();
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(ImgurTest, TakesTheApiFromElsewhere) {
  source_.settings["api_url"] = "\"http://127.0.0.1:8099/3/\"";
  run_.answer("http://127.0.0.1:8099/3/gallery/t/light%20house/time/week/0", file("gallery-1.json"));
  poll();
  EXPECT_THAT(run_.requests(), SizeIs(1));
}

TEST_F(ImgurTest, SaysWhatIsWrongWithTheSettings) {
  EXPECT_THAT(kind_->check(source_), IsEmpty());
  source_.secrets.clear();
  auto errors = kind_->check(source_);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].pointer, "/settings/client_id");
  EXPECT_THAT(errors[0].message, HasSubstr("gives out no new ones"));
  EXPECT_EQ(failure().kind(), FailureKind::bad_auth);
  EXPECT_THAT(imgur_kind(Secret("outside"))->check(source_), IsEmpty());

  source_.settings["album"] = "\"x\"";
  errors = imgur_kind(Secret("outside"))->check(source_);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].pointer, "/settings/album");
  source_.settings.clear();
  errors = imgur_kind(Secret("outside"))->check(source_);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].pointer, "/settings/tag");
}

TEST_F(ImgurTest, SendsTheProgramsClientIdToImgurAlone) {
  source_.secrets.clear();
  const auto kind = imgur_kind(Secret("outside"));
  for (const auto* url :
       {"https://evil.example/3", "http://api.imgur.com", "http://localhost.evil.example", "http://10.0.0.1",
        "https://api.imgur.com:8443", "https://api.imgur.com.evil.example", "https://api.imgur.com@evil.example"}) {
    source_.settings["api_url"] = fmt::format("\"{}\"", url);
    const auto errors = kind->check(source_);
    ASSERT_THAT(errors, SizeIs(1)) << url;
    EXPECT_EQ(errors[0].pointer, "/settings/client_id");
    EXPECT_THAT(errors[0].message, HasSubstr("alone"));
    EXPECT_THROW(creel::testing::run(loop_, kind->poll(source_, run_)), Failure);
  }
  EXPECT_THAT(run_.requests(), IsEmpty());
  source_.secrets["client_id"] = Secret("own");
  EXPECT_THAT(kind->check(source_), IsEmpty());
  source_.secrets.clear();
  for (const auto* url : {"https://api.imgur.com", "https://api.imgur.com/3/", "HTTPS://API.imgur.com:443"}) {
    source_.settings["api_url"] = fmt::format("\"{}\"", url);
    EXPECT_THAT(kind->check(source_), IsEmpty()) << url;
  }
}

TEST_F(ImgurTest, SendsTheProgramsClientIdToThisMachineWhereNobodyElseMayAddSources) {
  source_.secrets.clear();
  const auto kind = imgur_kind(Secret("outside"), true);
  for (const auto* url : {"http://127.0.0.1:8000", "http://localhost:8000/imgur", "http://[::1]:8000"}) {
    source_.settings["api_url"] = fmt::format("\"{}\"", url);
    EXPECT_THAT(kind->check(source_), IsEmpty()) << url;
  }
  for (const auto* url : {"http://localhost.evil.example", "http://10.0.0.1", "https://evil.example"}) {
    source_.settings["api_url"] = fmt::format("\"{}\"", url);
    EXPECT_THAT(kind->check(source_), SizeIs(1)) << url;
  }
}

TEST_F(ImgurTest, WaitsUntilTheDateOfARetryAfter) {
  run_.answer(kFirstPage, {.body = "", .status = 429, .headers = {{"Retry-After", "Tue, 14 Nov 2023 22:15:20 GMT"}}});
  EXPECT_EQ(failure().retry_after(), seconds(120));
}

TEST(ImgurPause, ReadsWhatIsLeft) {
  const SystemTime now(seconds(1000));
  EXPECT_EQ(imgur_pause({{"X-RateLimit-UserRemaining", "499"}, {"X-RateLimit-ClientRemaining", "12000"}}, now),
            std::nullopt);
  EXPECT_EQ(imgur_pause({{"X-RateLimit-UserRemaining", "0"}, {"X-RateLimit-UserReset", "1060"}}, now), seconds(60));
  EXPECT_EQ(imgur_pause({{"X-RateLimit-UserRemaining", "0"}, {"X-RateLimit-UserReset", "900"}}, now), seconds(0));
  EXPECT_EQ(imgur_pause({{"X-RateLimit-ClientRemaining", "0"}}, now), seconds(0));
  EXPECT_EQ(imgur_pause({}, now), std::nullopt);
}

}  // namespace
}  // namespace creel
