#include "catalog/image_repository.h"

#include <soci/soci.h>

#include "catalog/connected.h"
#include "catalog/deletion_table.h"
#include "catalog/host_table.h"
#include "catalog/image_intake.h"
#include "catalog/image_queue.h"
#include "catalog/lease_recorder.h"
#include "catalog/lease_table.h"
#include "catalog/name_table.h"
#include "catalog/poll_table.h"

namespace creel {
namespace {

struct ImageParts {
  ImageParts(soci::session& session, Dialect dialect)
      : polls(session),
        hosts(session),
        intake(session, dialect, hosts),
        queue(session, dialect, hosts),
        recorder(session),
        leases(session),
        deletions(session, dialect),
        names(session, dialect) {}

  PollTable polls;
  HostTable hosts;
  ImageIntake intake;
  ImageQueue queue;
  LeaseRecorder recorder;
  LeaseTable leases;
  DeletionTable deletions;
  NameTable names;
};

}  // namespace

class ImageRepository::Impl {
 public:
  explicit Impl(Catalog& catalog) : sql(catalog) {}

  Leased lease(const LeaseQuery& query) {
    // Set while it is not known whether the database has the leases of the last call.
    std::vector<ImageRow> taken;
    try {
      auto leased = sql.write([&](ImageParts& parts) {
        parts.leases.give_back(doubtful_, query.owner);
        auto images = parts.queue.lease(query);
        if (query.possible_keys) {
          const auto doomed = parts.deletions.keys(query.possible_keys);
          parts.names.keep_apart(images.images, query.possible_keys, doomed, query.now);
        }
        for (const auto& image : images.images) taken.push_back(image.row);
        return images;
      });
      doubtful_.clear();
      return leased;
    } catch (const CatalogUnavailable&) {
      doubtful_.insert(doubtful_.end(), taken.begin(), taken.end());
      throw;
    }
  }

  Connected<ImageParts> sql;

 private:
  /// Rows that may be leased without anybody working on them.
  std::vector<ImageRow> doubtful_;
};

ImageRepository::ImageRepository(Catalog& catalog) : impl_(std::make_unique<Impl>(catalog)) {}
ImageRepository::~ImageRepository() = default;

SourceId ImageRepository::source(const std::string& name, const std::string& type) {
  return impl_->sql.write([&](ImageParts& parts) { return parts.polls.source(name, type); });
}

PollId ImageRepository::begin_poll(SourceId source, SystemTime now) {
  return impl_->sql.write([&](ImageParts& parts) { return parts.polls.begin(source, now); });
}

void ImageRepository::end_poll(PollId poll, SystemTime now) {
  impl_->sql.write([&](ImageParts& parts) { parts.polls.end(poll, now); });
}

std::vector<Sighting> ImageRepository::see(SourceId source, PollId poll, QueueId queue,
                                           std::span<const FoundImage> images, RetryFailed retry, SystemTime now) {
  return impl_->sql.write(
      [&](ImageParts& parts) { return parts.intake.see({source, poll, queue, retry, now}, images); });
}

Leased ImageRepository::lease(const LeaseQuery& query) {
  return impl_->lease(query);
}

Recorded ImageRepository::record(std::span<const LeaseOutcome> outcomes, const std::string& owner, SystemTime now,
                                 KeyClashes clashes) {
  return impl_->sql.write([&](ImageParts& parts) {
    auto recorded = parts.recorder.record(outcomes, owner, now);
    if (clashes == KeyClashes::ignored) return recorded;
    parts.names.settle(outcomes, recorded, clashes, now);
    // Nothing is left of them to be removed.
    parts.deletions.forget(recorded.deleted_in_use);
    return recorded;
  });
}

std::uint64_t ImageRepository::renew_leases(const std::string& owner, SystemTime until) {
  return impl_->sql.write([&](ImageParts& parts) { return parts.leases.renew(owner, until); });
}

std::uint64_t ImageRepository::take_back_leases(SystemTime now) {
  return impl_->sql.write([&](ImageParts& parts) { return parts.leases.take_back(now); });
}

std::uint64_t ImageRepository::take_back_all(std::optional<QueueId> queue, SystemTime now) {
  return impl_->sql.write([&](ImageParts& parts) { return parts.leases.take_back_all(queue, now); });
}

std::vector<ObjectRemoval> ImageRepository::take_removals(const RemovalQuery& query) {
  return impl_->sql.write([&](ImageParts& parts) { return parts.deletions.take(query); });
}

bool ImageRepository::take_removal(ImageRow row, const std::string& key, const RemovalQuery& query) {
  return impl_->sql.write([&](ImageParts& parts) { return parts.deletions.take(row, key, query); });
}

std::size_t ImageRepository::finish_removals(std::span<const ObjectRemoval> removals, KeyClashes clashes,
                                             SystemTime now) {
  return impl_->sql.write([&](ImageParts& parts) {
    std::vector<std::string> shared;
    std::vector<ImageRow> rows;
    for (const auto& removal : removals) {
      shared.insert(shared.end(), removal.shared_keys.begin(), removal.shared_keys.end());
      rows.push_back(removal.row);
    }
    parts.deletions.forget(rows);
    return clashes == KeyClashes::settled_where_puts_replace ? parts.names.fetch_anew(shared, now) : 0;
  });
}

void ImageRepository::block_host(const std::string& host, SystemTime until) {
  impl_->sql.write([&](ImageParts& parts) { parts.hosts.block(host, until); });
}

std::optional<SystemTime> ImageRepository::next_due(QueueId queue, SystemTime now) {
  return impl_->sql.read([&](ImageParts& parts) { return parts.queue.next_due(queue, now); });
}

PollCounts ImageRepository::counts(PollId poll) {
  return impl_->sql.read([&](ImageParts& parts) { return parts.polls.counts(poll); });
}

std::vector<WaitingHost> ImageRepository::waiting_hosts(PollId poll, std::size_t max_hosts) {
  return impl_->sql.read([&](ImageParts& parts) { return parts.polls.waiting_hosts(poll, max_hosts); });
}

}  // namespace creel
