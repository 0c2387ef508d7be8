#include "catalog/catalog.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "base/failure.h"
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

Failure unusable(const fs::path& file, std::string_view why) {
  return {FailureKind::bad_request, fmt::format("{}: {}", file.string(), why)};
}

Failure unusable(const fs::path& file, int error) {
  return unusable(file, fmt::format("{}: choose another --state", std::strerror(error)));
}

void require_usable_path(const fs::path& file) {
  if (file.string().find('"') != std::string::npos) {
    throw unusable(file, "the path of a catalog cannot hold a double quote: choose another --state");
  }
  if (fs::exists(file) && !fs::is_regular_file(file)) {
    throw unusable(file, "this is no file: choose another --state");
  }
}

/// True for a file that SQLite made, or that is not there or empty.
bool is_database_or_nothing(const fs::path& file) {
  if (!fs::exists(file)) return true;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw unusable(file, errno);
  // https://www.sqlite.org/fileformat2.html#magic_header_string
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::string start(kMagic.size(), ' ');
  stream.read(start.data(), static_cast<std::streamsize>(start.size()));
  return stream.gcount() == 0 || start == kMagic;
}

/// The catalog may hold headers with credentials, so it is made for its owner only; SQLite gives its other
/// files the same permissions.
int open_private(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) throw unusable(file, errno);
  return descriptor;
}

void configure(soci::session& session, const fs::path& file) {
  std::string mode;
  session << "pragma journal_mode = wal", soci::into(mode);
  if (mode != "wal") {
    throw unusable(file, "its file system cannot hold a catalog (no shared memory): choose another --state");
  }
  for (const auto* pragma : kPragmas) session << pragma;
}

}  // namespace

/// Keeps other processes out by a lock on `<file>.lock`, which the kernel lifts when the process ends,
/// however it ends.
class Catalog::Lock {
 public:
  explicit Lock(const fs::path& file) : lock_file_(fs::path(file) += ".lock"), descriptor_(open_private(lock_file_)) {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const auto owner = read_owner();
      ::close(descriptor_);
      if (error != EWOULDBLOCK) throw unusable(file, error);
      throw unusable(file, fmt::format("another creel{} is using it; wait for it or choose another --state", owner));
    }
    write_owner();
  }
  ~Lock() { ::close(descriptor_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

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

Catalog::Catalog() = default;
Catalog::~Catalog() = default;

soci::session& Catalog::session() {
  return *session_;
}

std::unique_ptr<Catalog> Catalog::open_sqlite(const fs::path& path) {
  try {
    // One file has one lock, by whatever links it is reached.
    const auto file = fs::weakly_canonical(fs::absolute(path));
    require_usable_path(file);
    fs::create_directories(file.parent_path());
    std::unique_ptr<Catalog> catalog(new Catalog);
    catalog->lock_ = std::make_unique<Lock>(file);
    if (!is_database_or_nothing(file)) {
      catalog->lock_->leave_no_trace();
      throw unusable(file, "this is no catalog: choose another --state");
    }
    ::close(open_private(file));
    catalog->session_ =
        std::make_unique<soci::session>(*soci::factory_sqlite3(), fmt::format("dbname=\"{}\"", file.string()));
    configure(*catalog->session_, file);
    migrate(*catalog->session_, all_migrations(), file.string(), SystemClock{}.now());
    return catalog;
  } catch (const fs::filesystem_error& error) {
    throw unusable(path, error.code().value());
  } catch (const soci::soci_error& error) {
    const auto failure = to_failure(error);
    throw Failure(failure.kind(), fmt::format("{}: {}", path.string(), failure.what()));
  }
}

}  // namespace creel
