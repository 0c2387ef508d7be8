#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/source_repository.h"

namespace creel {

/// The rows of the sources with their settings, as records. Threads: as the session, which it must not outlive. To be
/// used within a transaction.
class SourceRows {
 public:
  SourceRows(soci::session& session, Dialect dialect) : session_(session), dialect_(dialect) {}

  enum class Lock : std::uint8_t {
    none,
    /// Nobody else can change the row until the transaction is over.
    for_update,
  };

  /// Nothing if there is none, or it was deleted.
  std::optional<SourceRecord> find(long long id, Lock lock);
  std::vector<SourceRecord> list(long long after, std::size_t max);
  std::vector<SourceRecord> leased_by(const std::string& owner);

  long long insert(const SourceDefinition& definition, const SourceStatus& status, SystemTime now);
  /// Definition and memory.
  void save_definition(const SourceRecord& record, SystemTime now);
  /// Status and lease; sets the record's time of change.
  void save_status(SourceRecord& record, SystemTime now);

 private:
  template <class... Parameters>
  std::vector<SourceRecord> read(const std::string& condition, const Parameters&... parameters);
  void add_settings(SourceRecord& record);
  void save_settings(long long id, const SourceDefinition& definition);

  soci::session& session_;
  Dialect dialect_;
};

}  // namespace creel
