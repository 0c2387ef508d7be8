#include "emulator/faults.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::emulator {
namespace {

using namespace std::chrono_literals;

FaultPlan plan_of(std::initializer_list<std::string_view> texts) {
  FaultPlan plan;
  for (const auto text : texts) add_fault(plan, text);
  return plan;
}

TEST(Faults, AreNoneByDefault) {
  const auto faults = Faults().next("");
  EXPECT_FALSE(faults.cold_start || faults.throttle || faults.kill_response || faults.duplicate);
  EXPECT_EQ(faults.delay, 0ms);
}

TEST(Faults, ComeAtEveryNthInvocation) {
  Faults faults(plan_of({"throttle=3", "cold-start"}));
  for (const bool throttled : {false, false, true, false, false, true}) {
    const auto now = faults.next("");
    EXPECT_EQ(now.throttle, throttled);
    EXPECT_TRUE(now.cold_start);
  }
}

TEST(Faults, CanBeAskedForOnce) {
  Faults faults;
  const auto now = faults.next("kill-response, delay=20ms,duplicate");
  EXPECT_TRUE(now.kill_response);
  EXPECT_TRUE(now.duplicate);
  EXPECT_FALSE(now.throttle);
  EXPECT_EQ(now.delay, 20ms);
  EXPECT_FALSE(faults.next("").kill_response);
}

TEST(Faults, RefuseWhatIsNone) {
  for (const auto* text : {"", "fire", "throttle=", "throttle=0", "throttle=-1", "throttle=x", "delay", "delay=soon"}) {
    EXPECT_THROW(plan_of({text}), Failure) << text;
  }
}

}  // namespace
}  // namespace creel::emulator
