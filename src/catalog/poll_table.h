#pragma once

#include "catalog/image_repository.h"

namespace creel {

/// Sources and their polls. Threads: as the session, which it must not outlive. To be used within a
/// transaction.
class PollTable {
 public:
  explicit PollTable(soci::session& session) : session_(session) {}

  /// As the functions of `ImageRepository`.
  SourceId source(const std::string& name, const std::string& type);
  PollId begin(SourceId source, SystemTime now);
  void end(PollId poll, SystemTime now);
  PollCounts counts(PollId poll);
  std::vector<WaitingHost> waiting_hosts(PollId poll, std::size_t max_hosts);

 private:
  soci::session& session_;
};

}  // namespace creel
