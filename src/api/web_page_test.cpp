#include "api/web_page.h"

#include <boost/json/object.hpp>
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/content_coding.h"

namespace creel {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kScript = "console.log('a script of the page')";
constexpr std::string_view kPage = R"(<meta name="csp-nonce" content="__CREEL_NONCE__"><p nonce="__CREEL_NONCE__">)";

class WebPageTest : public testing::ApiFixture {
 protected:
  WebPageTest() {
    for (const auto text : {kPage, kScript, std::string_view("<svg/>")}) bytes_.push_back(gzip(text));
    files_ = {{"index.html", "text/html; charset=utf-8", bytes_[0], "aa"},
              {"assets/index-1f.js", "text/javascript; charset=utf-8", bytes_[1], "bb"},
              {"favicon.svg", "image/svg+xml", bytes_[2], "cc"}};
    serve(store_, files_);
  }

  /// Without a token, which nobody needs for the page.
  Answer look_at(const std::string& target, HttpHeaders headers = {}, HttpMethod method = HttpMethod::get) {
    return ask_without_token(method, target, std::move(headers));
  }

  static std::string nonce_of(const Answer& answer) {
    const auto policy = answer.header("Content-Security-Policy");
    const auto begin = policy.find("'nonce-") + 7;
    return policy.substr(begin, policy.find('\'', begin) - begin);
  }

  std::vector<std::string> bytes_;
  std::vector<WebFile> files_;
};

TEST_F(WebPageTest, ShowsThePageToWhoeverComesWhateverItsQuery) {
  for (const auto* target : {"/", "/?view=sources&state=failed&view=x&%00"}) {
    const auto answer = look_at(target);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer.header("Cache-Control"), "no-cache");
    EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.header("X-Frame-Options"), "DENY");
  }
}

TEST_F(WebPageTest, PutsAFreshNonceIntoThePageAndItsPolicy) {
  const auto first = look_at("/");
  const auto second = look_at("/");
  EXPECT_EQ(first.text, fmt::format(R"(<meta name="csp-nonce" content="{0}"><p nonce="{0}">)", nonce_of(first)));
  EXPECT_EQ(nonce_of(first).size(), 24U);
  EXPECT_NE(nonce_of(first), nonce_of(second));
}

TEST_F(WebPageTest, LetsThePageRunNothingButItsOwnScripts) {
  const auto answer = look_at("/");
  EXPECT_EQ(
      answer.header("Content-Security-Policy"),
      fmt::format("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' https: http: "
                  "data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action "
                  "'self'; frame-ancestors 'none'",
                  nonce_of(answer)));
}

TEST_F(WebPageTest, CompressesThePageForThoseWhoTakeIt) {
  const auto answer = look_at("/", {{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}});
  EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
  // The client has undone it.
  EXPECT_THAT(answer.text, HasSubstr(nonce_of(answer)));
}

TEST_F(WebPageTest, LetsAssetsBeKeptForEver) {
  const auto answer = look_at("/assets/index-1f.js", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(answer.header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
  EXPECT_EQ(answer.header("ETag"), "\"bb-gzip\"");
  EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
  EXPECT_EQ(answer.header("Content-Length"), std::to_string(bytes_[1].size()));
  // The client has undone the compression.
  EXPECT_EQ(answer.text, kScript);
}

TEST_F(WebPageTest, GivesPlainBytesToThoseWhoDoNotTakeGzip) {
  for (const auto* accepted : {"identity", "br", "gzip;q=0"}) {
    const auto answer = look_at("/assets/index-1f.js", {{"Accept-Encoding", accepted}});
    EXPECT_EQ(answer.header("Content-Encoding"), "");
    EXPECT_EQ(answer.header("ETag"), "\"bb\"");
    EXPECT_EQ(answer.text, kScript);
  }
}

TEST_F(WebPageTest, SendsNothingToThoseWhoHaveTheBytes) {
  const auto same = look_at("/assets/index-1f.js", {{"Accept-Encoding", "gzip"}, {"If-None-Match", "\"bb-gzip\""}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("ETag"), "\"bb-gzip\"");
  EXPECT_EQ(same.header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(same.text, "");
  const auto other = look_at("/assets/index-1f.js", {{"Accept-Encoding", "gzip"}, {"If-None-Match", "\"bb\""}});
  EXPECT_EQ(other.status, 200);
}

TEST_F(WebPageTest, HasTheFilesBesideThePageAskedForEachTime) {
  const auto answer = look_at("/favicon.svg");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "image/svg+xml");
  EXPECT_EQ(answer.header("Cache-Control"), "no-cache");
  EXPECT_EQ(answer.text, "<svg/>");
  EXPECT_EQ(look_at("/favicon.svg", {{"If-None-Match", "\"cc\""}}).status, 304);
}

TEST_F(WebPageTest, AnswersHeadAsItAnswersGet) {
  for (const auto* target : {"/", "/assets/index-1f.js", "/favicon.svg"}) {
    const auto got = look_at(target);
    const auto asked = look_at(target, {}, HttpMethod::head);
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(asked.header("Content-Length"), std::to_string(got.text.size()));
    EXPECT_EQ(asked.text, "");
  }
}

TEST_F(WebPageTest, HasNoOtherFiles) {
  for (const auto* target : {"/assets/other.js", "/assets/", "/assets", "/index.html", "/assets/..%2Findex.html"}) {
    const auto answer = look_at(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_THAT(answer.header("Content-Type"), StartsWith("application/problem+json"));
  }
}

TEST_F(WebPageTest, DescribesWhatItServes) {
  const auto paths = look_at("/openapi.json").json().at("paths");
  const auto& page = paths.at("/").at("get").at("responses");
  EXPECT_TRUE(page.at("200").at("content").as_object().contains("text/html"));
  EXPECT_FALSE(page.as_object().contains("400"));
  EXPECT_TRUE(paths.as_object().contains("/assets/{name}"));
  EXPECT_EQ(paths.at("/favicon.svg").at("get").at("operationId"), "get_favicon_svg");
}

class NoWebPageTest : public testing::ApiFixture {};

TEST_F(NoWebPageTest, SaysThatItWasBuiltWithoutAPage) {
  const auto answer = get("/?view=sources");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_THAT(answer.text, HasSubstr("built without its page"));
  EXPECT_THAT(answer.header("Content-Security-Policy"), Not(HasSubstr("script-src")));
  EXPECT_EQ(get("/assets/index-1f.js").status, 404);
}

TEST(WebPage, RefusesFilesThatAreNoPage) {
  const WebFile file{"favicon.svg", "image/svg+xml", "", ""};
  EXPECT_THROW(WebPage(std::span(&file, 1)), std::logic_error);
}

}  // namespace
}  // namespace creel
