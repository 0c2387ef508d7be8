#include "api/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/counts_cache.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const Counts> counts_of(std::vector<ImageCount> rows) {
  return std::make_shared<const Counts>(add_up(std::move(rows), SystemTime()));
}

TEST(Metrics, CountsImages) {
  Metrics metrics;
  metrics.on_image_stored(1000);
  metrics.on_image_stored(500);
  metrics.on_image_already();
  metrics.on_image_failed(FailureKind::not_found);
  const auto text = metrics.text({});
  EXPECT_THAT(text, HasSubstr("creel_images_total{kind=\"\",outcome=\"stored\"} 2"));
  EXPECT_THAT(text, HasSubstr("creel_images_total{kind=\"\",outcome=\"already\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_images_total{kind=\"not_found\",outcome=\"failed\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_stored_bytes_total 1500"));
  EXPECT_EQ(metrics.totals().stored, 2U);
  EXPECT_EQ(metrics.totals().failed, 1U);
  EXPECT_EQ(metrics.totals().bytes, 1500U);
}

TEST(Metrics, ShowsTheCatalogByStateAndKind) {
  Metrics metrics;
  const SourceId source{1};
  const auto text = metrics.text(
      {.counts =
           counts_of({{.source = source, .state = ImageState::stored, .failure_kind = {}, .images = 5, .bytes = 50},
                      {.source = source, .state = ImageState::failed, .failure_kind = FailureKind::dns, .images = 2}}),
       .queue = QueueAge{.waiting = 3, .oldest_found_at = SystemTime(10s)},
       .ingest = {.in_flight = 7, .budget_used_bytes = 8, .budget_capacity_bytes = 9},
       .now = SystemTime(15s)});
  EXPECT_THAT(text, HasSubstr("creel_images{kind=\"\",state=\"stored\"} 5"));
  EXPECT_THAT(text, HasSubstr("creel_images{kind=\"\",state=\"pending\"} 0"));
  EXPECT_THAT(text, HasSubstr("creel_images{kind=\"dns\",state=\"failed\"} 2"));
  EXPECT_THAT(text, HasSubstr("creel_queue_waiting 3"));
  EXPECT_THAT(text, HasSubstr("creel_queue_oldest_seconds 5"));
  EXPECT_THAT(text, HasSubstr("creel_in_flight 7"));
  EXPECT_THAT(text, HasSubstr("creel_budget_used_bytes 8"));
  EXPECT_THAT(text, HasSubstr("creel_budget_capacity_bytes 9"));
  EXPECT_THAT(metrics.text({.counts = counts_of({})}), HasSubstr("creel_images{kind=\"dns\",state=\"failed\"} 0"))
      << "a kind that has gone";
}

TEST(Metrics, LeavesOutWhatIsNotKnown) {
  Metrics metrics;
  EXPECT_THAT(metrics.text({}), Not(HasSubstr("creel_images{")));
}

TEST(Metrics, MeasuresPhasesPollsRequestsAndTheDatabase) {
  Metrics metrics;
  metrics.on_phase(Phase::fetch, 30ms);
  metrics.on_poll(std::nullopt, 2s);
  metrics.on_poll(FailureKind::timeout, 3s);
  metrics.on_database(DatabaseUse::read, 1ms);
  metrics.on_database(DatabaseUse::write, 2ms);
  metrics.on_request("GET", "/images/{id}", 200, 4ms);
  const auto text = metrics.text({});
  EXPECT_THAT(text, HasSubstr("creel_phase_seconds_count{phase=\"fetch\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_phase_seconds_bucket{phase=\"fetch\",le=\"0.05\"} 1"));
  for (const auto* phase : {"queue", "store", "transfer", "record"}) {
    EXPECT_THAT(text, HasSubstr(fmt::format("creel_phase_seconds_count{{phase=\"{}\"}} 0", phase)));
  }
  EXPECT_THAT(text, HasSubstr("creel_polls_total{outcome=\"ok\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_polls_total{outcome=\"timeout\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_poll_seconds_count 2"));
  EXPECT_THAT(text, HasSubstr("creel_database_seconds_count{kind=\"read\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_database_seconds_count{kind=\"write\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_http_requests_total{method=\"GET\",route=\"/images/{id}\",status=\"200\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_http_request_seconds_count{route=\"/images/{id}\"} 1"));
}

}  // namespace
}  // namespace creel
