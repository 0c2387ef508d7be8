#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/failure.h"

namespace soci {
class session;
}

namespace creel {

/// The database is away for now: the connection is lost, its server restarts, the disk is full, another program locks
/// it. Nothing was changed by the call that throws this, or all of it was and the call may be repeated: see
/// `ImageRepository`. Trying again later may succeed.
class CatalogUnavailable final : public Failure {
 public:
  explicit CatalogUnavailable(const std::string& message) : Failure(FailureKind::internal, message) {}
};

/// The dialects of SQL that catalogs speak.
enum class Dialect : std::uint8_t { sqlite, postgresql };

/// What messages advise when a catalog cannot be used; it depends on how the user chose it.
struct CatalogAdvice {
  std::string choose_another = "choose another --state";
};

class CatalogConnector;

/// A connection to the database of sources, images, hosts and polls. Opening it brings the schema up to date, forward
/// only. A connection that was lost is made anew when it is next needed.
/// Threads: one at a time; every call may block.
class Catalog {
 public:
  /// Opens or makes an SQLite catalog (WAL). One process at a time may have it open: it is locked until
  /// closed, also against a process that was killed and left no trace.
  /// @throws Failure bad_request  it is open in another process, its schema is newer than this program, or
  /// the file
  ///         is no catalog; the message says what to do
  /// @throws CatalogUnavailable   the disk is full, or another program locks the file
  /// @throws Failure internal     the database cannot be used (damaged, no permission)
  static std::unique_ptr<Catalog> open_sqlite(const std::filesystem::path& file, CatalogAdvice advice = {});

  /// Opens a catalog on a PostgreSQL server, which several processes may share; an empty database is set up.
  /// @param url  as libpq takes it: "postgresql://user:password@host:port/database?sslmode=require"
  /// @throws Failure bad_request  the URL is wrong, the schema is newer than this program, or the database holds
  ///         tables that are not ours
  /// @throws CatalogUnavailable   the server cannot be reached or refuses the connection
  /// @throws Failure internal     the database cannot be used
  static std::unique_ptr<Catalog> open_postgresql(const std::string& url, const CatalogAdvice& advice = {});

  explicit Catalog(std::shared_ptr<const CatalogConnector> connector);
  ~Catalog();

  /// One more connection to the same database, made when it is first used; this one need not outlive it. What holds
  /// other processes off an SQLite catalog is held until the last one goes. Threads: any.
  std::unique_ptr<Catalog> another() const;

  Dialect dialect() const;
  /// The database as the user knows it, without a password.
  const std::string& name() const;
  const CatalogAdvice& advice() const;

  /// The connection, made anew if it was lost. Another one than last time means that statements prepared on that one
  /// are void; whoever has some keeps it alive for them.
  /// @throws CatalogUnavailable
  std::shared_ptr<soci::session> connect();
  soci::session& session() { return *connect(); }

  /// To be called before each use of the connection: a file that was removed or replaced is not written to any more.
  /// @throws CatalogUnavailable  the database is not the one that was opened
  void check_in_place() const;

  /// To be called after a failure: if the connection is of no use any more, the next `connect` makes a new one. True
  /// if so.
  bool drop_if_broken();

 private:
  std::shared_ptr<const CatalogConnector> connector_;
  std::shared_ptr<soci::session> session_;
};

}  // namespace creel
