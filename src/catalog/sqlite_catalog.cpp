#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "base/clock.h"
#include "base/failure.h"
#include "catalog/catalog_connector.h"
#include "catalog/migrations.h"
#include "catalog/sql_failure.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

/// Each is set on every connection; they are no part of the file. The cache is what the catalog costs in
/// memory, however large it grows.
constexpr std::array kPragmas = {
    "pragma synchronous = normal",
    "pragma busy_timeout = 5000",
    "pragma cache_size = -8192",  // KiB
    "pragma mmap_size = 0",
    "pragma foreign_keys = on",
    "pragma wal_autocheckpoint = 4000",  // pages of 4 KiB
    "pragma journal_size_limit = 67108864",
};

/// A file that cannot be used, or its lock; says so with what to do instead.
class Refusal {
 public:
  Refusal(fs::path file, CatalogAdvice advice) : file_(std::move(file)), advice_(std::move(advice)) {}

  Failure because(std::string_view why) const {
    return {FailureKind::bad_request, fmt::format("{}: {}", file_.string(), why)};
  }
  Failure choose_another(std::string_view why, std::string_view joint = ": ") const {
    return because(fmt::format("{}{}{}", why, joint, advice_.choose_another));
  }
  Failure because(int error) const { return choose_another(std::strerror(error)); }

 private:
  fs::path file_;
  CatalogAdvice advice_;
};

void require_usable_path(const fs::path& file, const Refusal& refuse) {
  if (file.string().find('"') != std::string::npos) {
    throw refuse.choose_another("the path of a catalog cannot hold a double quote");
  }
  if (fs::exists(file) && !fs::is_regular_file(file)) throw refuse.choose_another("this is no file");
}

/// True for a file that SQLite made, or that is not there or empty.
bool is_database_or_nothing(const fs::path& file, const Refusal& refuse) {
  if (!fs::exists(file)) return true;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw refuse.because(errno);
  // https://www.sqlite.org/fileformat2.html#magic_header_string
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::string start(kMagic.size(), ' ');
  stream.read(start.data(), static_cast<std::streamsize>(start.size()));
  return stream.gcount() == 0 || start == kMagic;
}

/// The catalog may hold headers with credentials, so it is made for its owner only; SQLite gives its other
/// files the same permissions.
int open_private(const fs::path& file, const Refusal& refuse) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) throw refuse.because(errno);
  return descriptor;
}

void configure(soci::session& session, const Refusal& refuse) {
  std::string mode;
  session << "pragma journal_mode = wal", soci::into(mode);
  if (mode != "wal") throw refuse.choose_another("its file system cannot hold a catalog (no shared memory)");
  for (const auto* pragma : kPragmas) session << pragma;
}

/// Keeps other processes out by a lock on `<file>.lock`, which the kernel lifts when the process ends,
/// however it ends.
class FileLock {
 public:
  FileLock(const fs::path& file, const Refusal& refuse)
      : lock_file_(fs::path(file) += ".lock"), descriptor_(open_private(lock_file_, refuse)) {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const auto owner = read_owner();
      ::close(descriptor_);
      if (error != EWOULDBLOCK) throw refuse.because(error);
      throw refuse.choose_another(fmt::format("another creel{} is using it; wait for it", owner), " or ");
    }
    write_owner();
  }
  ~FileLock() { ::close(descriptor_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Takes the lock file away again, from beside a file that is no catalog.
  void leave_no_trace() const { ::unlink(lock_file_.c_str()); }

 private:
  std::string read_owner() const {
    std::array<char, 20> text{};
    const auto size = ::pread(descriptor_, text.data(), text.size(), 0);
    if (size <= 0) return "";
    return fmt::format(" (process {})", std::string_view(text.data(), static_cast<std::size_t>(size)));
  }

  /// The owner's number only informs people; that it cannot be written harms nothing.
  void write_owner() const {
    const auto text = std::to_string(::getpid());
    if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, text.data(), text.size(), 0) < 0) return;
  }

  fs::path lock_file_;
  int descriptor_;
};

class SqliteConnector final : public CatalogConnector {
 public:
  /// @throws Failure bad_request  the file is no catalog, or in use
  SqliteConnector(const fs::path& file, CatalogAdvice advice)
      : CatalogConnector(Dialect::sqlite, file.string(), advice),
        refuse_(file, std::move(advice)),
        lock_(file, refuse_) {
    if (!is_database_or_nothing(file, refuse_)) {
      lock_.leave_no_trace();
      throw refuse_.choose_another("this is no catalog");
    }
    ::close(open_private(file, refuse_));
    identity_ = identity_of(file);
  }

  /// SQLite goes on with a file that has lost its name, and all that it writes there is lost with it.
  void check_in_place() const override {
    const auto identity = identity_of(name());
    if (identity && identity == identity_) return;
    throw CatalogUnavailable(fmt::format(
        "{}: the catalog's file was {} while creel is running, so nothing is written: {} and start it again", name(),
        identity ? "replaced by another" : "removed",
        identity ? "stop creel" : "put the file back, or stop creel, restore the file from a backup"));
  }

  std::shared_ptr<soci::session> connect() const override {
    check_in_place();
    auto session = std::make_shared<soci::session>(*soci::factory_sqlite3(), fmt::format("dbname=\"{}\"", name()));
    configure(*session, refuse_);
    return session;
  }

  bool is_sound(soci::session& session) const override {
    const auto& backend = static_cast<const soci::sqlite3_session_backend&>(*session.get_backend());
    return sqlite_api::sqlite3_get_autocommit(backend.conn_) != 0;
  }

 private:
  using Identity = std::pair<dev_t, ino_t>;

  /// Nothing if the file is not there.
  static std::optional<Identity> identity_of(const fs::path& file) {
    struct stat found{};
    if (::stat(file.c_str(), &found) != 0) return std::nullopt;
    return Identity{found.st_dev, found.st_ino};
  }

  Refusal refuse_;
  FileLock lock_;
  std::optional<Identity> identity_;
};

}  // namespace

std::unique_ptr<Catalog> Catalog::open_sqlite(const fs::path& path, CatalogAdvice advice) {
  const Refusal refuse(path, advice);
  try {
    // One file has one lock, by whatever links it is reached.
    const auto file = fs::weakly_canonical(fs::absolute(path));
    require_usable_path(file, Refusal(file, advice));
    fs::create_directories(file.parent_path());
    auto catalog = std::make_unique<Catalog>(std::make_shared<SqliteConnector>(file, advice));
    migrate(catalog->session(), Dialect::sqlite, all_migrations(), {file.string(), advice}, SystemClock{}.now());
    return catalog;
  } catch (const fs::filesystem_error& error) {
    throw refuse.because(error.code().value());
  } catch (const soci::soci_error&) {
    rethrow_named(path.string(), advice);
  }
}

}  // namespace creel
