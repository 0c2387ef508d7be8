#include "emulator/json_check.h"

#include <gtest/gtest.h>

namespace creel::emulator {
namespace {

TEST(JsonCheck, LetsJsonPass) {
  for (const auto* text : {"{}", "null", " 1.5e3 ", R"({"a": [true, "ü\n"]})"}) EXPECT_FALSE(json_fault(text)) << text;
}

TEST(JsonCheck, SaysWhatIsWrong) {
  for (const auto* text : {"", "{", "{'a'}", "1 2", "nul", "[1,]", "\"\xff\""}) EXPECT_TRUE(json_fault(text)) << text;
}

TEST(JsonCheck, RefusesWhatIsTooDeep) {
  EXPECT_TRUE(json_fault(std::string(100'000, '[')));
}

}  // namespace
}  // namespace creel::emulator
