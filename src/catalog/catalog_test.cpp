#include "catalog/catalog.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "base/failure.h"
#include "catalog/image_repository.h"
#include "catalog/temporary_folder.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class CatalogTest : public testing::Test {
 protected:
  fs::path file(const std::string& name = "creel.db") const { return folder_.path() / name; }

  static std::string text_of(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  static void expect_refusal(const fs::path& path, const testing::Matcher<const char*>& message) {
    try {
      Catalog::open_sqlite(path);
      ADD_FAILURE() << path << " was opened";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      EXPECT_THAT(failure.what(), message);
    }
  }

  /// What a statement on a connection that is not creel's finds or does.
  static void with_sqlite(const fs::path& path, const std::vector<std::string>& statements) {
    soci::session session(*soci::factory_sqlite3(), "dbname=\"" + path.string() + "\"");
    for (const auto& statement : statements) session << statement;
  }

  static long long setting(Catalog& catalog, const std::string& pragma) {
    long long value = 0;
    catalog.session() << "pragma " + pragma, soci::into(value);
    return value;
  }

  TemporaryFolder folder_;
};

TEST_F(CatalogTest, KeepsWhatWasWritten) {
  SourceId source{};
  {
    const auto catalog = Catalog::open_sqlite(file());
    source = ImageRepository(*catalog).source("urls.txt", "list");
  }
  const auto catalog = Catalog::open_sqlite(file());
  EXPECT_EQ(ImageRepository(*catalog).source("urls.txt", "list"), source);
}

TEST_F(CatalogTest, MakesTheFoldersOnItsPath) {
  Catalog::open_sqlite(file("not/yet/there.db"));
  EXPECT_TRUE(fs::exists(file("not/yet/there.db")));
}

TEST_F(CatalogTest, TakesPathsWithOddCharacters) {
  for (const auto* name : {"with spaces  here.db", "key=value db=x.db", "it's;odd.db", "\xE2\x98\x83.db"}) {
    Catalog::open_sqlite(file(name));
    EXPECT_TRUE(fs::exists(file(name))) << name;
  }
  expect_refusal(file("a\"b.db"), HasSubstr("double quote"));
}

TEST_F(CatalogTest, TakesARelativePath) {
  const auto path = fs::relative(file());
  Catalog::open_sqlite(path);
  EXPECT_TRUE(fs::exists(file()));
}

TEST_F(CatalogTest, TakesAnEmptyFileForANewCatalog) {
  std::ofstream{file()};
  Catalog::open_sqlite(file());
  EXPECT_GT(fs::file_size(file()), 0U);
}

TEST_F(CatalogTest, IsForTheEyesOfItsOwnerOnly) {
  const auto catalog = Catalog::open_sqlite(file());
  const auto owner = fs::perms::owner_read | fs::perms::owner_write;
  for (const auto* name : {"creel.db", "creel.db-wal", "creel.db.lock"}) {
    EXPECT_EQ(fs::status(file(name)).permissions(), owner) << name;
  }
}

TEST_F(CatalogTest, IsSetUpForBoundedMemory) {
  const auto catalog = Catalog::open_sqlite(file());
  EXPECT_EQ(setting(*catalog, "cache_size"), -8192);
  EXPECT_EQ(setting(*catalog, "mmap_size"), 0);
  EXPECT_EQ(setting(*catalog, "synchronous"), 1);
  EXPECT_EQ(setting(*catalog, "foreign_keys"), 1);
  EXPECT_EQ(setting(*catalog, "busy_timeout"), 5000);
}

TEST_F(CatalogTest, LeavesAFileAloneThatIsNoDatabase) {
  const std::string text = "https://a.example/1.png\n";
  std::ofstream(file("urls.txt")) << text;
  expect_refusal(file("urls.txt"), AllOf(HasSubstr("urls.txt"), HasSubstr("no catalog"), HasSubstr("--state")));
  EXPECT_EQ(text_of(file("urls.txt")), text);
  EXPECT_FALSE(fs::exists(file("urls.txt.lock")));
}

TEST_F(CatalogTest, LeavesTheDatabaseOfAnotherProgramAlone) {
  with_sqlite(file(), {"create table bookmarks (url text)"});
  expect_refusal(file(), AllOf(HasSubstr("another program"), HasSubstr("--state")));
  with_sqlite(file(), {"select * from bookmarks"});
}

TEST_F(CatalogTest, RefusesAFolder) {
  expect_refusal(folder_.path(), HasSubstr("no file"));
}

TEST_F(CatalogTest, RefusesAPathThroughAFile) {
  std::ofstream(file("urls.txt")) << "text";
  expect_refusal(file("urls.txt/creel.db"), HasSubstr("choose another --state"));
}

TEST_F(CatalogTest, RefusesADamagedDatabase) {
  std::ofstream(file(), std::ios::binary) << std::string("SQLite format 3\0", 16) << std::string(5000, 'x');
  expect_refusal(file(), HasSubstr("no catalog"));
}

TEST_F(CatalogTest, RefusesANewerSchema) {
  Catalog::open_sqlite(file());
  with_sqlite(file(), {"insert into migrations (number, applied_at) values (9999, 0)"});
  expect_refusal(
      file(), AllOf(HasSubstr("made by a newer creel (schema 9999, this program knows "), HasSubstr(file().string())));
}

TEST_F(CatalogTest, IsHeldByOneAtATime) {
  auto first = Catalog::open_sqlite(file());
  expect_refusal(file(), HasSubstr("another creel"));
  first.reset();
  EXPECT_NO_THROW(Catalog::open_sqlite(file()));
}

