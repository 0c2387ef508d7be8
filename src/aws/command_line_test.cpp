#include "aws/command_line.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

using Words = std::vector<std::string>;

TEST(SplitCommand, DividesAtBlanks) {
  EXPECT_EQ(split_command("  /bin/tool  --a\tb "), (Words{"/bin/tool", "--a", "b"}));
}

TEST(SplitCommand, KeepsQuotedAndEscapedBlanks) {
  EXPECT_EQ(split_command(R"("C d"/x 'a "b' e\ f "g\"h" "i\j" '')"),
            (Words{"C d/x", "a \"b", "e f", "g\"h", "i\\j", ""}));
}

TEST(SplitCommand, ExpandsNothing) {
  EXPECT_EQ(split_command("a $HOME * ~ `b`"), (Words{"a", "$HOME", "*", "~", "`b`"}));
}

TEST(SplitCommand, RefusesAnOpenQuoteAndNothing) {
  EXPECT_THROW(split_command("a 'b"), Failure);
  EXPECT_THROW(split_command("a \"b"), Failure);
  EXPECT_THROW(split_command("  "), Failure);
}

}  // namespace
}  // namespace creel::aws
