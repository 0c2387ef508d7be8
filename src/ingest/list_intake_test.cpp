#include "ingest/list_intake.h"

#include <sstream>

#include <gtest/gtest.h>

namespace creel {
namespace {

ListBatch batch_of(const std::string& text, ListFormat format, const JobOptions& job = {}) {
  ImageList list(std::make_unique<std::istringstream>(text), "list", format);
  return read_batch(list, job);
}

FoundImage one_of(const std::string& text, ListFormat format, const JobOptions& job = {}) {
  auto batch = batch_of(text, format, job);
  EXPECT_EQ(batch.found.size(), 1U);
  return batch.found.at(0);
}

std::string id_of(const std::string& line, const JobOptions& job = {}) {
  return one_of(line, ListFormat::jsonl, job).image_id;
}

TEST(ListIntake, TurnsLinesIntoImages) {
  const auto image = one_of(R"({"url": "HTTPS://A.example:8443/x.png", "folder": "sea", "file_name": "a.png",)"
                            R"("headers": {"Referer": "r"}, "meta": {"title": "Sunset"}})",
                            ListFormat::jsonl);
  EXPECT_EQ(image.url, "https://a.example:8443/x.png");
  EXPECT_EQ(image.host, "a.example:8443");
  EXPECT_EQ(image.folder, "sea");
  EXPECT_EQ(image.file_name, "a.png");
  EXPECT_EQ(image.fetch_headers, R"({"Referer":"r"})");
  EXPECT_EQ(image.meta, R"({"title":"Sunset"})");
  EXPECT_EQ(image.image_id.size(), 32U);
}

/// Gives its text, and then an error of the file system.
class FailingInput final : public std::istream {
 public:
  explicit FailingInput(std::string text) : std::istream(nullptr), buffer_(std::move(text)) { rdbuf(&buffer_); }

 private:
  class Buffer final : public std::streambuf {
   public:
    explicit Buffer(std::string text) : text_(std::move(text)) {
      setg(text_.data(), text_.data(), text_.data() + text_.size());
    }
    int_type underflow() override { throw std::ios_base::failure("the disk is gone"); }

