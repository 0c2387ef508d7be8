#include "catalog/image_repository.h"

#include <soci/soci.h>

#include "catalog/host_table.h"
#include "catalog/image_intake.h"
#include "catalog/image_queue.h"
#include "catalog/lease_recorder.h"
#include "catalog/poll_table.h"
#include "catalog/sql_failure.h"

namespace creel {

class ImageRepository::Impl {
 public:
  explicit Impl(soci::session& session)
      : polls(session),
        hosts(session),
        intake(session, hosts),
        queue(session, hosts),
        recorder(session),
        session_(session) {}

  /// Does `work` in a transaction. If it throws, nothing is changed and the repository can be used again.
  template <class Work>
  auto transact(Work work) {
    try {
      soci::transaction transaction(session_);
      if constexpr (std::is_void_v<decltype(work())>) {
        work();
        transaction.commit();
      } else {
        auto result = work();
        transaction.commit();
        return result;
      }
    } catch (...) {
      hosts.forget();
      rethrow_as_failure();
    }
  }

  PollTable polls;
  HostTable hosts;
  ImageIntake intake;
  ImageQueue queue;
  LeaseRecorder recorder;

 private:
  soci::session& session_;
};

ImageRepository::ImageRepository(Catalog& catalog) {
  try {
    impl_ = std::make_unique<Impl>(catalog.session());
  } catch (...) {
    rethrow_as_failure();
  }
}

ImageRepository::~ImageRepository() = default;

SourceId ImageRepository::source(const std::string& name, const std::string& type) {
  return impl_->transact([&] { return impl_->polls.source(name, type); });
}

PollId ImageRepository::begin_poll(SourceId source, SystemTime now) {
  return impl_->transact([&] { return impl_->polls.begin(source, now); });
}

void ImageRepository::end_poll(PollId poll, SystemTime now) {
  impl_->transact([&] { impl_->polls.end(poll, now); });
}

std::vector<Sighting> ImageRepository::see(SourceId source, PollId poll, std::span<const FoundImage> images,
                                           RetryFailed retry, SystemTime now) {
  return impl_->transact([&] { return impl_->intake.see(source, poll, images, retry, now); });
}

Leased ImageRepository::lease(const LeaseQuery& query) {
  return impl_->transact([&] { return impl_->queue.lease(query); });
}

void ImageRepository::record(std::span<const LeaseOutcome> outcomes, SystemTime now) {
  impl_->transact([&] { impl_->recorder.record(outcomes, now); });
}

void ImageRepository::block_host(const std::string& host, SystemTime until) {
  impl_->transact([&] { impl_->hosts.block(host, until); });
}

std::optional<SystemTime> ImageRepository::next_due(PollId poll, SystemTime now) {
  return impl_->transact([&] { return impl_->queue.next_due(poll, now); });
}

PollCounts ImageRepository::counts(PollId poll) {
  return impl_->transact([&] { return impl_->polls.counts(poll); });
}

std::vector<WaitingHost> ImageRepository::waiting_hosts(PollId poll, std::size_t max_hosts) {
  return impl_->transact([&] { return impl_->polls.waiting_hosts(poll, max_hosts); });
}

}  // namespace creel
