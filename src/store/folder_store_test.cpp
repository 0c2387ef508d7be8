#include "store/folder_store.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <future>
#include <set>
#include <sstream>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/blocking.h"
#include "base/failure.h"
#include "store/folder_store_files.h"
#include "support/run_task.h"

namespace creel {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using creel::testing::run;
using enum PutCondition;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

BodyView view(std::string_view text) {
  return BodyView(std::as_bytes(std::span(text)));
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Tells a file from another that was put in its place.
ino_t inode_of(const fs::path& path) {
  struct ::stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_ino;
}

/// What the listener was told, one line each.
class Told final : public UploadListener {
 public:
  void on_bytes_sent(std::size_t bytes) override { lines.push_back(fmt::format("sent {}", bytes)); }
  void on_completed(const ObjectKey& key) override { lines.push_back("completed " + key.value); }
  void on_failed(const ObjectKey& key, std::string_view) override { lines.push_back("failed " + key.value); }

  std::vector<std::string> lines;
};

class FolderStoreTest : public ::testing::Test {
 public:
  FolderStoreTest() {
    std::string pattern = fs::temp_directory_path() / "creel-folder-store-XXXXXX";
    base_ = ::mkdtemp(pattern.data());
    root_ = base_ / "root";
  }
  ~FolderStoreTest() override {
    files_.join();
    fs::remove_all(base_);
  }

 protected:
  FolderStore& store() {
    if (!store_) store_ = std::make_unique<FolderStore>(root_, files_, &told_);
    return *store_;
  }

  PutResult put(const std::string& key, std::string_view bytes, PutCondition condition = always) {
    return run(loop_,
               store().put({key}, view(bytes), sha256(bytes), {.content_type = "image/png", .user = {}}, condition));
  }

  Failure failure_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "nothing failed";
    return {FailureKind::internal, ""};
  }

  /// Names in the folder of unfinished files, the lock aside.
  std::set<std::string> unfinished() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ / ".creel-unfinished")) names.insert(entry.path().filename());
    names.erase("lock");
    return names;
  }

  fs::path base_;
  fs::path root_;
  asio::io_context loop_;
  asio::thread_pool files_{1};
  Told told_;
  std::unique_ptr<FolderStore> store_;
};

TEST_F(FolderStoreTest, PutsTheBytesUnderTheKeyAndMakesTheFoldersAbove) {
  const auto result = put("a/b c/d.png", "bytes");
  EXPECT_FALSE(result.already_there);
  EXPECT_EQ(result.etag, "");
  EXPECT_EQ(contents(root_ / "a/b c/d.png"), "bytes");
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(told_.lines, ElementsAre("sent 5", "completed a/b c/d.png"));
}

TEST_F(FolderStoreTest, PutsItsPrefixBeforeEveryKey) {
  store_ = std::make_unique<FolderStore>(root_, files_, &told_, "2026/cats");
  put("a.png", "bytes");
  EXPECT_EQ(contents(root_ / "2026/cats/a.png"), "bytes");
  EXPECT_EQ(store().location({"a.png"}), (root_ / "2026/cats/a.png").string());
  EXPECT_EQ(run(loop_, store().get({"a.png"}, 100)), "bytes");
  auto upload = run(loop_, store().begin_upload({"b.png"}, {}));
  run(loop_, upload->add_part(view("large")));
  run(loop_, upload->finish({"b.png"}, always));
  EXPECT_EQ(contents(root_ / "2026/cats/b.png"), "large");
  run(loop_, store().remove({"a.png"}));
  EXPECT_FALSE(fs::exists(root_ / "2026/cats/a.png"));
}

TEST_F(FolderStoreTest, RefusesAPrefixThatLeadsOutOfTheFolder) {
  store_ = std::make_unique<FolderStore>(root_, files_, &told_, "../other");
  EXPECT_EQ(failure_of([&] { put("a.png", "bytes"); }).kind(), FailureKind::store_error);
  EXPECT_FALSE(fs::exists(base_ / "other"));
}

TEST_F(FolderStoreTest, PutsABodyOfManyPiecesInOrder) {
  BlockPool pool;
  ByteBuffer body(pool);
  std::string expected;
  while (expected.size() < 20 * BlockPool::kBlockBytes) expected += fmt::format("{},", expected.size());
  body.append(std::as_bytes(std::span(expected)));
  std::vector<std::span<const std::byte>> pieces;
  const auto whole = body.view();
  for (int i = 0; i < 120; ++i) pieces.insert(pieces.end(), whole.pieces().begin(), whole.pieces().end());

  run(loop_, store().put({"a.png"}, BodyView(pieces), {}, {}, always));
  const auto written = contents(root_ / "a.png");
  ASSERT_EQ(written.size(), 120 * expected.size());
  for (std::size_t at = 0; at < written.size(); at += expected.size()) {
    ASSERT_EQ(written.compare(at, expected.size(), expected), 0) << at;
  }
}

