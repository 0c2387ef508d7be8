#include "ingest/lambda_executor.h"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/function_invoker.h"
#include "support/memory_store.h"
#include "support/scripted_server.h"
#include "support/started.h"

namespace creel {
namespace {

namespace json = boost::json;
using testing::ScriptedServer;
using testing::Started;
using testing::WireReply;
using testing::WireRequest;
using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\0\0\0\0", 33);

/// A Lambda executor with the function at the other end, waits as short as can be, and images of many hosts at one
/// server.
class LambdaExecutorTest : public ::testing::Test {
 protected:
  LambdaExecutorTest() {
    options_.function = "fetch";
    options_.bucket = "b";
    options_.batch = 8;
    options_.in_flight = 4;
    options_.linger = 1ms;
  }

  void TearDown() override {
    EXPECT_EQ(invoker_.in_flight, 0U);
    EXPECT_EQ(invoker_.used_bytes(), 0U);
  }

  LambdaExecutor& executor() {
    if (!executor_) {
      executor_ = std::make_unique<LambdaExecutor>(
          loop_.get_executor(), options_, invoker_, clock_, [] { return random_; }, silent_log());
    }
    return *executor_;
  }

  void start(int first, int count) {
    for (int i = first; i < first + count; ++i) start(server_.url(fmt::format("/{}.png", i)));
  }

  void start(const std::string& url, const std::string& file_name = "") {
    StoreRequest request{.image_url = Url::parse(url), .key = {.file_name = file_name}, .timeout = 10s};
    started_.push_back(std::make_unique<Started<StoreOutcome>>(loop_, executor().execute(std::move(request))));
  }

  template <class Condition>
  void run_until(Condition condition) {
    loop_.restart();
    while (!condition() && loop_.run_one() > 0) continue;
  }

  void run_all() {
    run_until([this] { return std::ranges::all_of(started_, [](const auto& one) { return one->done(); }); });
  }

  bool is_stored(std::size_t index) { return std::holds_alternative<StoredImage>(started_.at(index)->value()); }
  const Failure& failure(std::size_t index) { return std::get<Failure>(started_.at(index)->value()); }

  std::size_t stored() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < started_.size(); ++i) count += is_stored(i) ? 1 : 0;
    return count;
  }

  static std::size_t size_of(const json::value& event) { return event.at("requests").as_array().size(); }

  std::vector<std::size_t> batch_sizes() const {
    std::vector<std::size_t> sizes;
    for (const auto& event : invoker_.events) sizes.push_back(size_of(event));
    return sizes;
  }

  static bool has_image(const json::value& event, std::string_view name) {
    return json::serialize(event).find(name) != std::string::npos;
  }

  /// The function dies of an image.
  void poison(const std::string& name) {
    invoker_.instead = [name](const json::value& event) -> std::optional<FunctionInvoker::Answer> {
      if (has_image(event, name)) return FunctionInvoker::crash();
      return std::nullopt;
    };
  }

  static inline double random_ = 0;
  SystemClock clock_;
  boost::asio::io_context loop_;
  ScriptedServer server_{[](const WireRequest&) { return WireReply::response(200, kPng); }};
  testing::MemoryStore store_;
  FunctionInvoker invoker_{loop_.get_executor(), store_};
  LambdaExecutorOptions options_;
  std::unique_ptr<LambdaExecutor> executor_;
  std::vector<std::unique_ptr<Started<StoreOutcome>>> started_;
};

TEST_F(LambdaExecutorTest, SendsWhatBeginsTogetherInBatches) {
  start(0, 20);
  run_all();
  EXPECT_EQ(stored(), 20U);
  EXPECT_THAT(batch_sizes(), ElementsAre(8, 8, 4));
  EXPECT_EQ(invoker_.events.at(0).at("concurrency"), 8);
}

TEST_F(LambdaExecutorTest, SendsAtOnceWhenNothingIsUnderWay) {
  options_.linger = 1h;
  start(0, 1);
  run_all();
  EXPECT_EQ(stored(), 1U);
}

TEST_F(LambdaExecutorTest, WaitsALittleForMoreWhileOthersAreUnderWay) {
  options_.linger = 500ms;
  store_.hold();
  start(0, 1);
  run_until([this] { return store_.waiting() == 1; });
  start(1, 1);
  loop_.poll();
  start(2, 1);
  run_until([this] { return store_.waiting() == 3; });
  EXPECT_THAT(batch_sizes(), ElementsAre(1, 2));
  store_.release();
  run_all();
}

