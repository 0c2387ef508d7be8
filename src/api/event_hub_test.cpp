#include "api/event_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "base/wakeup.h"
#include "net/http_server.h"
#include "support/run_task.h"
#include "support/started.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

/// A client's end: what was written, and a gate that may be shut.
class FakeClient final : public HttpBodyWriter {
 public:
  explicit FakeClient(boost::asio::io_context& loop) : gate_(std::make_shared<Wakeup>(loop.get_executor())) {}

  Task<void> write(std::string_view piece) override {
    if (is_shut_) {
      is_waiting_ = true;
      co_await gate_->wait();
    }
    if (is_cut_) throw Failure(FailureKind::connect, "the client has gone");
    text_ += piece;
    ++writes_;
  }
  void cut() override {
    is_cut_ = true;
    gate_->notify();
  }

  void shut() { is_shut_ = true; }
  void open() {
    is_shut_ = false;
    gate_->notify();
  }
  bool is_waiting() const { return is_waiting_; }
  bool is_cut() const { return is_cut_; }
  int writes() const { return writes_; }
  const std::string& text() const { return text_; }

  /// The id of the last event.
  std::string last_id() const {
    const auto at = text_.rfind("id: ") + 4;
    return text_.substr(at, text_.find('\n', at) - at);
  }

 private:
  std::shared_ptr<Wakeup> gate_;
  bool is_shut_ = false;
  bool is_waiting_ = false;
  bool is_cut_ = false;
  int writes_ = 0;
  std::string text_;
};

class EventHubTest : public ::testing::Test {
 protected:
  EventHub& hub(EventHubOptions options = {.pace = 0ms}) {
    if (!hub_) hub_ = std::make_unique<EventHub>(loop_.get_executor(), clock_, options);
    return *hub_;
  }

  testing::Started<void> listen(FakeClient& client, EventHub::Listening listening = {}) {
    testing::Started<void> stream(loop_, hub().stream(std::move(listening), client));
    run();
    return stream;
  }

  /// Runs what is ready.
  void run() {
    loop_.restart();
    while (loop_.poll_one() > 0) continue;
  }

  void publish(EventType type, std::string_view json) {
    hub().publish(type, json);
    run();
  }