TEST_F(FolderStoreTest, PutsAnEmptyBody) {
  put("a.png", "");
  EXPECT_TRUE(fs::is_regular_file(root_ / "a.png"));
}

TEST_F(FolderStoreTest, AlwaysReplacesWhatIsThere) {
  put("a.png", "old");
  EXPECT_FALSE(put("a.png", "new").already_there);
  EXPECT_EQ(contents(root_ / "a.png"), "new");
}

TEST_F(FolderStoreTest, AbsentOnlyKeepsWhatIsThere) {
  EXPECT_FALSE(put("a/a.png", "old", absent_only).already_there);
  EXPECT_TRUE(put("a/a.png", "new", absent_only).already_there);
  EXPECT_EQ(contents(root_ / "a/a.png"), "old");
  EXPECT_THAT(told_.lines, ElementsAre("sent 3", "completed a/a.png"));
}

TEST_F(FolderStoreTest, UnlessSameLeavesTheSameBytesAlone) {
  put("a.png", "same");
  const auto before = inode_of(root_ / "a.png");
  EXPECT_TRUE(put("a.png", "same", unless_same).already_there);
  EXPECT_EQ(inode_of(root_ / "a.png"), before);
}

TEST_F(FolderStoreTest, UnlessSameReplacesOtherBytes) {
  EXPECT_FALSE(put("a.png", "abcd", unless_same).already_there);
  EXPECT_FALSE(put("a.png", "abcx", unless_same).already_there);
  EXPECT_EQ(contents(root_ / "a.png"), "abcx");
  EXPECT_FALSE(put("a.png", "longer", unless_same).already_there);
  EXPECT_EQ(contents(root_ / "a.png"), "longer");
}

/// No file may grow beyond a size while this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

