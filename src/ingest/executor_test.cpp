// What every executor does, whatever runs the function.

#include "ingest/executor.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/function_invoker.h"
#include "ingest/in_process_executor.h"
#include "ingest/lambda_executor.h"
#include "support/memory_store.h"
#include "support/run_task.h"
#include "support/scripted_server.h"
#include "support/started.h"

namespace creel {
namespace {

using testing::run;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\0\0\0\0", 33);

/// On event loops of this process.
class InProcess {
 public:
  explicit InProcess(boost::asio::io_context&)
      : executor_(
            {.workers = 1,
             .per_host = 4,
             .fetch_options = [] { return HttpClientOptions{.address_policy = AddressPolicy::private_too}; },
             .make_store = [this](const auto&) { return std::shared_ptr<ObjectStore>(&store_, [](ObjectStore*) {}); }},
            resolver_, budget_, clock_) {}

  Executor& executor() { return executor_; }
  testing::MemoryStore& store() { return store_; }

 private:
  SystemClock clock_;
  Resolver resolver_{clock_, system_lookup, {.threads = 1}};
  ByteBudget budget_{ByteBudget::kSmallestCapacity};
  testing::MemoryStore store_;
  InProcessExecutor executor_;
};

/// In batches through Lambda, which is here too.
class ThroughLambda {
 public:
  explicit ThroughLambda(boost::asio::io_context& loop)
      : invoker_(loop.get_executor(), store_, 4),
        executor_(
            loop.get_executor(), {.function = "f", .bucket = "b", .key_prefix = "p/q", .batch = 4, .in_flight = 2},
            invoker_, clock_, [] { return 0.0; }, silent_log()) {}

  Executor& executor() { return executor_; }
  testing::MemoryStore& store() { return store_; }

 private:
  SystemClock clock_;
  testing::MemoryStore store_;
  FunctionInvoker invoker_;
  LambdaExecutor executor_;
};

template <class Harness>
class ExecutorTest : public ::testing::Test {
 protected:
  StoreOutcome outcome_of(StoreRequest request) { return run(loop_, harness_.executor().execute(std::move(request))); }

  Failure failure_of(StoreRequest request) {
    const auto outcome = outcome_of(std::move(request));
    if (const auto* failure = std::get_if<Failure>(&outcome)) return *failure;
    ADD_FAILURE() << "no failure";
    return {FailureKind::internal, ""};
  }

  static StoreRequest request(const std::string& url) { return {.image_url = Url::parse(url), .timeout = 10s}; }

  boost::asio::io_context loop_;
  Harness harness_{loop_};
};

using Harnesses = ::testing::Types<InProcess, ThroughLambda>;
TYPED_TEST_SUITE(ExecutorTest, Harnesses);

TYPED_TEST(ExecutorTest, ReturnsAllThatIsKnownOfAStoredImage) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng); });
  auto wanted = this->request(server.url("/a/cat.png?x=1"));
  wanted.key = {.folder = "cats", .file_name = "gr\xFC\xDF.png"};
  const auto outcome = this->outcome_of(wanted);
  const auto& stored = std::get<StoredImage>(outcome);
  EXPECT_EQ(stored.key, object_key(wanted.key, wanted.image_url, ImageType::png, {}));
  EXPECT_TRUE(this->harness_.store().objects().contains(stored.key.value));
  EXPECT_EQ(stored.put.etag, "etag of " + stored.key.value);
  EXPECT_FALSE(stored.put.already_there);
  EXPECT_EQ(stored.size_bytes, kPng.size());
  EXPECT_EQ(stored.info.type, ImageType::png);
  EXPECT_EQ(stored.info.width, 3U);
  EXPECT_EQ(stored.info.height, 2U);
  EXPECT_EQ(stored.sha256, to_hex(sha256(kPng)));
  EXPECT_EQ(stored.final_url, server.url("/a/cat.png?x=1"));
}

TYPED_TEST(ExecutorTest, PassesEveryPartOfARequestOn) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng, {{"X-Robots-Tag", "noai"}}); });
  auto wanted = this->request(server.url("/x"));
  wanted.fetch_headers = {{"X-Name", "\xFC"}, {"Referer", "https://a.example/"}};
  wanted.key.mode = KeyMode::content;
  wanted.image_meta = {{"title", "T\xC3\xB6m"}};
  wanted.opt_outs = OptOuts::ignore;
  const auto outcome = this->outcome_of(wanted);
  const auto& objects = this->harness_.store().objects();
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects.begin()->first, std::get<StoredImage>(outcome).key.value);
  EXPECT_TRUE(objects.begin()->first.ends_with(to_hex(sha256(kPng)) + ".png"));
  EXPECT_THAT(objects.begin()->second.metadata.user, ::testing::Contains(::testing::Pair("title", "T%C3%B6m")));
  EXPECT_EQ(server.requests().at(0).header("X-Name"), "\xFC");
  EXPECT_EQ(server.requests().at(0).header("Referer"), "https://a.example/");
  EXPECT_EQ(this->harness_.store().puts().at(0).condition, PutCondition::absent_only);
}

