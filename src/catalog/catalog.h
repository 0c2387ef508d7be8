#pragma once

#include <filesystem>
#include <memory>

namespace soci {
class session;
}

namespace creel {

/// The database of sources, images, hosts and polls. Opening it brings its schema up to date, forward only.
/// Threads: one at a time; every call may block.
class Catalog {
 public:
  /// Opens or makes an SQLite catalog (WAL). One process at a time may have it open: it is locked until
  /// closed, also against a process that was killed and left no trace.
  /// @throws Failure bad_request  it is open in another process, its schema is newer than this program, or
  /// the file
  ///         is no catalog; the message says what to do
  /// @throws Failure internal     the database cannot be used (disk full, damaged, no permission)
  static std::unique_ptr<Catalog> open_sqlite(const std::filesystem::path& file);
  ~Catalog();

  soci::session& session();

 private:
  class Lock;
  Catalog();

  std::unique_ptr<Lock> lock_;
  std::unique_ptr<soci::session> session_;
};

}  // namespace creel