TEST_F(LambdaExecutorTest, KeepsNoMoreInFlightThanItMay) {
  start(0, 200);
  run_all();
  EXPECT_EQ(stored(), 200U);
  EXPECT_EQ(invoker_.peak, 4U);
  EXPECT_THAT(batch_sizes(), Each(8U));
}

TEST_F(LambdaExecutorTest, KeepsPayloadsWithinTheirLimit) {
  options_.max_payload_bytes = 6000;
  for (int i = 0; i < 8; ++i) start(server_.url("/x?" + std::string(1500, 'x') + std::to_string(i)));
  run_all();
  EXPECT_EQ(stored(), 8U);
  EXPECT_THAT(batch_sizes(), Each(1U));
  start(server_.url("/x?" + std::string(7000, 'x')));
  run_all();
  EXPECT_TRUE(is_stored(8));
}

TEST_F(LambdaExecutorTest, PutsNotTooManyImagesOfOneHostIntoOneBatch) {
  options_.per_host = 2;
  ScriptedServer other([](const WireRequest&) { return WireReply::response(200, kPng); });
  start(0, 6);
  for (int i = 0; i < 3; ++i) start(other.url(fmt::format("/{}.png", i)));
  run_all();
  EXPECT_EQ(stored(), 9U);
  for (const auto& event : invoker_.events) {
    std::map<std::string, int> hosts;
    for (const auto& request : event.at("requests").as_array()) {
      ++hosts[Url::parse(request.at("image-url").as_string()).authority()];
    }
    for (const auto& [host, count] : hosts) EXPECT_LE(count, 2);
  }
  EXPECT_EQ(size_of(invoker_.events.at(0)), 4U);
}

TEST_F(LambdaExecutorTest, GivesImagesNoMoreTimeThanTheFunctionHas) {
  options_.function_timeout = 5s;
  start(0, 1);
  run_all();
  EXPECT_EQ(invoker_.events.at(0).at("requests").at(0).at("timeout-ms"), 4000);
}

TEST_F(LambdaExecutorTest, FindsTheOneRequestThatTheFunctionDoesNotSurvive) {
  poison("/5.png");
  start(0, 16);
  run_all();
  EXPECT_EQ(stored(), 15U);
  EXPECT_EQ(failure(5).kind(), FailureKind::function_error);
  EXPECT_THAT(failure(5).what(), HasSubstr("Runtime.ExitError: it is gone"));
  EXPECT_EQ(store_.objects().size(), 15U);
  // 8, 4, 2, 1, 1 with it, and 8, 4, 2, 1 without.
  EXPECT_EQ(executor().invocations(), 9U);
}

TEST_F(LambdaExecutorTest, FindsSeveral) {
  invoker_.instead = [](const json::value& event) -> std::optional<FunctionInvoker::Answer> {
    for (const auto* name : {"/1.png", "/2.png", "/30.png"}) {
      if (has_image(event, name))
        return FunctionInvoker::crash("Sandbox.Timedout", "Task timed out after 3.00 seconds");
    }
    return std::nullopt;
  };
  start(0, 40);
  run_all();
  EXPECT_EQ(stored(), 37U);
  for (const std::size_t index : {1U, 2U, 30U}) EXPECT_EQ(failure(index).kind(), FailureKind::function_error);
}

TEST_F(LambdaExecutorTest, TriesARequestThatWasAloneOnceMore) {
  int calls = 0;
  invoker_.instead = [&calls](const json::value&) -> std::optional<FunctionInvoker::Answer> {
    if (++calls == 1) return FunctionInvoker::crash();
    return std::nullopt;
  };
  start(0, 1);
  run_all();
  EXPECT_EQ(stored(), 1U);
}

TEST_F(LambdaExecutorTest, SaysInASecondTryThatTheImageMayBeStored) {
  int calls = 0;
  invoker_.instead = [&calls](const json::value&) -> std::optional<FunctionInvoker::Answer> {
    if (++calls == 1) return Failure(FailureKind::truncated, "the connection broke");
    return std::nullopt;
  };
  start(0, 2);
  run_all();
  EXPECT_EQ(stored(), 2U);
  EXPECT_FALSE(invoker_.events.at(0).at("requests").at(0).as_object().contains("may-be-stored"));
  EXPECT_EQ(invoker_.events.at(1).at("requests").at(0).at("may-be-stored"), true);
}

