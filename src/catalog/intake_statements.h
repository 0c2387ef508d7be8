#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "catalog/host_table.h"
#include "catalog/image_repository.h"

namespace creel {

/// What the images of one call have in common.
struct Intake {
  SourceId source{};
  PollId poll{};
  QueueId queue{};
  RetryFailed retry;
  SystemTime now;
};

/// What is known of an image that was found again.
struct KnownImage {
  ImageRow row{};
  PollId poll{};
  ImageState state = ImageState::pending;
  int attempts = 0;
  FailureFacts failure;
  StoredFacts stored;
  SystemTime updated_at;
};

using FoundImages = std::span<const FoundImage* const>;

/// The statements with which found images come into the catalog. Threads: as the session, which it must not outlive.
/// To be used within a transaction.
class IntakeStatements {
 public:
  virtual ~IntakeStatements() = default;

  /// To be called first, with all images of the call.
  virtual void begin(const Intake& intake, std::span<const FoundImage> images) = 0;

  /// Adds those images that are not there, and gives back their rows; nothing in the place of the others. No two have
  /// the same id.
  virtual std::vector<std::optional<ImageRow>> add(const Intake& intake, FoundImages images) = 0;

  /// What is known of images that are there, in order.
  virtual std::vector<KnownImage> known(const Intake& intake, FoundImages images) = 0;

  virtual void see_again(const Intake& intake, ImageRow row) = 0;
  /// Passes over an image that has left its state in the meantime.
  virtual void queue_again(const Intake& intake, ImageRow row, const FoundImage& image) = 0;
  virtual void count_found(PollId poll, std::size_t found, std::size_t added) = 0;
};

/// The statements that suit a database: with SQLite one an image, as it is in this process; with PostgreSQL one for
/// many, since each is a message there and back.
std::unique_ptr<IntakeStatements> intake_statements(soci::session& session, Dialect dialect, HostTable& hosts);

}  // namespace creel
