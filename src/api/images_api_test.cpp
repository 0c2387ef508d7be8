#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ImagesApiTest : public testing::ApiFixture {
 protected:
  static std::vector<std::int64_t> ids(const testing::Answer& answer) {
    std::vector<std::int64_t> found;
    for (const auto& item : answer.json().at("items").as_array()) found.push_back(item.at("id").as_int64());
    return found;
  }
};

TEST_F(ImagesApiTest, AddsOneImageAndShowsIt) {
  const auto added = post("/images", R"({"image_url":"https://a.example/1.png","image_id":"one","title":"First",
    "nsfw":false,"width":10,"published_at":"2026-01-02T03:04:05Z","meta":{"camera":"X"},"fetch_headers":{"Cookie":"c"}})");
  ASSERT_EQ(added.status, 201) << added.text;
  const auto image = added.json();
  EXPECT_EQ(added.header("Location"), fmt::format("/images/{}", image.at("id").as_int64()));
  EXPECT_EQ(image.at("image_id").as_string(), "one");
  EXPECT_EQ(image.at("source").as_string(), "direct");
  EXPECT_EQ(image.at("state").as_string(), "pending");
  EXPECT_EQ(image.at("published_at").as_string(), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(image.at("meta").at("camera").as_string(), "X");
  EXPECT_THAT(added.text, Not(HasSubstr("Cookie")));

  const auto shown = get(added.header("Location"));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.text, added.text);
  EXPECT_EQ(post("/images", R"({"image_url":"https://a.example/1.png","image_id":"one"})").status, 200);
}

TEST_F(ImagesApiTest, AddsManyAndTellsOfEachWhatBecameOfIt) {
  add_image("https://a.example/known.png");
  const auto answer = post("/images", R"({"images":[{"image_url":"https://a.example/known.png"},
    {"image_url":"ftp://a.example/x"},{"image_url":"https://a.example/new.png"}]})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  const auto body = answer.json();
  const auto& items = body.at("items").as_array();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].at("added"), false);
  EXPECT_EQ(items[0].at("state").as_string(), "pending");
  EXPECT_EQ(items[1].at("error").at("kind").as_string(), "bad_url");
  EXPECT_TRUE(items[1].at("id").is_null());
  EXPECT_EQ(items[2].at("added"), true);
  EXPECT_TRUE(items[2].at("error").is_null());
}

