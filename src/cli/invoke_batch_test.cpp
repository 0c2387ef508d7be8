#include "cli/invoke_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_task.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run;

/// Answers with the payload that it was given; the first ones take the longest. Payloads can be told to fail.
class EchoInvoker final : public aws::LambdaInvoker {
 public:
  Task<aws::LambdaAnswer> invoke(aws::LambdaInvocation invocation) override {
    ++calls;
    most = std::max(most, ++at_work);
    for (int i = 10; i > static_cast<int>(calls); --i) co_await boost::asio::post(boost::asio::use_awaitable);
    co_await boost::asio::post(boost::asio::use_awaitable);
    --at_work;
    if (invocation.payload == throttled && throttles-- > 0) throw Failure(FailureKind::function_throttled, "too many");
    if (invocation.payload == refused) throw Failure(FailureKind::not_found, "no such function");
    co_return aws::LambdaAnswer{.status = 200,
                                .payload = invocation.payload,
                                .function_error = invocation.payload == broken ? "Unhandled" : ""};
  }

  std::string throttled;
  int throttles = 0;
  std::string refused;
  std::string broken;
  std::size_t calls = 0;
  std::size_t at_work = 0;
  std::size_t most = 0;
};

struct InvokeBatchTest : ::testing::Test {
  BatchTally run_batch(std::string_view text, std::size_t parallel) {
    InvokeBatch batch(
        invoker, clock, [] { return 0.0; }, {.call = {.function = "f"}, .parallel = parallel},
        [this](const std::string& line) { printed.push_back(line); });
    return run(loop, batch.run(read_batch(text, "b.jsonl")));
  }

  boost::asio::io_context loop;
  SystemClock clock;
  EchoInvoker invoker;
  std::vector<std::string> printed;
};

TEST_F(InvokeBatchTest, PrintsResultsInTheOrderOfTheLines) {
  const auto tally = run_batch("1\n2\n\n3\n4\n", 3);
  EXPECT_EQ(tally.answered, 4U);
  EXPECT_EQ(invoker.most, 3U);
  EXPECT_THAT(printed, ElementsAre(R"({"line":1,"status":200,"payload":1})", R"({"line":2,"status":200,"payload":2})",
                                   R"({"line":4,"status":200,"payload":3})", R"({"line":5,"status":200,"payload":4})"));
}

TEST_F(InvokeBatchTest, MakesAThrottledCallAgain) {
  invoker.throttled = "2";
  invoker.throttles = 3;
  EXPECT_EQ(run_batch("1\n2", 2).answered, 2U);
  EXPECT_EQ(invoker.calls, 5U);
}

TEST_F(InvokeBatchTest, GoesOnAfterACallThatFailed) {
  invoker.refused = "1";
  invoker.broken = "2";
  const auto tally = run_batch("1\n2\n3", 1);
  EXPECT_EQ(tally.not_called, 1U);
  EXPECT_EQ(tally.failed, 1U);
  EXPECT_EQ(tally.answered, 1U);
  EXPECT_THAT(printed.at(0), HasSubstr(R"("error":{"type":"not_found","message":"no such function"})"));
  EXPECT_THAT(printed.at(1), HasSubstr(R"("function_error":"Unhandled")"));
}

TEST_F(InvokeBatchTest, CallsNothingForNoLines) {
  EXPECT_EQ(run_batch("\n \r\n", 4).answered, 0U);
  EXPECT_THAT(printed, IsEmpty());
}

TEST(ReadBatch, SaysInWhichLineThereIsNoJson) {
  try {
    read_batch("{}\n\n{oops}\n", "b.jsonl");
    FAIL() << "nothing was refused";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("b.jsonl:3 is not JSON: line 1, column 2"));
  }
}

}  // namespace
}  // namespace creel
