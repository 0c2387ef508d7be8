#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.h"
#include "ingest/image_report.h"
#include "sources/scheduler.h"

namespace creel {

class CatalogService;
class CountsCache;
class EventHub;
class Metrics;
class RecentRates;
class SourceKinds;

/// What an event publisher works with; all of it must outlive it.
struct EventPublisherParts {
  /// The API's event loop.
  boost::asio::any_io_executor executor;
  CatalogService& catalog;
  const SourceKinds& kinds;
  CountsCache& counts;
  EventHub& events;
  Metrics& metrics;
  RecentRates& rates;
  const Clock& clock;
  Log log;
  /// Called, on the scheduler's loop, when a poll has put images into the queue; may be empty.
  std::function<void(std::size_t count)> on_images_added{};
};

/// Makes events and metrics out of what the scheduler and the ingest report. The text of an image's event is made from
/// the catalog, and only while somebody listens. Threads: called on any loop; destroyed on the API's loop or after it.
class EventPublisher final : public SourceListener, public ReportListener {
 public:
  explicit EventPublisher(EventPublisherParts parts);
  ~EventPublisher() override;

  void on_source(const SourceRecord& source) override;
  void on_source_deleted(SourceId id) override;
  void on_poll_ended(SourceId id, const PollRecord& poll) override;
  void on_images_added(std::size_t count) override;
  void on_image(const ImageReport& report) override;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace creel
