#include "api/event_publisher.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "support/started.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

/// A client that takes everything.
class Sink final : public HttpBodyWriter {
 public:
  Task<void> write(std::string_view piece) override {
    text += piece;
    co_return;
  }

  std::string text;
};

class EventPublisherTest : public testing::ApiFixture {
 protected:
  EventPublisherTest()
      : publisher_({.executor = loop_.get_executor(),
                    .catalog = *catalog_,
                    .kinds = *kinds_,
                    .counts = *counts_,
                    .events = *events_,
                    .metrics = metrics_,
                    .rates = rates_,
                    .clock = clock_,
                    .log = silent_log(),
                    .on_images_added = [this](std::size_t count) { added_ += count; }}) {}

  /// The stream goes before the client that it writes to.
  ~EventPublisherTest() override {
    events_->stop();
    loop_.restart();
    while (stream_ && !stream_->done()) loop_.run_one();
  }

  void listen() {
    stream_.emplace(loop_, events_->stream({}, sink_));
    wait_for("retry:");
  }

  /// Runs the loop until the client has been told that.
  void wait_for(std::string_view text) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    loop_.restart();
    while (sink_.text.find(text) == std::string::npos && std::chrono::steady_clock::now() < end) loop_.run_one_for(1s);
    EXPECT_THAT(sink_.text, HasSubstr(text));
  }

  std::size_t added_ = 0;
  Sink sink_;
  std::optional<testing::Started<void>> stream_;
  EventPublisher publisher_;
};

TEST_F(EventPublisherTest, TellsOfImagesAsTheCatalogHasThem) {
  const auto stored = add_image("https://a.example/1.png", R"(,"title":"A cat")");
  const auto failed = add_image("https://a.example/2.png");
  listen();
  publisher_.on_image(
      {.row = ImageRow{stored}, .status = ImageStatus::stored, .stored = StoredFacts{.size_bytes = 100}});
  publisher_.on_image({.row = ImageRow{failed},
                       .status = ImageStatus::failed,
                       .failure = FailureFacts{.kind = FailureKind::not_found, .message = "gone"}});
  wait_for("event: image_failed\n");
  EXPECT_THAT(sink_.text, HasSubstr("event: image_stored\n"));
  EXPECT_THAT(sink_.text, HasSubstr(R"("title":"A cat")"));
  EXPECT_THAT(sink_.text, HasSubstr("https://a.example/2.png"));
  EXPECT_EQ(metrics_.totals().stored, 1U);
  EXPECT_EQ(metrics_.totals().failed, 1U);
  EXPECT_EQ(metrics_.totals().bytes, 100U);
  const auto recent = rates_.steps(clock_.now() + RecentRates::kStep).back();
  EXPECT_EQ(recent.stored, 1U);
  EXPECT_EQ(recent.failed, 1U);
  EXPECT_EQ(recent.bytes, 100U);
}

TEST_F(EventPublisherTest, TellsOfManyImagesInTheirOrder) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(add_image(fmt::format("https://a.example/{}.png", i)));
  listen();
  for (int round = 0; round < 30; ++round) {
    for (const auto id : ids) publisher_.on_image({.row = ImageRow{id}, .status = ImageStatus::stored});
  }
  publisher_.on_source_deleted(SourceId{77});
  wait_for("event: source_deleted\ndata: {\"id\":77}\n\n");
  std::size_t events = 0;
  for (auto at = sink_.text.find("event: image_stored"); at != std::string::npos;
       at = sink_.text.find("event: image_stored", at + 1)) {
    ++events;
  }
  EXPECT_EQ(events, 600U);
}

TEST_F(EventPublisherTest, TellsOfSourcesAndPolls) {
  ASSERT_EQ(post("/sources",
                 R"({"name":"Cats","type":"fake","url":"https://a.example","settings":{"tag":"a","api_key":"k3y"}})")
                .status,
            201);
  const auto source =
      testing::run(loop_, catalog_->read([](Repositories& catalog) { return catalog.sources.find("Cats"); }));
  ASSERT_TRUE(source);
  listen();
  publisher_.on_source(*source);
  publisher_.on_poll_ended(source->id,
                           {.id = PollId{3}, .started_at = SystemTime(10s), .ended_at = SystemTime(12s), .found = 5});
  wait_for("event: poll_ended\n");
  EXPECT_THAT(sink_.text, HasSubstr("event: source_changed\n"));
  EXPECT_THAT(sink_.text, HasSubstr(R"("name":"Cats")"));
  EXPECT_THAT(sink_.text, HasSubstr(R"("found":5)"));
  EXPECT_THAT(sink_.text, Not(HasSubstr("k3y")));
  EXPECT_THAT(metrics_.text({}), HasSubstr("creel_poll_seconds_sum 2"));
}

TEST_F(EventPublisherTest, CountsWhileNobodyListens) {
  publisher_.on_image(
      {.status = ImageStatus::stored, .queue_time = 4s, .fetch_time = 2s, .store_time = 1s, .record_time = 100ms});
  publisher_.on_image({.status = ImageStatus::stored, .took = 3s});
  publisher_.on_images_added(4);
  EXPECT_EQ(added_, 4U);
  const auto text = metrics_.text({});
  EXPECT_THAT(text, HasSubstr("creel_phase_seconds_sum{phase=\"fetch\"} 2"));
  EXPECT_THAT(text, HasSubstr("creel_phase_seconds_sum{phase=\"transfer\"} 3"));
  EXPECT_THAT(text, HasSubstr("creel_phase_seconds_count{phase=\"record\"} 1"));
  EXPECT_THAT(text, HasSubstr("creel_phase_seconds_sum{phase=\"queue\"} 4"));
  EXPECT_THAT(text, HasSubstr("creel_phase_seconds_count{phase=\"queue\"} 1"));
  listen();
  EXPECT_THAT(sink_.text, Not(HasSubstr("image_stored")));
}

TEST_F(EventPublisherTest, CountsPhasesThatTookNoTime) {
  publisher_.on_image({.status = ImageStatus::stored, .took = 1ms, .fetch_time = 0s, .store_time = 0s});
  publisher_.on_image({.status = ImageStatus::failed, .took = 3s});
  const auto text = metrics_.text({});
  for (const auto* phase : {"fetch", "store", "transfer"}) {
    EXPECT_THAT(text, HasSubstr(fmt::format("creel_phase_seconds_count{{phase=\"{}\"}} 1", phase)));
  }
}

TEST_F(EventPublisherTest, SaysThatEventsAreLostWhenThereAreTooMany) {
  listen();
  for (int i = 0; i < 5000; ++i) publisher_.on_source_deleted(SourceId{i});
  wait_for("event: missed\n");
}

}  // namespace
}  // namespace creel
