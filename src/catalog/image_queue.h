#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/host_table.h"
#include "catalog/image_repository.h"

namespace creel {

/// The images that wait, taken out host by host. Threads: as the session, which it must not outlive. To be
/// used within a transaction.
///
/// The index of waiting images is sorted by host, so the next host with images is one look-up away, however
/// many images the one before has. A call looks at a bounded number of hosts and goes on behind the last one
/// next time.
class ImageQueue {
 public:
  ImageQueue(soci::session& session, Dialect dialect, HostTable& hosts);
  ~ImageQueue();

  /// As `ImageRepository::lease`.
  Leased lease(const LeaseQuery& query);

  /// As `ImageRepository::next_due`.
  std::optional<SystemTime> next_due(QueueId queue, SystemTime now);

 private:
  struct Statements;
  struct Host;
  struct Round;

  void take_in_turn(Round& round);
  void take_from_known_hosts(Round& round);
  std::vector<Host> known_hosts(const Round& round);
  std::size_t take(Round& round, const Host& host, std::size_t room);
  std::optional<Host> next_host(HostId after);
  std::optional<long long> due_of_host(const Host& host, long long now);

  HostTable& hosts_;
  std::unique_ptr<Statements> statements_;
  QueueId queue_{};
  /// Where the last call ended, among all hosts and among those that the caller knew.
  HostId turn_{};
  HostId known_turn_{};
};

}  // namespace creel