TEST_F(FolderStoreTest, APutThatFailsHalfwayLeavesTheOldObjectAndNothingElse) {
  put("a.png", "old");
  {
    const FileSizeLimit limit(10'000);
    const auto failure = failure_of([&] { put("a.png", std::string(30'000, 'x')); });
    EXPECT_EQ(failure.kind(), FailureKind::store_error);
    EXPECT_THAT(failure.what(), HasSubstr("File too large"));
    EXPECT_EQ(failure_of([&] { put("b.png", std::string(30'000, 'x')); }).kind(), FailureKind::store_error);
  }
  EXPECT_EQ(contents(root_ / "a.png"), "old");
  EXPECT_FALSE(fs::exists(root_ / "b.png"));
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(told_.lines, ElementsAre("sent 3", "completed a.png", "failed a.png", "failed b.png"));
}

TEST_F(FolderStoreTest, AFileWhereAFolderIsNeededIsAStoreError) {
  put("a", "file");
  for (const auto condition : {always, absent_only, unless_same}) {
    const auto failure = failure_of([&] { put("a/b.png", "x", condition); });
    EXPECT_EQ(failure.kind(), FailureKind::store_error);
    EXPECT_EQ(failure.what(), "'" + (root_ / "a").string() + "' is a file or a symbolic link where a folder is needed");
  }
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(FolderStoreTest, AFolderWhereAFileIsNeededIsAStoreError) {
  put("a/b.png", "x");
  for (const auto condition : {always, absent_only, unless_same}) {
    const auto failure = failure_of([&] { put("a", "file", condition); });
    EXPECT_EQ(failure.kind(), FailureKind::store_error);
    EXPECT_EQ(failure.what(), "'" + (root_ / "a").string() + "' is a folder where a file is needed");
  }
  EXPECT_EQ(failure_of([&] { run(loop_, store().remove({"a"})); }).kind(), FailureKind::store_error);
  EXPECT_EQ(failure_of([&] { run(loop_, store().get({"a"}, 10)); }).kind(), FailureKind::store_error);
  EXPECT_EQ(contents(root_ / "a/b.png"), "x");
}

TEST_F(FolderStoreTest, NothingLeavesTheRootBySymbolicLinks) {
  put("first.png", "x");
  fs::create_directory(base_ / "outside");
  std::ofstream(base_ / "outside/secret.png") << "secret";
  fs::create_directory_symlink(base_ / "outside", root_ / "link");

  EXPECT_EQ(failure_of([&] { put("link/a.png", "x"); }).kind(), FailureKind::store_error);
  EXPECT_EQ(failure_of([&] { put("link/b/a.png", "x"); }).kind(), FailureKind::store_error);
  EXPECT_EQ(failure_of([&] { run(loop_, store().remove({"link/secret.png"})); }).kind(), FailureKind::store_error);
  EXPECT_EQ(failure_of([&] { run(loop_, store().get({"link/secret.png"}, 10)); }).kind(), FailureKind::store_error);
  EXPECT_EQ(contents(base_ / "outside/secret.png"), "secret");
  EXPECT_EQ(std::distance(fs::directory_iterator(base_ / "outside"), {}), 1);
}

TEST_F(FolderStoreTest, ReplacesALinkRatherThanWhatItPointsTo) {
  put("first.png", "x");
  std::ofstream(base_ / "outside.png") << "outside";
  fs::create_symlink(base_ / "outside.png", root_ / "a.png");
  EXPECT_EQ(run(loop_, store().get({"a.png"}, 100)), std::nullopt);
  EXPECT_TRUE(put("a.png", "inside", absent_only).already_there);
  EXPECT_FALSE(put("a.png", "outside", unless_same).already_there);
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(root_ / "a.png")));
  put("a.png", "inside");
  EXPECT_EQ(contents(base_ / "outside.png"), "outside");
}

TEST_F(FolderStoreTest, RefusesKeysThatAreNoFilesName) {
  for (const auto* key : {"", "/a.png", "a/", "a//b.png", "..", "../a.png", "a/../../b.png", "./a.png", "a/.",
                          ".creel-unfinished/a.png", ".creel-unfinished"}) {
    EXPECT_EQ(failure_of([&] { put(key, "x"); }).kind(), FailureKind::store_error) << key;
    EXPECT_EQ(failure_of([&] { run(loop_, store().remove({key})); }).kind(), FailureKind::store_error) << key;
  }
  EXPECT_EQ(failure_of([&] { put(std::string("a\0.png", 6), "x"); }).kind(), FailureKind::store_error);
  EXPECT_EQ(std::distance(fs::directory_iterator(base_), {}), 1);
}

TEST_F(FolderStoreTest, AFolderThatMayNotBeWrittenIsDenied) {
  put("a/first.png", "x");
  // Root may write anywhere, so the thread that does the file work becomes nobody.
  const auto nobody = ::geteuid() == 0 ? 65534 : ::geteuid();
  fs::permissions(base_, fs::perms{0755});
  fs::permissions(root_ / ".creel-unfinished", ::geteuid() == 0 ? fs::perms{0777} : fs::perms{0755});
  fs::permissions(root_ / "a", fs::perms{0555});
  run(loop_, run_blocking(files_, [&] { ::setfsuid(nobody); }));

  const auto failure = failure_of([&] { put("a/b.png", "x"); });
  EXPECT_EQ(failure.kind(), FailureKind::store_denied);
  EXPECT_EQ(failure.what(), "'" + (root_ / "a/b.png").string() + "': Permission denied");
  EXPECT_THAT(unfinished(), IsEmpty());
  fs::permissions(root_ / "a", fs::perms{0755});
}

TEST_F(FolderStoreTest, ARootThatCannotBeMadeIsDenied) {
  std::ofstream(base_ / "file") << "x";
  for (const fs::path& root : {base_ / "file", base_ / "file/below", fs::path("/proc/creel/x")}) {
    EXPECT_EQ(failure_of([&] { FolderStore(root, files_, nullptr); }).kind(), FailureKind::store_denied) << root;
  }
}

TEST_F(FolderStoreTest, MakesTheRootWithItsParents) {
  const FolderStore made(base_ / "x/y/z/", files_, nullptr);
  EXPECT_TRUE(fs::is_directory(base_ / "x/y/z/.creel-unfinished"));
}

TEST(FileFailure, TellsWhatWillFailForEveryFileFromWhatFailsForOne) {
  for (const int error : {EACCES, EPERM, EROFS, ENOSPC, EDQUOT}) {
    EXPECT_EQ(file_failure(error, "/d/a").kind(), FailureKind::store_denied) << error;
  }
  for (const int error : {EIO, ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, EFBIG, EMFILE, EXDEV}) {
    EXPECT_EQ(file_failure(error, "/d/a").kind(), FailureKind::store_error) << error;
  }
  EXPECT_STREQ(file_failure(ENOSPC, "/d/a").what(), "'/d/a': No space left on device");
}

TEST_F(FolderStoreTest, GetsAtMostAsManyBytesAsAskedFor) {
  put("a/b.png", "0123456789");
  EXPECT_EQ(run(loop_, store().get({"a/b.png"}, 100)), "0123456789");
  EXPECT_EQ(run(loop_, store().get({"a/b.png"}, 4)), "0123");
}

TEST_F(FolderStoreTest, ReadsAnOpenObjectWhereOneLikesAlsoWhenAnotherTakesItsPlace) {
  put("a/b.png", "0123456789");
  const auto access = run(loop_, store().open({"a/b.png"}, 60s));
  ASSERT_TRUE(access && access->reader);
  EXPECT_TRUE(access->url.empty());
  EXPECT_EQ(access->reader->size_bytes(), 10U);
  EXPECT_EQ(run(loop_, access->reader->read(0, 4)), "0123");
  put("a/b.png", "another");
  EXPECT_EQ(run(loop_, access->reader->read(8, 100)), "89");
  EXPECT_EQ(run(loop_, access->reader->read(4, 2)), "45");
  EXPECT_EQ(run(loop_, access->reader->read(10, 1)), "");
  EXPECT_EQ(run(loop_, access->reader->read(1000, 1)), "");
}

TEST_F(FolderStoreTest, OpensNothingThatIsNotThereOrLiesOutside) {
  put("first.png", "x");
  std::ofstream(base_ / "outside.png") << "outside";
  fs::create_symlink(base_ / "outside.png", root_ / "link.png");
  fs::create_directory(base_ / "folder");
  fs::create_directory_symlink(base_ / "folder", root_ / "folder");
  EXPECT_FALSE(run(loop_, store().open({"none.png"}, 60s)));
  EXPECT_FALSE(run(loop_, store().open({"link.png"}, 60s)));
  EXPECT_EQ(failure_of([&] { run(loop_, store().open({"folder/a.png"}, 60s)); }).kind(), FailureKind::store_error);
  EXPECT_EQ(failure_of([&] { run(loop_, store().open({"../outside.png"}, 60s)); }).kind(), FailureKind::store_error);
}

TEST_F(FolderStoreTest, GetsNothingWhereNothingIs) {
  EXPECT_EQ(run(loop_, store().get({"a.png"}, 100)), std::nullopt);
  EXPECT_EQ(run(loop_, store().get({"x/a.png"}, 100)), std::nullopt);
}

TEST_F(FolderStoreTest, RemovesAnObjectAndMindsNotIfItIsNotThere) {
  put("a/b.png", "x");
  run(loop_, store().remove({"a/b.png"}));
  EXPECT_FALSE(fs::exists(root_ / "a/b.png"));
  run(loop_, store().remove({"a/b.png"}));
  run(loop_, store().remove({"none/b.png"}));
}

TEST_F(FolderStoreTest, TellsWhereAnObjectIs) {
  EXPECT_EQ(store().location({"a/b c.png"}), (root_ / "a/b c.png").string());
}

TEST_F(FolderStoreTest, AnUploadIsSeenWhenItIsFinishedUnderItsLastKey) {
  const auto upload = run(loop_, store().begin_upload({"a/first.png"}, {}));
  run(loop_, upload->add_part(view("one,")));
  run(loop_, upload->add_part(view("two")));
  EXPECT_FALSE(fs::exists(root_ / "a"));
  EXPECT_FALSE(run(loop_, upload->finish({"b/last.jpg"}, always)).already_there);
  EXPECT_EQ(contents(root_ / "b/last.jpg"), "one,two");
  EXPECT_FALSE(fs::exists(root_ / "a"));
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_THAT(told_.lines, ElementsAre("sent 4", "sent 3", "completed b/last.jpg"));
}

TEST_F(FolderStoreTest, AnUploadKeepsWhatIsThereIfSoAsked) {
  put("a.png", "old");
  const auto upload = run(loop_, store().begin_upload({"a.png"}, {}));
  run(loop_, upload->add_part(view("new")));
  EXPECT_TRUE(run(loop_, upload->finish({"a.png"}, absent_only)).already_there);
  EXPECT_EQ(contents(root_ / "a.png"), "old");
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(FolderStoreTest, AnUploadNeverReplacesAFolder) {
  put("a/b.png", "x");
  for (const auto condition : {always, absent_only, unless_same}) {
    const auto upload = run(loop_, store().begin_upload({"a"}, {}));
    const auto failure = failure_of([&] { run(loop_, upload->finish({"a"}, condition)); });
    EXPECT_THAT(failure.what(), HasSubstr("is a folder where a file is needed"));
    run(loop_, upload->abort());
  }
  EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(FolderStoreTest, AnAbortedOrDroppedUploadLeavesNothing) {
  auto aborted = run(loop_, store().begin_upload({"a.png"}, {}));
  auto dropped = run(loop_, store().begin_upload({"b.png"}, {}));
  run(loop_, aborted->add_part(view("part")));
  EXPECT_EQ(unfinished().size(), 2U);
  run(loop_, aborted->abort());
  dropped.reset();
  EXPECT_THAT(unfinished(), IsEmpty());
  EXPECT_FALSE(fs::exists(root_ / "a.png"));
}

TEST_F(FolderStoreTest, ManyPutsToOneKeyYieldOneOfThemWhole) {
  asio::thread_pool many(4);
  FolderStore crowded(root_, many, nullptr);
  std::vector<std::string> bodies;
  for (char c = 'a'; c < 'i'; ++c) bodies.emplace_back(300'000 + 1000 * static_cast<std::size_t>(c), c);
  for (const auto condition : {always, absent_only, unless_same}) {
    int stored = 0;
    for (const auto& body : bodies) {
      asio::co_spawn(loop_, crowded.put({"x/a.png"}, view(body), sha256(body), {}, condition),
                     [&](const std::exception_ptr& failure, const PutResult& result) {
                       EXPECT_EQ(failure, nullptr);
                       if (!result.already_there) ++stored;
                     });
    }
    loop_.restart();
    loop_.run();
    EXPECT_EQ(stored, condition == absent_only ? 1 : 8);
    EXPECT_THAT(bodies, ::testing::Contains(contents(root_ / "x/a.png")));
    run(loop_, crowded.remove({"x/a.png"}));
  }
  EXPECT_THAT(unfinished(), IsEmpty());
  many.join();
}

TEST_F(FolderStoreTest, ACancelledPutIsWaitedForSoThatItsBytesMayGo) {
  std::promise<void> go_on;
  asio::post(files_, [&, gate = go_on.get_future().share()] { gate.wait(); });
  asio::cancellation_signal cancel;
  auto body = std::make_unique<std::string>(1'000'000, 'b');
  bool ended = false;
  asio::co_spawn(loop_, store().put({"a.png"}, view(*body), {}, {}, always),
                 asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr&, const PutResult&) {
                   body.reset();
                   ended = true;
                 }));
  loop_.poll();
  cancel.emit(asio::cancellation_type::all);
  loop_.poll();
  EXPECT_FALSE(ended);

  go_on.set_value();
  loop_.restart();
  loop_.run();
  EXPECT_TRUE(ended);
  EXPECT_EQ(contents(root_ / "a.png"), std::string(1'000'000, 'b'));
}

TEST_F(FolderStoreTest, ReturnsOnTheLoopThatAsked) {
  const auto loop_thread = std::this_thread::get_id();
  const auto [work_thread, next_thread] =
      run(loop_, [](asio::thread_pool& files) -> Task<std::pair<std::thread::id, std::thread::id>> {
        const auto work = co_await run_blocking(files, [] { return std::this_thread::get_id(); });
        co_return std::pair(work, std::this_thread::get_id());
      }(files_));
  EXPECT_NE(work_thread, loop_thread);
  EXPECT_EQ(next_thread, loop_thread);
}

TEST_F(FolderStoreTest, CleansUpAfterACrashButNotUnderALivingStore) {
  fs::create_directories(root_ / ".creel-unfinished");
  std::ofstream(root_ / ".creel-unfinished/1234-left-over") << "half";
  store();
  EXPECT_THAT(unfinished(), IsEmpty());

  auto upload = run(loop_, store().begin_upload({"a.png"}, {}));
  run(loop_, upload->add_part(view("alive")));
  const FolderStore other(root_, files_, nullptr);
  EXPECT_EQ(unfinished().size(), 1U);
  run(loop_, upload->finish({"a.png"}, always));
  EXPECT_EQ(contents(root_ / "a.png"), "alive");
}

TEST_F(FolderStoreTest, AProcessKilledInTheMiddleLeavesNothingToBeSeen) {
  files_.join();
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    asio::thread_pool files(1);
    FolderStore store(root_, files, nullptr);
    const auto upload = run(loop_, store.begin_upload({"a.png"}, {}));
    run(loop_, upload->add_part(view("half")));
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(unfinished().size(), 1U);
  EXPECT_FALSE(fs::exists(root_ / "a.png"));
  store();
  EXPECT_THAT(unfinished(), IsEmpty());
}

}  // namespace
}  // namespace creel
