#include "net/host_limits.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "support/run_task.h"

namespace creel {
namespace {

TEST(HostLimits, HasOneSetOfPermitsForAHostWhoeverAsks) {
  HostLimits limits(2);
  EXPECT_EQ(limits.of("a.example"), limits.of("a.example"));
  EXPECT_NE(limits.of("a.example"), limits.of("a.example:8080"));
  EXPECT_EQ(limits.of("a.example")->capacity(), 2U);
}

TEST(HostLimits, ForgetsHostsThatNobodyUsesAndNoOthers) {
  boost::asio::io_context loop;
  HostLimits limits(1);
  const auto used = limits.of("used.example");
  const auto permit = testing::run(loop, used->acquire());
  for (int i = 0; i < 5000; ++i) limits.of("host" + std::to_string(i));
  EXPECT_EQ(limits.of("used.example"), used);
  EXPECT_EQ(limits.of("used.example")->in_use(), 1U);
}

}  // namespace
}  // namespace creel
