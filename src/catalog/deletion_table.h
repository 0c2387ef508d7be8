#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/image_repository.h"

namespace soci {
class session;
}

namespace creel {

/// Deleted images whose objects may be in the store. Threads: as the session, which it must not outlive. To be used within
/// a transaction.
class DeletionTable {
 public:
  DeletionTable(soci::session& session, Dialect dialect);
  ~DeletionTable();

  /// All keys under which they may have objects. From then to the end of the transaction, no other program takes on the
  /// removal of one: what is leased in it is seen by whoever does.
  std::set<std::string> keys(const PossibleKeys& possible_keys);

  /// As the functions of `ImageRepository`.
  std::vector<ObjectRemoval> take(const RemovalQuery& query);
  bool take(ImageRow row, const std::string& key, const RemovalQuery& query);

  /// Their objects are gone.
  void forget(std::span<const ImageRow> rows);

 private:
  struct Statements;

  void lock(const char* statement);
  std::set<std::string> keys_under_way(const PossibleKeys& possible_keys);
  bool is_stored(const std::string& key);
  void postpone(long long id, SystemTime until);

  const Dialect dialect_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace creel
