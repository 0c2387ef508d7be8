#include "sources/list_kind.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "catalog/temporary_folder.h"
#include "sources/fake_poll_run.h"
#include "support/run_task.h"

namespace creel {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

class ListKindTest : public ::testing::Test {
 protected:
  ListKindTest() {
    fs::create_directories(lists());
    std::ofstream(root() / "secret.txt") << "https://a.example/secret.png\n";
    source_.settings["format"] = "\"auto\"";
  }

  fs::path root() const { return fs::canonical(folder_.path()); }
  fs::path lists() const { return fs::path(folder_.path()) / "lists"; }
  void write(const std::string& name, const std::string& text) { std::ofstream(lists() / name) << text; }

  void poll(const std::string& location) {
    source_.url = location;
    testing::run(loop_, kind_->poll(source_, run_));
  }

  std::string failure_at(const std::string& location) {
    try {
      poll(location);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      return failure.what();
    }
    return "none";
  }

  std::string error_of(const std::string& location) {
    source_.url = location;
    const auto errors = kind_->check(source_);
    return errors.empty() ? "" : errors[0].pointer + ": " + errors[0].message;
  }

  TemporaryFolder folder_;
  boost::asio::io_context loop_;
  std::unique_ptr<const SourceKind> kind_ = list_kind({.folders = {lists()}});
  SourceConfig source_;
  testing::FakePollRun run_;
};

TEST_F(ListKindTest, AddsTheLinesOfAListOnTheWeb) {
  run_.answer(
      "https://a.example/l.jsonl?key=1",
      R"({"url":"https://a.example/1.png","file_name":"one","folder":"f","headers":{"X-A":"b"},"meta":{"t":"u"}})"
      "\nnonsense\n");
  poll("https://a.example/l.jsonl?key=1");
  ASSERT_THAT(run_.records(), SizeIs(1));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.image_url, "https://a.example/1.png");
  EXPECT_EQ(record.file_name, "one");
  EXPECT_EQ(record.folder, "f");
  EXPECT_THAT(record.fetch_headers, ::testing::ElementsAre(::testing::Pair("X-A", "b")));
  EXPECT_THAT(record.meta, ::testing::ElementsAre(::testing::Pair("t", "u")));
}

TEST_F(ListKindTest, TakesColumnsOfTheCatalogOutOfTheMetadata) {
  run_.answer("https://a.example/l.csv",
              "url,title,description,attribution_name,page_url,nsfw,published_at,camera\n"
              "https://a.example/1.png,Dusk,\"At the lake, late\",Ann,https://a.example/p/1,true,2024-05-06,Leica\n"
              "https://a.example/2.png,,,,,perhaps,soon,\n");
  poll("https://a.example/l.csv");
  ASSERT_THAT(run_.records(), SizeIs(2));
  const auto& record = run_.records()[0];
  EXPECT_EQ(record.title, "Dusk");
  EXPECT_EQ(record.description, "At the lake, late");
  EXPECT_EQ(record.attribution_name, "Ann");
  EXPECT_EQ(record.page_url, "https://a.example/p/1");
  EXPECT_EQ(record.nsfw, true);
  EXPECT_EQ(record.published_at, SystemTime(std::chrono::sys_days(std::chrono::year(2024) / 5 / 6)));
  EXPECT_THAT(record.meta, ::testing::ElementsAre(::testing::Pair("camera", "Leica")));
  EXPECT_THAT(run_.records()[1].meta,
              ::testing::ElementsAre(::testing::Pair("nsfw", "perhaps"), ::testing::Pair("published_at", "soon")));
}

TEST_F(ListKindTest, AddsNothingFromAnUnchangedList) {
  run_.answer("https://a.example/l.txt", {.body = "", .status = 304});
  poll("https://a.example/l.txt");
  EXPECT_THAT(run_.records(), IsEmpty());
}

TEST_F(ListKindTest, TakesTheFormatThatIsSet) {
  source_.settings["format"] = "\"csv\"";
  run_.answer("https://a.example/l", "url,title\nhttps://a.example/1.png,One\n");
  poll("https://a.example/l");
  ASSERT_THAT(run_.records(), SizeIs(1));
}

