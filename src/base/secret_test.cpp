#include "base/secret.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

TEST(Secret, PrintsAsStarsWhateverItHolds) {
  EXPECT_EQ(fmt::format("key={}", Secret("hunter2")), "key=***");
  EXPECT_EQ(fmt::format("{}", Secret()), "***");
  EXPECT_EQ(fmt::format("{:>5}", Secret("a longer one")), "  ***");
}

TEST(Secret, GivesItsValueAwayOnlyWhenAsked) {
  const Secret secret("hunter2");
  EXPECT_EQ(secret.reveal(), "hunter2");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(secret, Secret("hunter2"));
  EXPECT_NE(secret, Secret("hunter3"));
}

}  // namespace
}  // namespace creel
