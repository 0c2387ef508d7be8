#include "catalog/sql_array.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

TEST(SqlArray, IsWrittenAsPostgresqlReadsIt) {
  SqlArray array;
  array.add("plain");
  array.add("with \"quotes\", a \\ and {braces}");
  array.add("");
  array.add(std::optional<std::string>());
  array.add("null");
  array.close();
  EXPECT_EQ(array.text(), R"({"plain","with \"quotes\", a \\ and {braces}","",null,"null"})");
}

TEST(SqlArray, HoldsNumbersTruthsAndTimes) {
  SqlArray array;
  array.add(-5LL);
  array.add(std::optional<std::uint32_t>(640));
  array.add(std::optional<bool>(true));
  array.add(std::optional(SystemTime(std::chrono::milliseconds(1500))));
  array.close();
  EXPECT_EQ(array.text(), "{-5,640,1,1500}");
}

TEST(SqlArray, CanBeUsedAnew) {
  SqlArray array;
  array.add(1LL);
  array.close();
  array.clear();
  array.close();
  EXPECT_EQ(array.text(), "{}");
}

}  // namespace
}  // namespace creel
