#include "api/content_api.h"

#include <boost/json/value.hpp>
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/image_for_test.h"
#include "store/folder_store.h"

namespace creel {
namespace {

using creel::testing::run;
using ::testing::HasSubstr;

/// A store whose objects are to be had at a URL.
class UrlStore final : public ObjectStore {
 public:
  Task<PutResult> put(ObjectKey, BodyView, Sha256Digest, ObjectMetadata, PutCondition) override {
    co_return PutResult();
  }
  Task<std::unique_ptr<ObjectUpload>> begin_upload(ObjectKey, ObjectMetadata) override { co_return nullptr; }
  Task<bool> holds(ObjectKey, std::uint64_t, Sha256Digest) override { co_return false; }
  Task<void> remove(ObjectKey) override { co_return; }
  Task<std::optional<std::string>> get(ObjectKey, std::size_t) override { co_return std::nullopt; }
  Task<std::optional<ObjectAccess>> open(ObjectKey key, std::chrono::seconds lifetime) override {
    std::optional<ObjectAccess> access;
    access.emplace();
    access->url = fmt::format("https://bucket.example/{}?expires={}", key.value, lifetime.count());
    co_return access;
  }
  std::string location(const ObjectKey& key) const override { return key.value; }
};

class ContentApiTest : public testing::ApiFixture {
 protected:
  /// The address of the content of a stored image.
  std::string stored(const std::string& bytes) {
    const auto id = add_image("https://a.example/1.png");
    store_image(id, "direct/a cat.png", bytes);
    return fmt::format("/images/{}/content", id);
  }
};

TEST_F(ContentApiTest, GivesTheBytesWithAllThatKeepsThemHarmless) {
  const auto url = stored("0123456789");
  const auto answer = get(url);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text, "0123456789");
  EXPECT_EQ(answer.header("Content-Type"), "image/png");
  EXPECT_EQ(answer.header("Content-Length"), "10");
  EXPECT_EQ(answer.header("ETag"), fmt::format("\"{}\"", to_hex(sha256("0123456789"))));
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.header("Content-Security-Policy"), "default-src 'none'; sandbox");
  EXPECT_EQ(answer.header("Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_EQ(answer.header("Content-Disposition"), "inline; filename=\"a cat.png\"; filename*=UTF-8''a%20cat.png");
  EXPECT_EQ(answer.header("Accept-Ranges"), "bytes");
}

TEST_F(ContentApiTest, AnswersHeadWithTheLength) {
  const auto answer = ask(HttpMethod::head, stored("0123456789"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), "10");
  EXPECT_EQ(answer.text, "");
}

TEST_F(ContentApiTest, GivesOneRangeAndTheWholeForSeveral) {
  const auto url = stored("0123456789");
  const auto part = get(url, {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.text, "234");
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(part.header("Content-Length"), "3");
  EXPECT_EQ(get(url, {{"Range", "bytes=0-1,3-4"}}).text, "0123456789");
  const auto none = get(url, {{"Range", "bytes=10-"}});
  EXPECT_EQ(none.status, 416);
  EXPECT_EQ(none.header("Content-Range"), "bytes */10");
}

TEST_F(ContentApiTest, GivesARangeOnlyOfWhatTheClientKnows) {
  const auto url = stored("0123456789");
  const auto etag = get(url).header("ETag");
  EXPECT_EQ(get(url, {{"Range", "bytes=0-1"}, {"If-Range", etag}}).status, 206);
  EXPECT_EQ(get(url, {{"Range", "bytes=0-1"}, {"If-Range", "\"other\""}}).status, 200);
  EXPECT_EQ(get(url, {{"Range", "bytes=0-1"}, {"If-Range", "W/" + etag}}).status, 200);
}

TEST_F(ContentApiTest, SendsNothingThatTheClientHas) {
  const auto url = stored("0123456789");
  const auto etag = get(url).header("ETag");
  const auto answer = get(url, {{"If-None-Match", "\"x\", " + etag}});
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.text, "");
  EXPECT_EQ(answer.header("ETag"), etag);
  EXPECT_EQ(get(url, {{"If-None-Match", "\"x\""}}).status, 200);
}

TEST_F(ContentApiTest, HasNothingForWhatIsNotStoredOrHasGone) {
  const auto id = add_image("https://a.example/2.png");
  EXPECT_EQ(get(fmt::format("/images/{}/content", id)).status, 404);
  EXPECT_EQ(get("/images/999/content").status, 404);
  const auto url = stored("bytes");
  run(loop_, store_.remove({"direct/a cat.png"}));
  const auto gone = get(url);
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.header("Content-Type"), "application/problem+json");
  EXPECT_THAT(gone.text, HasSubstr("no longer in the store"));
}

TEST_F(ContentApiTest, StreamsALargeFileFromAFolder) {
  boost::asio::thread_pool files(2);
  FolderStore folder(folder_.path() / "images", files, nullptr);
  serve(folder);
  std::string bytes(3'000'000, 'x');
  bytes[2'000'000] = 'y';
  const auto url = stored(bytes);
  run(loop_, [](FolderStore& store, const std::string& content) -> Task<void> {
    co_await store.put({"direct/a cat.png"}, BodyView(std::as_bytes(std::span(content))), sha256(content), {},
                       PutCondition::always);
  }(folder, bytes));
  EXPECT_EQ(get(url).text, bytes);
  EXPECT_EQ(get(url, {{"Range", "bytes=1999999-2000001"}}).text, "xyx");
  run(loop_, api_->stop(std::chrono::steady_clock::now()));
  api_.reset();
  files.join();
}

TEST_F(ContentApiTest, LeadsToTheBucketForAWhile) {
  UrlStore bucket;
  serve(bucket);
  const auto answer = get(stored("bytes"));
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.header("Location"), "https://bucket.example/direct/a cat.png?expires=600");
  EXPECT_EQ(answer.header("Cache-Control"), "private, no-store");
  run(loop_, api_->stop(std::chrono::steady_clock::now()));
  api_.reset();
}

TEST(ContentDisposition, IsSafeWhateverTheNameIs) {
  auto image = testing::whole_image();
  image.key = "a/b\"; x=\r\n\\..%41 Zoë.png";
  const auto text = content_disposition(image);
  EXPECT_EQ(text.find_first_of("\r\n\\"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("filename=\"b_; x=___.._41 Zo__.png\""));
}

}  // namespace
}  // namespace creel
