#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "catalog/catalog_service.h"
#include "catalog/image_repository.h"
#include "catalog/source_repository.h"
#include "sources/poll_fetcher.h"
#include "sources/poll_memory.h"
#include "sources/scheduler.h"
#include "sources/source_kind.h"

namespace creel {

/// What the runs of all polls share. All of it outlives them.
struct PollRunParts {
  CatalogService& catalog;
  PollFetcher& fetcher;
  SourceListener& listener;
  const Clock& clock;
  Random& random;
  /// How long to wait before the catalog is tried again that is away.
  Backoff catalog_backoff;
  Log log;
};

/// What a poll has come to.
struct PollTally {
  std::uint64_t found = 0;
  std::uint64_t added = 0;
  /// Records that could not be used.
  std::uint64_t unusable = 0;
  std::size_t known_in_a_row = 0;
};

/// Thrown out of a poll whose source is not this program's to poll any more: it was stopped or removed, or the lease ran
/// out and another program has taken it.
class PollLost final : public Failure {
 public:
  using Failure::Failure;
};

/// A poll that adds what it finds to the catalog. A catalog that is away is waited for, with what was found at hand.
/// Threads: the scheduler's loop.
class CatalogPollRun final : public PollRun {
 public:
  /// @param source  as it was when the poll began
  /// @param owner  who has leased the source
  CatalogPollRun(PollRunParts parts, const SourceRecord& source, PollId poll, std::string owner);

  Task<PollPage> fetch(PollRequest request) override;
  /// @throws PollLost
  Task<PollAdded> add(std::vector<ImageRecord> records) override;
  void hold(PollHold hold) override { parts_.fetcher.hold(hold); }
  void wait_at_least(std::chrono::seconds wait) override;
  std::string memory() const override { return memory_.kind; }
  void remember(std::string memory) override { memory_.kind = std::move(memory); }
  void note_unusable(std::uint64_t count, std::string reason) override;
  void note_shape(std::string) override {}
  SystemTime now() const override { return parts_.clock.now(); }
  const Log& log() const override { return parts_.log; }

  const PollTally& tally() const { return tally_; }
  const PollHints& hints() const { return session_.hints; }
  /// No request was sent, since the host is left alone for now.
  bool is_unasked() const { return is_unasked_ && session_.requests == 0; }
  /// The most that the source or its servers asked for.
  std::optional<std::chrono::seconds> asked_wait() const;
  /// What the next poll is to remember if this one has ended well.
  std::string new_memory() const;

 private:
  std::vector<FoundImage> usable_images(const std::vector<ImageRecord>& records);
  Task<std::vector<Sighting>> see(std::vector<FoundImage> images);
  void count(const std::vector<Sighting>& sightings);

  PollRunParts parts_;
  SourceId source_;
  std::string source_name_;
  PollId poll_;
  std::string owner_;
  PollSession session_;
  PollMemory memory_;
  std::optional<std::chrono::seconds> source_wait_;
  bool is_unasked_ = false;
  PollTally tally_;
  std::uint64_t unusable_told_ = 0;
};

/// A poll for people to look at: nothing is stored, and the source's validators are left aside, so that there is
/// something to see. Threads: the scheduler's loop.
class PreviewPollRun final : public PollRun {
 public:
  /// Thrown out of the poll when there are as many records as were asked for.
  struct Full {};

  PreviewPollRun(PollFetcher& fetcher, const Clock& clock, Log log, const SourceDefinition& source,
                 std::size_t max_records);

  Task<PollPage> fetch(PollRequest request) override;
  /// @throws Full
  Task<PollAdded> add(std::vector<ImageRecord> records) override;
  void hold(PollHold hold) override { fetcher_.hold(hold); }
  void wait_at_least(std::chrono::seconds) override {}
  std::string memory() const override { return kind_memory_; }
  void remember(std::string memory) override { kind_memory_ = std::move(memory); }
  void note_unusable(std::uint64_t count, std::string reason) override;
  void note_shape(std::string sample) override;
  SystemTime now() const override { return clock_.now(); }
  const Log& log() const override { return log_; }

  /// What the poll has brought; it is empty afterwards.
  SourcePreview take_preview();

 private:
  bool is_wanted(const ImageRecord& record);

  PollFetcher& fetcher_;
  const Clock& clock_;
  Log log_;
  std::string source_name_;
  std::size_t max_records_;
  /// Of the images that were found.
  std::set<std::string> ids_;
  PollSession session_;
  std::string kind_memory_;
  SourcePreview preview_;
};

}  // namespace creel