   private:
    std::string text_;
  };
  Buffer buffer_;
};

TEST(ListIntake, KeepsTheLinesBeforeTheListBrokeOff) {
  ImageList list(std::make_unique<FailingInput>("https://a.example/1.png\nhttps://a.example/2.png\nhttps://a.exa"),
                 "list", ListFormat::urls);
  const auto batch = read_batch(list, {});
  EXPECT_EQ(batch.found.size(), 2U);
  EXPECT_TRUE(batch.at_end);
  ASSERT_TRUE(batch.broken);
  EXPECT_EQ(batch.broken->kind(), FailureKind::truncated);
}

TEST(ListIntake, PutsImagesOfLinesWithoutFolderIntoTheJobs) {
  JobOptions job;
  job.folder = "of/the/job";
  EXPECT_EQ(one_of("https://a.example/x.png", ListFormat::urls, job).folder, "of/the/job");
}

TEST(ListIntake, RefusesWhatCannotBeUsedWithItsPosition) {
  struct Case {
    std::string line;
    FailureKind kind;
  };
  const std::vector<Case> cases = {
      {R"({"url": "nonsense"})", FailureKind::bad_url},
      {R"({"url": "ftp://a.example/x.png"})", FailureKind::bad_url},
      {R"({"url": "https://user:word@a.example/x.png"})", FailureKind::bad_url},
      {R"({"url": "https://a.example/x.png", "folder": "a/../b"})", FailureKind::bad_request},
      {R"({"url": "https://a.example/x.png", "folder": "/a"})", FailureKind::bad_request},
      {R"({"url": "https://a.example/x.png", "headers": {"Host": "b.example"}})", FailureKind::bad_request},
      {R"({"url": "https://a.example/x.png", "headers": {"X": "a\r\nY: b"}})", FailureKind::bad_request},
      {R"({"url": "https://a.example/x.png", "meta": {"title": "a\nb"}})", FailureKind::bad_request},
      {R"({"url": "https://a.example/x.png", "meta": {"title": "a\u0000b"}})", FailureKind::bad_request},
      {R"({"url": "https://a.example/x.png", "meta": {"ti\rtle": "a"}})", FailureKind::bad_request},
      {R"({"no url": ""})", FailureKind::bad_request},
      {"{", FailureKind::bad_request},
  };
  for (const auto& one : cases) {
    const auto batch = batch_of("{\"url\": \"https://a.example/good.png\"}\n" + one.line + "\n", ListFormat::jsonl);
    EXPECT_EQ(batch.found.size(), 1U);
    ASSERT_EQ(batch.refused.size(), 1U) << one.line;
    const auto& bad = batch.refused[0].second;
    EXPECT_EQ(bad.kind, one.kind) << one.line;
    EXPECT_EQ(bad.position, "list:2");
    EXPECT_FALSE(bad.message.empty());
    EXPECT_TRUE(batch.at_end);
  }
}

TEST(ListIntake, IdentifiesAnImageByUrlFolderFileNameAndKeyModeAlone) {
  const auto id = id_of(R"({"url": "https://a.example/x.png", "folder": "f", "file_name": "n"})");
  EXPECT_EQ(id, id_of(R"({"url": "HTTPS://A.EXAMPLE:443/x.png#top", "folder": "f", "file_name": "n"})"));
  EXPECT_EQ(id, id_of(R"({"url": "https://a.example/x.png", "folder": "f", "file_name": "n",)"
                      R"("headers": {"Referer": "r"}, "meta": {"title": "t"}})"));
  JobOptions job;
  job.folder = "f";
  job.max_bytes = 1;
  job.headers = {{"X", "y"}};
  EXPECT_EQ(id, id_of(R"({"url": "https://a.example/x.png", "file_name": "n"})", job));

  EXPECT_NE(id, id_of(R"({"url": "https://a.example/y.png", "folder": "f", "file_name": "n"})"));
  EXPECT_NE(id, id_of(R"({"url": "https://a.example/x.png", "folder": "g", "file_name": "n"})"));
  EXPECT_NE(id, id_of(R"({"url": "https://a.example/x.png", "folder": "f", "file_name": "m"})"));
  job.key_mode = KeyMode::content;
  EXPECT_NE(id, id_of(R"({"url": "https://a.example/x.png", "file_name": "n"})", job));
}

TEST(ListIntake, ReadsALongListInBatchesWithoutLosingALine) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += fmt::format("https://a.example/{}.png\n", i);
  ImageList list(std::make_unique<std::istringstream>(text), "list", ListFormat::urls);
  std::size_t lines = 0;
  int batches = 0;
  for (bool at_end = false; !at_end; ++batches) {
    const auto batch = read_batch(list, {});
    EXPECT_LT(batch.found.size(), 3000U) << "memory does not grow with the list";
    lines += batch.found.size();
    at_end = batch.at_end;
  }
  EXPECT_EQ(lines, 5000U);
  EXPECT_GT(batches, 1);
}

TEST(ListIntake, ReportsAtOnceWhatNeedsNoWork) {
  const auto batch = batch_of(
      "https://a.example/1\nhttps://a.example/2\nnonsense\nhttps://a.example/3\n"
      "https://a.example/4\nhttps://a.example/5\n",
      ListFormat::urls);
  const std::vector<Sighting> sightings = {
      {.what = Sighting::What::pending},
      {.what = Sighting::What::stored, .stored = StoredFacts{.key = "k"}, .attempts = 2},
      {.what = Sighting::What::failed, .failure = FailureFacts{FailureKind::not_found, "gone"}, .attempts = 3},
      {.what = Sighting::What::deleted},
      {.what = Sighting::What::repeated},
  };
  const auto result = intake_result(batch, sightings);
  EXPECT_EQ(result.waiting, 1U);
  EXPECT_EQ(result.repeated, 2U);
  ASSERT_EQ(result.reports.size(), 3U);

  const auto& refused = result.reports[0];
  EXPECT_EQ(refused.url, "nonsense");
  EXPECT_EQ(refused.failure->kind, FailureKind::bad_url);
  EXPECT_TRUE(refused.failure->message.starts_with("list:3: ")) << refused.failure->message;

  EXPECT_EQ(result.reports[1].url, "https://a.example/2");
  EXPECT_EQ(result.reports[1].status, ImageStatus::already);
  EXPECT_EQ(result.reports[1].stored->key, "k");
  EXPECT_EQ(result.reports[1].attempts, 2);

  EXPECT_EQ(result.reports[2].status, ImageStatus::failed);
  EXPECT_EQ(result.reports[2].failure->message, "gone");
  EXPECT_EQ(result.reports[2].attempts, 3);
}

}  // namespace
}  // namespace creel