TYPED_TEST(ExecutorTest, SaysWhenTheObjectWasThere) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng); });
  auto wanted = this->request(server.url("/x.png"));
  wanted.if_exists = IfExists::skip;
  EXPECT_FALSE(std::get<StoredImage>(this->outcome_of(wanted)).put.already_there);
  EXPECT_TRUE(std::get<StoredImage>(this->outcome_of(wanted)).put.already_there);
}

TYPED_TEST(ExecutorTest, LooksFirstWhereTheImageMayBeStored) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng); });
  auto wanted = this->request(server.url("/x.png"));
  wanted.may_be_stored = true;
  this->outcome_of(wanted);
  EXPECT_EQ(this->harness_.store().puts().at(0).condition, PutCondition::unless_same);
}

TYPED_TEST(ExecutorTest, ReturnsAFailureWithAllThatItSays) {
  ScriptedServer server([](const WireRequest& request) {
    if (request.target == "/429") return WireReply::response(429, "", {{"Retry-After", "7"}});
    if (request.target == "/html") return WireReply::response(200, "<html></html>");
    return WireReply::response(404);
  });
  EXPECT_EQ(this->failure_of(this->request(server.url("/404"))).kind(), FailureKind::not_found);
  EXPECT_EQ(this->failure_of(this->request(server.url("/html"))).kind(), FailureKind::not_an_image);
  const auto limited = this->failure_of(this->request(server.url("/429")));
  EXPECT_EQ(limited.kind(), FailureKind::rate_limited);
  EXPECT_EQ(limited.retry_after(), 7s);
  EXPECT_EQ(this->failure_of(this->request("http://169.254.169.254/")).kind(), FailureKind::blocked_address);
  auto large = this->request(server.url("/html"));
  large.max_bytes = 1;
  EXPECT_EQ(this->failure_of(large).kind(), FailureKind::too_large);
}

TYPED_TEST(ExecutorTest, ReturnsTheStoresFailures) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng); });
  this->harness_.store().fail_call(1, Failure(FailureKind::store_denied, "no such bucket"));
  this->harness_.store().fail_call(2, Failure(FailureKind::store_throttled, "slow down"));
  EXPECT_EQ(this->failure_of(this->request(server.url("/1"))).kind(), FailureKind::store_denied);
  EXPECT_EQ(this->failure_of(this->request(server.url("/2"))).kind(), FailureKind::store_throttled);
}

TYPED_TEST(ExecutorTest, CarriesOutManyRequestsWithinTheLimitOfTheHost) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng); });
  std::vector<std::unique_ptr<testing::Started<StoreOutcome>>> all;
  for (int i = 0; i < 60; ++i) {
    all.push_back(std::make_unique<testing::Started<StoreOutcome>>(
        this->loop_, this->harness_.executor().execute(this->request(server.url(fmt::format("/{}.png", i))))));
  }
  while (!std::ranges::all_of(all, [](const auto& one) { return one->done(); })) this->loop_.run_one();
  for (int i = 0; i < 60; ++i) {
    const auto& stored = std::get<StoredImage>(all[static_cast<std::size_t>(i)]->value());
    EXPECT_TRUE(stored.final_url.ends_with(fmt::format("/{}.png", i)));
  }
  EXPECT_EQ(this->harness_.store().objects().size(), 60U);
  EXPECT_LE(server.peak_connections(), 4);
}

TYPED_TEST(ExecutorTest, ReturnsCancelledWhenItsCoroutineIsCancelled) {
  ScriptedServer server([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::stall}; });
  testing::Started<StoreOutcome> started(this->loop_,
                                         this->harness_.executor().execute(this->request(server.url("/"))));
  boost::asio::steady_timer timer(this->loop_, 20ms);
  timer.async_wait([&](const boost::system::error_code&) { started.cancel(); });
  while (!started.done()) this->loop_.run_one();
  EXPECT_EQ(std::get<Failure>(started.value()).kind(), FailureKind::cancelled);
}

}  // namespace
}  // namespace creel
