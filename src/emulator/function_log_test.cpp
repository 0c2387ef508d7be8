#include "emulator/function_log.h"

#include <gtest/gtest.h>

namespace creel::emulator {
namespace {

TEST(LineBuffer, GivesOutWholeLines) {
  LineBuffer lines;
  EXPECT_EQ(lines.add("one\ntw"), "one\n");
  EXPECT_EQ(lines.add("o"), "");
  EXPECT_EQ(lines.add("\nthree\nfour\nfi"), "two\nthree\nfour\n");
  EXPECT_EQ(lines.flush(), "fi\n");
  EXPECT_EQ(lines.flush(), "");
}

TEST(LineBuffer, DoesNotKeepALineThatNeverEnds) {
  LineBuffer lines;
  std::string out;
  for (int i = 0; i < 400; ++i) out += lines.add(std::string(1024, 'x'));
  EXPECT_GT(out.size(), 200'000U);
}

}  // namespace
}  // namespace creel::emulator