TEST_F(CatalogTest, IsHeldWhateverLinkItIsReachedBy) {
  const auto first = Catalog::open_sqlite(file());
  fs::create_symlink(file(), file("link.db"));
  expect_refusal(file("link.db"), HasSubstr("another creel"));
}

/// Another process that opens a catalog and holds it until it is let go.
class Holder {
 public:
  explicit Holder(const fs::path& path) {
    std::array<int, 2> ready{};
    std::array<int, 2> go{};
    if (::pipe(ready.data()) != 0 || ::pipe(go.data()) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0) {
      ::close(go[1]);
      const auto catalog = Catalog::open_sqlite(path);
      char byte = 'r';
      if (catalog && ::write(ready[1], &byte, 1) == 1 && ::read(go[0], &byte, 1) == 0) ::raise(SIGKILL);
      ::_exit(1);
    }
    ::close(ready[1]);
    ::close(go[0]);
    char byte = 0;
    opened_ = ::read(ready[0], &byte, 1) == 1;
    ::close(ready[0]);
    go_ = go[1];
  }

  /// Has it killed where it stands.
  void kill() {
    ::close(go_);
    int status = 0;
    ::waitpid(child_, &status, 0);
  }

  pid_t child() const { return child_; }
  bool opened() const { return opened_; }

 private:
  pid_t child_ = -1;
  int go_ = -1;
  bool opened_ = false;
};

TEST_F(CatalogTest, NamesTheProcessThatHoldsIt) {
  Holder holder(file());
  ASSERT_TRUE(holder.opened());
  expect_refusal(file(), HasSubstr(file().string() + ": another creel (process " + std::to_string(holder.child()) +
                                   ") is using it; wait for it or choose another --state"));
  holder.kill();
}

TEST_F(CatalogTest, AdvisesAsItWasChosen) {
  const auto first = Catalog::open_sqlite(file());
  try {
    Catalog::open_sqlite(file(), {"choose another --data"});
    ADD_FAILURE() << "it is in use";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("choose another --data"), testing::Not(HasSubstr("--state"))));
  }
}

TEST_F(CatalogTest, IsHeldUntilItsLastConnectionGoes) {
  auto first = Catalog::open_sqlite(file());
  auto second = first->another();
  first.reset();
  expect_refusal(file(), HasSubstr("another creel"));
  second.reset();
  EXPECT_NO_THROW(Catalog::open_sqlite(file()));
}

TEST_F(CatalogTest, IsReadByOneConnectionWhileAnotherWrites) {
  const auto writer = Catalog::open_sqlite(file());
  const auto reader = writer->another();
  writer->session() << "begin immediate";
  writer->session() << "insert into hosts (name) values ('a.example')";
  ImageRepository images(*reader);
  EXPECT_EQ(images.next_due(kBackendQueue, SystemTime{}), std::nullopt);
  writer->session() << "commit";
}

TEST_F(CatalogTest, IsFreeAgainAfterItsProcessWasKilled) {
  Holder holder(file());
  ASSERT_TRUE(holder.opened());
  holder.kill();
  EXPECT_NO_THROW(Catalog::open_sqlite(file()));
}

TEST_F(CatalogTest, ALockHeldByAnotherProgramFailsTheCallAndNothingElse) {
  const auto catalog = Catalog::open_sqlite(file());
  ImageRepository images(*catalog);
  catalog->session() << "pragma busy_timeout = 0";
  {
    soci::session other(*soci::factory_sqlite3(), "dbname=\"" + file().string() + "\"");
    other << "begin immediate";
    try {
      images.source("urls.txt", "list");
      ADD_FAILURE() << "the database is locked";
    } catch (const CatalogUnavailable& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::internal);
      EXPECT_THAT(failure.what(), HasSubstr("locked by another program"));
    }
    other << "rollback";
  }
  EXPECT_NO_THROW(images.source("urls.txt", "list"));
}

/// What a call of a repository says of a catalog whose file has gone.
std::string why_away(ImageRepository& images) {
  try {
    images.source("urls.txt", "list");
  } catch (const CatalogUnavailable& away) {
    return away.what();
  }
  return "it is there";
}

TEST_F(CatalogTest, IsNotWrittenAfterItsFileWasRemovedAndGoesOnWhenItIsBack) {
  const auto catalog = Catalog::open_sqlite(file());
  ImageRepository images(*catalog);
  images.source("urls.txt", "list");
  fs::rename(file(), file("elsewhere"));
  EXPECT_THAT(why_away(images),
              AllOf(HasSubstr(file().string()), HasSubstr("was removed"), HasSubstr("put the file back")));
  const auto another = catalog->another();
  EXPECT_THROW(another->session(), CatalogUnavailable);
  EXPECT_FALSE(fs::exists(file()));
  fs::rename(file("elsewhere"), file());
  EXPECT_EQ(why_away(images), "it is there");
}

TEST_F(CatalogTest, IsNotWrittenAfterItsFileWasReplaced) {
  const auto catalog = Catalog::open_sqlite(file());
  ImageRepository images(*catalog);
  images.source("urls.txt", "list");
  fs::copy_file(file(), file("copy"));
  fs::rename(file("copy"), file());
  EXPECT_THAT(why_away(images),
              AllOf(HasSubstr("was replaced by another"), HasSubstr("stop creel and start it again")));
}

}  // namespace
}  // namespace creel
