#include "demo/site_server.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "functions/storer_fixture.h"

namespace creel::demo {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A site of its own for each test, whose pictures answer at once, and what the function fetches and stores with.
class SiteServerTest : public StorerFixture {
 protected:
  SiteServerTest() {
    for (auto& picture : site_.pictures) picture.delay = 0ms;
    server_.open();
  }
  ~SiteServerTest() override { testing::run(loop_, server_.close()); }

  struct Answer {
    int status = 0;
    HttpHeaders headers;
    std::string body;
  };
  static Task<Answer> ask(HttpClient& http, HttpRequest request) {
    auto response = co_await http.send(std::move(request));
    Answer answer{.status = response.status(), .headers = response.headers(), .body = {}};
    answer.body = co_await response.read_text(1 << 20);
    co_return answer;
  }
  Answer get(const std::string& path, HttpHeaders headers = {}, HttpMethod method = HttpMethod::get) {
    return testing::run(loop_, ask(http_, {.method = method,
                                           .url = Url::parse(server_.base() + path),
                                           .headers = std::move(headers),
                                           .body = {},
                                           .on_sent = {},
                                           .deadline = clock_.steady_now() + 20s}));
  }

  std::string url_of(const Picture& picture) const { return server_.base() + "/pictures/" + picture.file_name(); }

  static std::vector<Picture> all_pictures() {
    std::vector<Picture> all;
    for (const auto& site : exhibition()) all.insert(all.end(), site.pictures.begin(), site.pictures.end());
    return all;
  }

  Site site_{.kind = SiteKind::list, .source = "All of them", .tag = "", .albums = {}, .pictures = all_pictures()};
  SiteServer server_{loop_.get_executor(), site_, clock_, Pace::all_at_once};
};

TEST_F(SiteServerTest, EveryPictureEndsAsItsMannersAre) {
  for (const auto& picture : site_.pictures) {
    if (const auto expected = expected_failure(picture.manners)) {
      EXPECT_EQ(kind_of(request(url_of(picture))), *expected) << picture.id;
    }
  }
  for (const auto& picture : site_.pictures) {
    if (picture.manners != Manners::well) continue;
    const auto stored = store(request(url_of(picture)));
    EXPECT_EQ(store_.objects().at(stored.key.value).bytes, picture.sample.bytes) << picture.id;
  }
}

TEST_F(SiteServerTest, ABusyPictureComesWhenItIsAskedForAgain) {
  const auto& picture = *std::ranges::find(site_.pictures, Manners::busy_once, &Picture::manners);
  const auto failure = failure_of(request(url_of(picture)));
  EXPECT_EQ(failure.kind(), FailureKind::rate_limited);
  EXPECT_EQ(failure.retry_after(), 1s);
  const auto stored = store(request(url_of(picture)));
  EXPECT_EQ(store_.objects().at(stored.key.value).bytes, picture.sample.bytes);
}

TEST_F(SiteServerTest, AnswersWithValidators) {
  const auto first = get("/urls.txt");
  EXPECT_EQ(first.status, 200);
  const auto again = get("/urls.txt", {{"If-None-Match", std::string(first.headers.find("ETag").value_or(""))}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(get("/urls.txt", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(SiteServerTest, HasAPageForEachPicture) {
  site_.pictures.front().title = "Here <there> & \"everywhere\"";
  const auto page = get("/pages/" + site_.pictures.front().id);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.headers.find("Content-Type").value_or(""), HasSubstr("text/html"));
  EXPECT_THAT(page.body, HasSubstr("Here &lt;there&gt; &amp; "));
  EXPECT_THAT(page.body, HasSubstr(url_of(site_.pictures.front())));
}

TEST_F(SiteServerTest, RefusesWhatItDoesNotHave) {
  for (const auto* path : {"/", "/pictures/none.png", "/pages/none", "/feed.xml"})
    EXPECT_EQ(get(path).status, 404) << path;
  EXPECT_EQ(get("/urls.txt", {}, HttpMethod::post).status, 405);
}

}  // namespace
}  // namespace creel::demo