/// The function does all of it, and its answer is lost.
TEST_F(LambdaExecutorTest, CarriesOutTwiceWhatWasDoneWithoutAChange) {
  struct Losing final : aws::LambdaInvoker {
    explicit Losing(FunctionInvoker& function) : inner(function) {}
    Task<aws::LambdaAnswer> invoke(aws::LambdaInvocation invocation) override {
      auto answer = co_await inner.invoke(std::move(invocation));
      if (++calls == 1) throw Failure(FailureKind::function_timeout, "no answer came");
      co_return answer;
    }
    FunctionInvoker& inner;
    int calls = 0;
  };
  Losing losing(invoker_);
  executor_ = std::make_unique<LambdaExecutor>(
      loop_.get_executor(), options_, losing, clock_, [] { return 0.0; }, silent_log());
  start(0, 8);
  run_all();
  EXPECT_EQ(stored(), 8U);
  EXPECT_EQ(store_.objects().size(), 8U);
  EXPECT_EQ(store_.puts().size(), 16U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(std::get<StoredImage>(started_[i]->value()).put.already_there);
  executor_.reset();
}

TEST_F(LambdaExecutorTest, LowersWhatIsInFlightWhenTheServiceThrottles) {
  options_.throttled = {.base = 1ms, .cap = 5ms};
  int throttled = 0;
  invoker_.instead = [&throttled](const json::value&) -> std::optional<FunctionInvoker::Answer> {
    if (++throttled <= 10) return Failure(FailureKind::function_throttled, "Rate Exceeded.");
    return std::nullopt;
  };
  start(0, 64);
  run_until([&] { return throttled >= 1 && executor().limit() < 4; });
  EXPECT_EQ(executor().limit(), 2U);
  run_all();
  EXPECT_EQ(stored(), 64U);
  EXPECT_EQ(executor().limit(), 4U);
}

TEST_F(LambdaExecutorTest, GivesUpABatchThatIsThrottledForTooLong) {
  options_.throttle_patience = 0min;
  random_ = 0.5;
  invoker_.instead = [](const json::value&) { return Failure(FailureKind::function_throttled, "Rate Exceeded.", 1s); };
  start(0, 3);
  run_all();
  random_ = 0;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(failure(i).kind(), FailureKind::function_throttled);
}

TEST_F(LambdaExecutorTest, TriesAgainWhatGotNoAnswerAndThenLetsItBeTriedLater) {
  invoker_.instead = [](const json::value& event) -> std::optional<FunctionInvoker::Answer> {
    if (has_image(event, "/0.png")) return Failure(FailureKind::server_error, "no HTTP");
    return std::nullopt;
  };
  options_.batch = 1;
  start(0, 2);
  run_all();
  EXPECT_TRUE(is_stored(1));
  EXPECT_EQ(failure(0).kind(), FailureKind::function_timeout);
  EXPECT_TRUE(is_retryable(failure(0).kind()));
  EXPECT_EQ(executor().invocations(), 7U);
}

TEST_F(LambdaExecutorTest, CannotBeUsedIfItIsRefused) {
  for (const auto kind : {FailureKind::bad_auth, FailureKind::not_found, FailureKind::tls}) {
    executor_.reset();
    started_.clear();
    invoker_.events.clear();
    invoker_.instead = [kind](const json::value&) { return Failure(kind, "Function not found: arn"); };
    start(0, 100);
    run_all();
    for (const auto& one : started_) {
      try {
        one->value();
        ADD_FAILURE() << "no failure";
      } catch (const ExecutorUnusable& unusable) {
        EXPECT_STREQ(unusable.what(), "Function not found: arn");
      }
    }
    EXPECT_THAT(invoker_.events, SizeIs(Le(4U)));
    start(100, 1);
    run_all();
    EXPECT_THROW(started_.back()->value(), ExecutorUnusable);
  }
}

TEST_F(LambdaExecutorTest, CannotBeUsedIfTheServiceIsOutOfReach) {
  invoker_.instead = [](const json::value&) { return Failure(FailureKind::connect, "refused"); };
  start(0, 1);
  run_all();
  EXPECT_THROW(started_.back()->value(), ExecutorUnusable);
}

TEST_F(LambdaExecutorTest, CannotBeUsedIfTheFunctionFailsWhateverItIsGiven) {
  invoker_.instead = [](const json::value&) {
    return FunctionInvoker::crash("Runtime.InvalidEntrypoint", "no bootstrap");
  };
  start(0, 500);
  run_all();
  std::size_t unusable = 0;
  for (const auto& one : started_) {
    try {
      EXPECT_EQ(std::get<Failure>(one->value()).kind(), FailureKind::function_error);
    } catch (const ExecutorUnusable& failure) {
      ++unusable;
      EXPECT_THAT(failure.what(), HasSubstr("fetch fails whatever it is given"));
      EXPECT_THAT(failure.what(), HasSubstr("no bootstrap"));
    }
  }
  EXPECT_GT(unusable, 400U);
  EXPECT_LT(executor().invocations(), 150U);
}

TEST_F(LambdaExecutorTest, CannotBeUsedAnyMoreIfTheFunctionHasBegunToFailWhateverItIsGiven) {
  start(0, 8);
  run_all();
  EXPECT_EQ(stored(), 8U);
  started_.clear();
  invoker_.instead = [](const json::value&) { return FunctionInvoker::crash("Runtime.ExitError", "out of disk"); };
  start(8, 2'000);
  run_all();
  std::size_t unusable = 0;
  for (const auto& one : started_) {
    try {
      EXPECT_EQ(std::get<Failure>(one->value()).kind(), FailureKind::function_error);
    } catch (const ExecutorUnusable& failure) {
      ++unusable;
      EXPECT_THAT(failure.what(), HasSubstr("out of disk"));
    }
  }
  EXPECT_GT(unusable, 1'800U);
  EXPECT_LT(executor().invocations(), 500U);
}

TEST_F(LambdaExecutorTest, StaysUsableIfManyImagesKillTheFunctionAmongOthersThatDoNot) {
  invoker_.instead = [](const json::value& event) -> std::optional<FunctionInvoker::Answer> {
    if (has_image(event, "9.png")) return FunctionInvoker::crash();
    return std::nullopt;
  };
  start(0, 2'000);
  run_all();
  EXPECT_EQ(stored(), 1'800U);
}

TEST_F(LambdaExecutorTest, TakesAnswersThatAreOfNoUseForFailuresOfTheFunction) {
  invoker_.instead = [](const json::value& event) -> std::optional<FunctionInvoker::Answer> {
    if (has_image(event, "/0.png")) return aws::LambdaAnswer{.status = 200, .payload = "\"hello\""};
    if (has_image(event, "/1.png")) return aws::LambdaAnswer{.status = 200, .payload = "{"};
    return std::nullopt;
  };
  start(0, 8);
  run_all();
  EXPECT_EQ(stored(), 6U);
  EXPECT_EQ(failure(0).kind(), FailureKind::function_error);
  EXPECT_EQ(failure(1).kind(), FailureKind::function_error);
}

TEST_F(LambdaExecutorTest, TakesOutABatchThatIsTooLargeForTheService) {
  invoker_.instead = [](const json::value& event) -> std::optional<FunctionInvoker::Answer> {
    if (size_of(event) > 2) return Failure(FailureKind::bad_request, "RequestTooLargeException");
    return std::nullopt;
  };
  start(0, 8);
  run_all();
  EXPECT_EQ(stored(), 8U);
}

TEST_F(LambdaExecutorTest, EndsAnInvocationThatNobodyWaitsForAnyMore) {
  store_.hold();
  start(0, 8);
  run_until([this] { return store_.waiting() == 8; });
  for (std::size_t i = 0; i < 7; ++i) started_[i]->cancel();
  run_until([this] { return std::ranges::count_if(started_, [](const auto& one) { return one->done(); }) == 7; });
  EXPECT_EQ(invoker_.in_flight, 1U);
  started_[7]->cancel();
  run_all();
  EXPECT_EQ(invoker_.in_flight, 0U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(failure(i).kind(), FailureKind::cancelled);
}

TEST_F(LambdaExecutorTest, TakesBackWhatWaitsAndIsCancelled) {
  options_.in_flight = 1;
  store_.hold();
  start(0, 24);
  run_until([this] { return store_.waiting() == 8; });
  for (std::size_t i = 8; i < 16; ++i) started_[i]->cancel();
  run_until([this] { return started_[15]->done(); });
  store_.release();
  run_all();
  EXPECT_EQ(stored(), 16U);
  EXPECT_THAT(batch_sizes(), ElementsAre(8, 8));
}

TEST_F(LambdaExecutorTest, EndsATryThatWaitsForTheServiceWhenItIsCancelled) {
  options_.throttled = {.base = 1h, .cap = 1h};
  options_.throttle_patience = 120min;
  random_ = 0.9;
  invoker_.instead = [](const json::value&) { return Failure(FailureKind::function_throttled, "Rate Exceeded."); };
  start(0, 3);
  run_until([this] { return executor().invocations() == 1 && invoker_.in_flight == 0; });
  for (auto& one : started_) one->cancel();
  run_all();
  random_ = 0;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(failure(i).kind(), FailureKind::cancelled);
}

TEST_F(LambdaExecutorTest, MayGoWhenItsRequestsHaveTheirOutcomes) {
  for (int round = 0; round < 5; ++round) {
    start(8 * round, 8);
    run_all();
    executor_.reset();
  }
  loop_.restart();
  loop_.poll();
  EXPECT_EQ(stored(), 40U);
}

}  // namespace
}  // namespace creel