TEST_F(ListKindTest, FailsWhereNoLineIsGood) {
  run_.answer("https://a.example/l.jsonl", "a\nb\n");
  EXPECT_THAT(failure_at("https://a.example/l.jsonl"), HasSubstr("2 lines"));
}

TEST_F(ListKindTest, FindsNewLinesOfAFile) {
  write("l.txt", "https://a.example/1.png\n");
  poll(lists() / "l.txt");
  EXPECT_THAT(run_.records(), SizeIs(1));
  poll(lists() / "l.txt");
  EXPECT_THAT(run_.records(), SizeIs(1)) << "unchanged";
  write("l.txt", "https://a.example/1.png\nhttps://a.example/2.png\n");
  poll(lists() / "l.txt");
  EXPECT_THAT(run_.records(), SizeIs(3));
}

TEST_F(ListKindTest, ReadsNoFileOutsideOfItsFolders) {
  EXPECT_EQ(error_of(lists() / "l.txt"), "");
  for (const auto& path : {std::string("/etc/passwd"), (lists() / "../secret.txt").string(), lists().string() + "2/x",
                           std::string("l.txt"), std::string("../l.txt"), std::string()}) {
    EXPECT_THAT(error_of(path), HasSubstr("/url: the path")) << path;
    EXPECT_THAT(failure_at(path), HasSubstr("cannot read the list")) << path;
  }
  EXPECT_THAT(run_.records(), IsEmpty());
}

TEST_F(ListKindTest, FollowsNoLinkOutOfItsFolders) {
  fs::create_symlink(root() / "secret.txt", lists() / "link.txt");
  fs::create_directory_symlink(root(), lists() / "up");
  EXPECT_THAT(failure_at(lists() / "link.txt"), HasSubstr("leads out"));
  EXPECT_THAT(failure_at(lists() / "up" / "secret.txt"), HasSubstr("leads out"));
  write("inner.txt", "https://a.example/1.png\n");
  fs::create_symlink(lists() / "inner.txt", lists() / "good.txt");
  poll(lists() / "good.txt");
  EXPECT_THAT(run_.records(), SizeIs(1));
}

TEST_F(ListKindTest, OpensNoPipesNorFolders) {
  ASSERT_EQ(mkfifo((lists() / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(failure_at(lists() / "pipe"), HasSubstr("no plain file"));
  EXPECT_THAT(failure_at(lists()), HasSubstr("no plain file"));
  EXPECT_THAT(failure_at(lists() / "none"), HasSubstr("No such file"));
}

TEST_F(ListKindTest, ReadsNothingFromAClosedFolder) {
  kind_ = list_kind({.folders = {"/"}, .closed = {"/proc", root() / "state"}});
  fs::create_directories(root() / "state");
  std::ofstream(root() / "state" / "secret") << "https://a.example/1.png\n";
  fs::create_symlink(root() / "state" / "secret", lists() / "link.txt");
  for (const auto& path : {fs::path("/proc/self/environ"), root() / "state" / "secret", lists() / "../state/secret"}) {
    EXPECT_THAT(error_of(path), HasSubstr("no lists are read")) << path;
    EXPECT_THAT(failure_at(path), HasSubstr("no lists are read")) << path;
  }
  EXPECT_THAT(failure_at(lists() / "link.txt"), HasSubstr("leads out"));
  write("l.txt", "https://a.example/1.png\n");
  EXPECT_EQ(error_of(lists() / "l.txt"), "");
  poll(lists() / "l.txt");
  EXPECT_THAT(run_.records(), SizeIs(1));
}

TEST_F(ListKindTest, ReadsNoFileAtAllWithoutAFolder) {
  kind_ = list_kind({});
  EXPECT_THAT(error_of(lists() / "l.txt"), HasSubstr("list_folders"));
  EXPECT_THAT(failure_at(lists() / "l.txt"), HasSubstr("list_folders"));
}

}  // namespace
}  // namespace creel
