#pragma once

#include <map>
#include <memory>
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

/// Keeps the images of the backend's queue apart whose names would give them one key. A name is looked at when its image
/// is leased, so that the object of one that is stored already is not touched; and once more when the image has been
/// stored, for those that were on their way at the same time. Names cost nothing when images are found.
///
/// Threads: as the session, which it must not outlive. To be used within a transaction.
class NameTable {
 public:
  NameTable(soci::session& session, Dialect dialect);
  ~NameTable();

  /// Gives those of `images` a name of their own whose name another of them has, or whose key is doomed or an image has
  /// that is stored. Of those that are stored, only names that the source chose are looked at: that of an image's id, the
  /// name it has otherwise, is hardly ever another's, and is settled if it is.
  /// @param doomed  keys whose objects are about to be removed
  void keep_apart(std::vector<LeasedImage>& images, const PossibleKeys& possible_keys,
                  const std::set<std::string>& doomed, SystemTime now);

  /// Of images that are stored under one key with different bytes, lets one keep its name and gives the others one of
  /// their own; those whose object may not have their bytes go back into the queue. Equal bytes may share a key.
  /// An image that has found an object with other bytes under its name leaves it alone in the same way.
  /// @param recorded  what `outcomes` led to; is changed accordingly
  void settle(std::span<const LeaseOutcome> outcomes, Recorded& recorded, KeyClashes how, SystemTime now);

  /// Queues those again that are stored under `keys`. Returns how many.
  std::size_t fetch_anew(const std::vector<std::string>& keys, SystemTime now);

 private:
  struct Statements;
  struct Stored;
  struct Put;

  using StoredByKey = std::map<std::string, std::vector<Stored>>;

  StoredByKey stored_under(const std::vector<std::string>& keys);
  static const Stored& keeper_of(const std::vector<Stored>& images, const std::vector<Put>& puts, KeyClashes how);
  std::vector<Stored> without_mistaken(const std::vector<Stored>& images, const std::vector<Put>& puts,
                                       Recorded& recorded);
  void settle_key(const std::vector<Stored>& images, const std::vector<Put>& puts, KeyClashes how, Recorded& recorded);
  void lock_keys(const std::vector<std::string>& keys);
  void rename(LeasedImage& image);
  void fetch_anew(const Stored& image, const std::string& file_name);

  const Dialect dialect_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace creel
