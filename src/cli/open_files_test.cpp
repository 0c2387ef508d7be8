#include "cli/open_files.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace creel {
namespace {

TEST(OpenFiles, AreAsManyAsTheHardLimitAllows) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lowered = before;
  lowered.rlim_cur = 100;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(raise_open_file_limit(), before.rlim_max);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(OpenFiles, LeaveRoomForTwoSocketsATransfer) {
  EXPECT_EQ(transfers_within(1024), 448U);
  EXPECT_EQ(transfers_within(128), 1U);
  EXPECT_EQ(transfers_within(0), 1U);
}

}  // namespace
}  // namespace creel