  ManualClock clock_{SystemTime(std::chrono::hours(500'000))};
  boost::asio::io_context loop_;
  std::unique_ptr<EventHub> hub_;
};

TEST_F(EventHubTest, GivesEventsToAllClientsAsServerSentEvents) {
  FakeClient one(loop_);
  FakeClient two(loop_);
  const auto first = listen(one);
  const auto second = listen(two);
  EXPECT_EQ(hub().clients(), 2U);
  publish(EventType::image_stored, R"({"id":7})");
  EXPECT_THAT(one.text(), HasSubstr("\nevent: image_stored\ndata: {\"id\":7}\n\n"));
  EXPECT_THAT(one.text(), ::testing::StartsWith("retry: 2000\n\n"));
  EXPECT_EQ(one.text(), two.text());
}

TEST_F(EventHubTest, SendsOnlyTheTypesThatAreAskedFor) {
  FakeClient client(loop_);
  const auto stream = listen(client, {.types = {EventType::counters}});
  publish(EventType::image_stored, "{}");
  publish(EventType::counters, R"({"n":1})");
  EXPECT_THAT(client.text(), HasSubstr("event: counters"));
  EXPECT_THAT(client.text(), Not(HasSubstr("image_stored")));
}

TEST_F(EventHubTest, GoesOnBehindTheLastIdOfAClientThatComesBack) {
  std::string last;
  {
    FakeClient client(loop_);
    auto stream = listen(client);
    publish(EventType::image_stored, R"({"id":1})");
    last = client.last_id();
    stream.cancel();
    run();
  }
  EXPECT_EQ(hub().clients(), 0U);
  publish(EventType::image_stored, R"({"id":2})");
  publish(EventType::image_failed, R"({"id":3})");
  FakeClient again(loop_);
  const auto stream = listen(again, {.last_id = last});
  EXPECT_THAT(again.text(), HasSubstr(R"({"id":2})"));
  EXPECT_THAT(again.text(), HasSubstr(R"({"id":3})"));
  EXPECT_THAT(again.text(), Not(HasSubstr(R"({"id":1})")));
  EXPECT_THAT(again.text(), Not(HasSubstr("missed")));
}

TEST_F(EventHubTest, SaysSoWhenEventsAreLost) {
  for (const auto* id : {"7", "nonsense", "1-5", "-", "ffff-99999999999999999999999"}) {
    FakeClient client(loop_);
    auto stream = listen(client, {.last_id = id});
    EXPECT_THAT(client.text(), HasSubstr("event: missed\ndata: {}\n\n")) << id;
    stream.cancel();
    run();
  }
}

TEST_F(EventHubTest, SaysSoWhenTheRingNoLongerHasThem) {
  hub({.max_events = 3, .pace = 0ms});
  FakeClient first(loop_);
  auto stream = listen(first);
  publish(EventType::image_stored, "{}");
  const auto last = first.last_id();
  for (int i = 0; i < 4; ++i) publish(EventType::image_stored, "{}");
  FakeClient again(loop_);
  const auto resumed = listen(again, {.last_id = last});
  EXPECT_THAT(again.text(), HasSubstr("missed"));
}

TEST_F(EventHubTest, SaysSoToOneThatComesBackAfterALongTime) {
  std::string last;
  {
    FakeClient client(loop_);
    auto stream = listen(client);
    publish(EventType::image_stored, "{}");
    last = client.last_id();
    stream.cancel();
    run();
  }
  EXPECT_TRUE(hub().is_wanted());
  clock_.advance(2min);
  EXPECT_FALSE(hub().is_wanted());
  FakeClient again(loop_);
  const auto stream = listen(again, {.last_id = last});
  EXPECT_THAT(again.text(), HasSubstr("missed"));
}

TEST_F(EventHubTest, CutsASlowClientAndNobodyWaitsForIt) {
  hub({.max_events = 10, .pace = 0ms});
  FakeClient slow(loop_);
  FakeClient quick(loop_);
  const auto slow_stream = listen(slow);
  const auto quick_stream = listen(quick);
  slow.shut();
  for (int i = 0; i < 30; ++i) publish(EventType::image_stored, fmt::format(R"({{"id":{}}})", i));
  EXPECT_TRUE(slow.is_cut());
  EXPECT_TRUE(slow_stream.done());
  EXPECT_EQ(hub().dropped(), 1U);
  EXPECT_EQ(hub().clients(), 1U);
  EXPECT_THAT(quick.text(), HasSubstr(R"({"id":29})"));
}

TEST_F(EventHubTest, BoundsWhatItKeepsByBytesToo) {
  hub({.max_bytes = 1000, .pace = 0ms});
  FakeClient slow(loop_);
  const auto stream = listen(slow);
  slow.shut();
  for (int i = 0; i < 5; ++i) publish(EventType::image_stored, "\"" + std::string(500, 'x') + "\"");
  EXPECT_TRUE(slow.is_cut());
}

TEST_F(EventHubTest, SparesAClientThatIsSlowForAMoment) {
  FakeClient client(loop_);
  const auto stream = listen(client);
  client.shut();
  for (int i = 0; i < 30; ++i) publish(EventType::image_stored, fmt::format(R"({{"id":{}}})", i));
  EXPECT_TRUE(client.is_waiting());
  client.open();
  run();
  EXPECT_THAT(client.text(), HasSubstr(R"({"id":0})"));
  EXPECT_THAT(client.text(), HasSubstr(R"({"id":29})"));
  EXPECT_LE(client.writes(), 4) << "what has come together goes out together";
}

TEST_F(EventHubTest, SendsASignOfLife) {
  hub({.keep_alive = 1ms, .pace = 0ms});
  FakeClient client(loop_);
  const auto stream = listen(client);
  while (client.writes() < 3) loop_.run_one();
  EXPECT_THAT(client.text(), HasSubstr("\n\n: still there\n\n"));
}

TEST_F(EventHubTest, EndsAllStreamsWithATimeToComeBack) {
  FakeClient client(loop_);
  auto stream = listen(client);
  hub().stop();
  run();
  EXPECT_TRUE(stream.succeeded());
  EXPECT_THAT(client.text(), ::testing::EndsWith("retry: 2000\n\n"));
  FakeClient late(loop_);
  EXPECT_TRUE(listen(late).succeeded());
}

TEST_F(EventHubTest, EndsAStreamWhenItsTokenExpires) {
  FakeClient client(loop_);
  auto stream = listen(client, {.until = clock_.now() + 1h});
  clock_.advance(1h);
  publish(EventType::image_stored, "{}");
  publish(EventType::image_stored, "{}");
  EXPECT_TRUE(stream.succeeded());
}

TEST_F(EventHubTest, CountsItsRoom) {
  hub({.pace = 0ms, .max_clients = 1});
  EXPECT_TRUE(hub().has_room());
  FakeClient client(loop_);
  const auto stream = listen(client);
  EXPECT_FALSE(hub().has_room());
}

TEST_F(EventHubTest, KeepsNothingWhileNobodyListens) {
  EXPECT_FALSE(hub().is_wanted());
  publish(EventType::image_stored, "{}");
  FakeClient client(loop_);
  const auto stream = listen(client);
  EXPECT_THAT(client.text(), Not(HasSubstr("image_stored")));
}

TEST_F(EventHubTest, GathersEventsForAMoment) {
  hub({.pace = 20ms});
  FakeClient client(loop_);
  const auto stream = listen(client);
  for (int i = 0; i < 50; ++i) publish(EventType::image_stored, "{}");
  hub().publish(EventType::image_failed, "{}");
  while (client.text().find("image_failed") == std::string::npos) loop_.run_one();
  EXPECT_LE(client.writes(), 5);
}

TEST(EventType, HasANameOfItsOwn) {
  for (const auto type : all_event_types()) EXPECT_EQ(event_type(to_string(type)), type);
  EXPECT_EQ(event_type("other"), std::nullopt);
}

}  // namespace
}  // namespace creel
