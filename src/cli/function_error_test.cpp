#include "cli/function_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(FunctionError, IsReadWithTypeMessageAndStack) {
  const auto error = parse_function_error(R"({"errorType":"E","errorMessage":"m","stackTrace":["a",["b",1]]})");
  EXPECT_EQ(error.type, "E");
  EXPECT_EQ(error.message, "m");
  EXPECT_THAT(error.stack, ElementsAre("a", R"(["b",1])"));
}

TEST(FunctionError, IsReadFromWhateverComes) {
  for (const auto* payload : {"not json", "[]", "7", R"({"x":1})", ""}) {
    const auto error = parse_function_error(payload);
    EXPECT_EQ(error.type, "") << payload;
    EXPECT_EQ(error.message, payload);
  }
}

TEST(FunctionError, KnowsATimeOutInItsOlderForm) {
  const auto error =
      parse_function_error(R"({"errorMessage":"2024-01-01T00:00:00Z r1 Task timed out after 1.00 seconds"})");
  EXPECT_EQ(error.type, "Sandbox.Timedout");
}

TEST(FunctionError, IsShownWithItsStackAndWithWhatToDo) {
  const auto text = describe({.type = "Sandbox.Timedout", .message = "late", .stack = {"at f", "at g"}}, "cats");
  EXPECT_THAT(text, HasSubstr("function cats failed: Sandbox.Timedout: late\n    at f\n    at g\n"));
  EXPECT_THAT(text, HasSubstr("raise the function's time-out"));
}

TEST(FunctionError, IsShownWithoutWhatATerminalWouldObey) {
  EXPECT_THAT(describe({.type = "E", .message = "\x1b[2Jgone"}, "f"), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace creel
