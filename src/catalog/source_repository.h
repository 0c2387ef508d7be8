#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "catalog/catalog.h"
#include "catalog/image_repository.h"

namespace creel {

/// Numbers are persisted.
enum class SourceState : std::uint8_t { stopped = 0, idle = 1, fetching = 2, blocked = 3, stopping = 4 };

/// What a user says of a source.
struct SourceDefinition {
  std::string name;
  std::string type;
  std::string url;
  std::chrono::seconds interval{3600};
  /// Requests a minute that polls may make; no limit if empty.
  std::optional<double> rate_limit;
  /// JSON texts by name.
  std::map<std::string, std::string> settings;
  std::map<std::string, Secret> secrets;
};

/// How a source stands: what the state machine reads and writes.
struct SourceStatus {
  SourceState state = SourceState::stopped;
  /// While fetching: the source is to be stopped when the poll is over.
  bool stop_after_poll = false;
  std::optional<SystemTime> blocked_until;
  /// Why it is blocked or was stopped, for people.
  std::string reason;
  std::optional<SystemTime> last_poll;
  std::optional<SystemTime> next_poll;
  int failed_polls = 0;
};

struct SourceRecord {
  SourceId id{};
  SourceDefinition definition;
  SourceStatus status;
  /// What polls remember, JSON.
  std::string memory;
  /// Who polls it, until when; empty for nobody.
  std::string lease_owner;
  std::optional<SystemTime> lease_until;
  SystemTime created_at;
  SystemTime updated_at;
};

struct PollSummary {
  std::optional<FailureFacts> failure;
};

struct PollRecord {
  PollId id{};
  SystemTime started_at;
  std::optional<SystemTime> ended_at;
  std::uint64_t found = 0;
  std::uint64_t added = 0;
  std::optional<FailureFacts> failure;
};

/// Polls are to stay away from a host, or from an account at a host (`PollRequest::account`).
struct HostBlock {
  std::string host;
  SystemTime until;
  /// For people.
  std::string reason;
};

/// Thrown by `add` and `change`: another source has the name.
class SourceNameTaken final : public Failure {
 public:
  using Failure::Failure;
};

/// The sources of the catalog, their settings, schedule and polls. Each call is one transaction. Threads: as the
/// catalog, which it must not outlive.
/// @throws CatalogUnavailable | Failure internal from every call
class SourceRepository {
 public:
  explicit SourceRepository(Catalog& catalog);
  ~SourceRepository();

  /// @throws SourceNameTaken
  SourceRecord add(const SourceDefinition& definition, const SourceStatus& status, SystemTime now);

  /// Nothing if there is none, or it was deleted.
  std::optional<SourceRecord> find(SourceId id);
  std::optional<SourceRecord> find(const std::string& name);

  /// The sources behind `after` in the order of their numbers.
  std::vector<SourceRecord> list(SourceId after, std::size_t max);

  /// Puts a new definition in place of the old one; what polls remember is forgotten if URL, type or settings differ.
  /// Nothing if the source is not there.
  /// @throws SourceNameTaken
  std::optional<SourceRecord> change(SourceId id, const SourceDefinition& definition, SystemTime now);

  /// Deletes the source: its waiting images leave the queue, all others stay. False if it is not there.
  bool remove(SourceId id, SystemTime now);

  /// Reads a source, lets `decide` change its status, and writes it back, all in one transaction: nobody else changes it
  /// in between. The record as it was after that; nothing if the source is not there. What `decide` throws comes
  /// through, and nothing is changed.
  std::optional<SourceRecord> update_status(SourceId id, const std::function<void(SourceRecord&)>& decide,
                                            SystemTime now);

  /// Saves what polls remember, and a source's new URL after a permanent redirect.
  void save_memory(SourceId id, const std::string& memory, const std::optional<std::string>& new_url);

  /// The sources whose time has come, the longest overdue first: idle or blocked ones whose next poll is due, and those
  /// that another program was polling when its lease ran out. Nobody else's leases are taken.
  std::vector<SourceId> due(SystemTime now, std::size_t max);

  /// When the next source becomes due, if one will.
  std::optional<SystemTime> next_due();

  /// Prolongs the leases of `owner`, and tells how those sources stand now (a stop that came by another program).
  std::vector<SourceRecord> renew_leases(const std::string& owner, SystemTime lease_until);

  /// So many polls of a source are kept, the last ones.
  static constexpr std::size_t kKeptPolls = 200;

  PollId begin_poll(SourceId source, SystemTime now);
  /// Writes the end of a poll, and forgets those that are too many.
  void end_poll(PollId poll, const PollSummary& summary, SystemTime now);
  /// The last polls, the newest first.
  std::vector<PollRecord> polls(SourceId source, std::size_t max);
  /// True if an earlier poll than this one added new images and did not end well, and none has ended well since: what
  /// lay behind those images may be missing.
  bool was_broken_off(SourceId source, PollId poll);

  /// Keeps from which hosts polls are to stay away. No block makes another one shorter.
  void block_hosts(std::span<const HostBlock> blocks);
  /// Which of these are to be left alone at `now`: by what was said to polls, or to those who fetched images there.
  std::vector<HostBlock> blocks(std::span<const std::string> hosts, SystemTime now);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