TEST_F(ImagesApiTest, PointsToWhatIsWrongWithImages) {
  const auto answer =
      post("/images", R"({"images":[{"image_url":"https://a.example/1.png","width":0},{"title":5},7],"x":1})");
  EXPECT_EQ(answer.status, 400);
  std::set<std::string> pointers;
  for (const auto& error : answer.json().at("errors").as_array()) {
    pointers.emplace(error.at("pointer").as_string());
  }
  EXPECT_THAT(pointers, ElementsAre("/images/0/width", "/images/1/image_url", "/images/1/title", "/images/2", "/x"));
  EXPECT_EQ(post("/images", R"({"image_url":"nonsense"})").json().at("errors").at(0).at("pointer").as_string(),
            "/image_url");
  EXPECT_EQ(post("/images", R"({"images":[]})").status, 400);
  EXPECT_EQ(post("/images", R"({"images":null})").status, 400);
  EXPECT_EQ(post("/images", R"({"image_url":"http://a.example/1.png","source":999})")
                .json()
                .at("errors")
                .as_array()[0]
                .at("pointer")
                .as_string(),
            "/source");
  EXPECT_EQ(post("/images", R"({"image_url":"http://a.example/1.png","folder_name":"a/../b"})")
                .json()
                .at("errors")
                .as_array()[0]
                .at("pointer")
                .as_string(),
            "/folder_name");
  EXPECT_EQ(post("/images", R"({"image_url":"http://a.example/1.png","fetch_headers":{"Host":"b"}})")
                .json()
                .at("errors")
                .as_array()[0]
                .at("pointer")
                .as_string(),
            "/fetch_headers");
}

TEST_F(ImagesApiTest, ListsPageByPage) {
  for (int i = 0; i < 5; ++i) add_image(fmt::format("https://a.example/{}.png", i));
  std::vector<std::int64_t> found;
  std::string cursor;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = get("/images?limit=2&sort=found_at" + cursor);
    ASSERT_EQ(page.status, 200) << page.text;
    for (const auto id : ids(page)) found.push_back(id);
    const auto next = page.json().at("next_cursor");
    EXPECT_EQ(next.is_null(), pages == 2);
    if (!next.is_null()) cursor = fmt::format("&cursor={}", std::string_view(next.as_string()));
  }
  EXPECT_EQ(found.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(found));
}

TEST_F(ImagesApiTest, FiltersAndSearches) {
  const auto cat = add_image("https://a.example/1.png", R"(,"title":"A black cat","nsfw":true)");
  const auto dog = add_image("https://a.example/2.png", R"(,"title":"A black dog")");
  store_image(dog, "direct/2.png", "bytes");
  EXPECT_THAT(ids(get("/images?q=black+ca")), ElementsAre(cat));
  EXPECT_THAT(ids(get("/images?nsfw=true")), ElementsAre(cat));
  EXPECT_THAT(ids(get("/images?state=stored&type=image/*&min_size=5&max_size=5")), ElementsAre(dog));
  EXPECT_THAT(ids(get("/images?found_before=2020-01-01T00:00:00Z")), ElementsAre());
  EXPECT_THAT(ids(get("/images?source=999")), ElementsAre());
}

TEST_F(ImagesApiTest, RefusesParametersThatItDoesNotKnow) {
  for (const auto* query : {"limit=0", "limit=201", "sort=name", "state=gone", "color=red", "cursor=nonsense", "nsfw=1",
                            "found_after=yesterday", "min_size=-1", "source=x"}) {
    const auto answer = get(fmt::format("/images?{}", query));
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(answer.text, HasSubstr("/query/")) << query;
  }
}

TEST_F(ImagesApiTest, AListKnowsOfEveryChangeThatWasAnsweredBefore) {
  for (int i = 0; i < 10; ++i) {
    add_image(fmt::format("https://a.example/{}.png", i));
    EXPECT_EQ(ids(get("/images")).size(), static_cast<std::size_t>(i + 1));
  }
}

TEST_F(ImagesApiTest, DeletesAnImageWithItsObjectAndKeepsATombstone) {
  const auto id = add_image("https://a.example/1.png");
  store_image(id, "direct/1.png", "bytes");
  EXPECT_EQ(ask(HttpMethod::delete_, fmt::format("/images/{}", id)).status, 204);
  EXPECT_TRUE(store_.objects().empty());
  EXPECT_EQ(get(fmt::format("/images/{}", id)).json().at("state").as_string(), "deleted");
  EXPECT_THAT(ids(get("/images")), ElementsAre());
  EXPECT_THAT(ids(get("/images?state=deleted")), ElementsAre(id));
  EXPECT_EQ(ask(HttpMethod::delete_, fmt::format("/images/{}", id)).status, 204);
  EXPECT_EQ(ask(HttpMethod::delete_, "/images/999").status, 404);
}

TEST_F(ImagesApiTest, AnObjectStaysWhileAnotherImageHasIt) {
  const auto a = add_image("https://a.example/1.png");
  const auto b = add_image("https://a.example/2.png");
  store_image(a, "ab/cd/same.png", "bytes");
  store_image(b, "ab/cd/same.png", "bytes");
  EXPECT_EQ(ask(HttpMethod::delete_, fmt::format("/images/{}", a)).status, 204);
  EXPECT_EQ(store_.objects().size(), 1U);
  EXPECT_EQ(ask(HttpMethod::delete_, fmt::format("/images/{}", b)).status, 204);
  EXPECT_TRUE(store_.objects().empty());
}

TEST_F(ImagesApiTest, DeletesManyAtOnceAlsoThoseThatShareAnObject) {
  const auto a = add_image("https://a.example/1.png");
  const auto b = add_image("https://a.example/2.png");
  const auto c = add_image("https://a.example/3.png");
  store_image(a, "same.png", "bytes");
  store_image(b, "same.png", "bytes");
  const auto answer = post("/images/delete", fmt::format(R"({{"ids":[{},{},{},{},9999]}})", a, b, c, c));
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.text, R"({"deleted":3})");
  EXPECT_TRUE(store_.objects().empty());
  EXPECT_EQ(post("/images/delete", R"({"ids":"all"})").status, 400);
  EXPECT_EQ(post("/images/delete", R"({})").status, 400);
}

/// A store that is away.
class AwayStore final : public ObjectStore {
 public:
  explicit AwayStore(FailureKind kind) : kind_(kind) {}
  Task<PutResult> put(ObjectKey, BodyView, Sha256Digest, ObjectMetadata, PutCondition) override { throw failure(); }
  Task<std::unique_ptr<ObjectUpload>> begin_upload(ObjectKey, ObjectMetadata) override { throw failure(); }
  Task<bool> holds(ObjectKey, std::uint64_t, Sha256Digest) override { throw failure(); }
  Task<void> remove(ObjectKey) override {
    throw failure();
    co_return;
  }
  Task<std::optional<std::string>> get(ObjectKey, std::size_t) override { throw failure(); }
  Task<std::optional<ObjectAccess>> open(ObjectKey, std::chrono::seconds) override {
    throw failure();
    co_return std::nullopt;
  }
  std::string location(const ObjectKey& key) const override { return key.value; }

 private:
  Failure failure() const { return {kind_, "the bucket is away"}; }

  FailureKind kind_;
};

TEST_F(ImagesApiTest, AnImageStaysAsItWasIfTheStoreIsAway) {
  AwayStore away(FailureKind::store_error);
  serve(away);
  const auto id = add_image("https://a.example/1.png");
  store_image(id, "direct/1.png", "bytes");
  const auto answer = ask(HttpMethod::delete_, fmt::format("/images/{}", id));
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_THAT(answer.text, HasSubstr("the bucket is away"));
  EXPECT_EQ(get(fmt::format("/images/{}", id)).json().at("state").as_string(), "stored");
  EXPECT_EQ(post("/images/delete", fmt::format(R"({{"ids":[{}]}})", id)).status, 502);
  EXPECT_EQ(get(fmt::format("/images/{}/content", id)).status, 502);
}

TEST_F(ImagesApiTest, TriesAgainWhatFailed) {
  const auto a = add_image("https://a.example/1.png");
  const auto b = add_image("https://a.example/2.png");
  const auto c = add_image("https://a.example/3.png");
  fail_image(a, FailureKind::not_found);
  fail_image(b, FailureKind::timeout);
  fail_image(c, FailureKind::timeout);
  const auto one = post(fmt::format("/images/{}/retry", a));
  EXPECT_EQ(one.status, 202) << one.text;
  EXPECT_EQ(one.json().at("state").as_string(), "pending");
  EXPECT_EQ(post(fmt::format("/images/{}/retry", a)).status, 409);
  EXPECT_EQ(post("/images/999/retry").status, 404);
  EXPECT_EQ(post("/images/retry", R"({"failure_kind":"dns"})").text, R"({"retried":0})");
  EXPECT_EQ(post("/images/retry", R"({"failure_kind":"timeout"})").text, R"({"retried":2})");
  EXPECT_EQ(post("/images/retry", R"({"failure_kind":"rain"})").status, 400);
  EXPECT_EQ(post("/images/retry").text, R"({"retried":0})");
  EXPECT_EQ(queued_, 2);
}

TEST_F(ImagesApiTest, PointsToTheMemberOfMetaThatIsWrong) {
  const auto one = post("/images", R"({"image_url":"https://a.example/1.png","meta":{"good":"x","k/1":5}})");
  EXPECT_EQ(one.status, 400);
  EXPECT_EQ(one.json().at("errors").at(0).at("pointer").as_string(), "/meta/k~11") << one.text;
  EXPECT_EQ(one.json().at("errors").as_array().size(), 1U);
}

TEST_F(ImagesApiTest, CountsByStateSourceKindAndHour) {
  const auto a = add_image("https://a.example/1.png");
  const auto b = add_image("https://a.example/2.png");
  const auto c = add_image("https://a.example/3.png");
  store_image(a, "direct/1.png", "bytes");
  fail_image(b, FailureKind::timeout);
  end_work(c, LeaseOutcome::Released::untouched);
  const auto answer = get("/statistics?hours=2");
  ASSERT_EQ(answer.status, 200) << answer.text;
  const auto body = answer.json();
  EXPECT_EQ(body.at("images").at("stored"), 1);
  EXPECT_EQ(body.at("images").at("failed"), 1);
  EXPECT_EQ(body.at("images").at("pending"), 1);
  EXPECT_EQ(body.at("bytes"), 5);
  EXPECT_EQ(body.at("by_failure_kind").at("timeout"), 1);
  EXPECT_EQ(body.at("by_source").at(0).at("source").as_string(), "direct");
  EXPECT_EQ(body.at("per_hour").at(0).at("stored"), 1);
  EXPECT_EQ(body.at("per_hour").at(0).at("failed"), 1);
  EXPECT_EQ(body.at("queue").at("waiting"), 1);
  EXPECT_EQ(get("/statistics?hours=0").status, 400);
}

TEST_F(ImagesApiTest, TellsOfTheLastMinutes) {
  rates_.add_stored(7, clock_.now() - 2 * RecentRates::kStep);
  const auto recent = get("/statistics").json().at("recent").as_array();
  ASSERT_EQ(recent.size(), RecentRates::kSteps);
  std::int64_t bytes = 0;
  for (const auto& step : recent) bytes += step.at("bytes").to_number<std::int64_t>();
  EXPECT_EQ(bytes, 7);
}

TEST_F(ImagesApiTest, CountsTheHoursOfEachSourceIfAskedTo) {
  store_image(add_image("https://a.example/1.png"), "direct/1.png", "bytes");
  const auto without = get("/statistics").json();
  EXPECT_FALSE(without.at("by_source").at(0).as_object().contains("per_hour"));
  const auto answer = get("/statistics?hours=24&per_source=true");
  ASSERT_EQ(answer.status, 200) << answer.text;
  const auto body = answer.json();
  EXPECT_EQ(body.at("by_source").at(0).at("per_hour"), body.at("per_hour"));
  EXPECT_EQ(body.at("per_hour").at(0).at("stored"), 1);
  EXPECT_EQ(get("/statistics?per_source=perhaps").status, 400);
}

TEST_F(ImagesApiTest, ShowsNoObjectOfAnImageThatIsDeleted) {
  const auto id = add_image("https://a.example/1.png");
  store_image(id, "direct/1.png", "bytes");
  ASSERT_EQ(ask(HttpMethod::delete_, fmt::format("/images/{}", id)).status, 204);
  const auto image = get(fmt::format("/images/{}", id)).json();
  EXPECT_EQ(image.at("state"), "deleted");
  for (const auto* name : {"key", "store_url", "sha256", "etag"}) {
    EXPECT_TRUE(image.at(name).is_null()) << name;
  }
  EXPECT_EQ(get("/images?state=deleted").json().at("items").at(0), image);
  const auto line = get("/images/export?format=csv&state=deleted").text;
  EXPECT_THAT(line, Not(HasSubstr("direct/1.png")));
  EXPECT_THAT(line, Not(HasSubstr(to_hex(sha256("bytes")))));
}

TEST_F(ImagesApiTest, TriesAgainThoseThatAreChosen) {
  const auto a = add_image("https://a.example/1.png");
  const auto b = add_image("https://a.example/2.png");
  const auto c = add_image("https://a.example/3.png");
  fail_image(a, FailureKind::timeout);
  fail_image(b, FailureKind::timeout);
  store_image(c, "direct/3.png", "bytes");
  const auto answer = post("/images/retry", fmt::format(R"({{"ids":[{},{},999]}})", a, c));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.text, R"({"retried":1})");
  EXPECT_EQ(get(fmt::format("/images/{}", a)).json().at("state"), "pending");
  EXPECT_EQ(get(fmt::format("/images/{}", b)).json().at("state"), "failed");
  EXPECT_EQ(get(fmt::format("/images/{}", c)).json().at("state"), "stored");
  EXPECT_EQ(queued_, 1);
}

TEST_F(ImagesApiTest, TriesNothingAgainIfNothingIsChosen) {
  fail_image(add_image("https://a.example/1.png"), FailureKind::timeout);
  EXPECT_EQ(post("/images/retry", R"({"ids":[]})").text, R"({"retried":0})");
  std::string many = "1";
  for (int i = 0; i < 1000; ++i) many += ",1";
  for (const auto& body : {std::string(R"({"ids":null})"), std::string(R"({"ids":["1"]})"),
                           std::string(R"({"ids":[0]})"), std::string(R"({"ids":[1],"failure_kind":"timeout"})"),
                           std::string(R"({"ids":[1],"source":1})"), R"({"ids":[)" + many + "]}"}) {
    EXPECT_EQ(post("/images/retry", body).status, 400) << body.substr(0, 50);
  }
  EXPECT_EQ(queued_, 0);
}

}  // namespace
}  // namespace creel
