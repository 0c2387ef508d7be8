#include "deploy/lambda_runtime.h"

#include <gtest/gtest.h>

namespace creel::deploy {
namespace {

TEST(LambdaRuntime, ComparesVersionsByTheirNumbers) {
  EXPECT_LT(compare_versions("2.9", "2.34"), 0);
  EXPECT_GT(compare_versions("2.36", "2.34"), 0);
  EXPECT_EQ(compare_versions("3.4.29", "3.4.29"), 0);
  EXPECT_LT(compare_versions("2.2", "2.2.5"), 0);
  EXPECT_EQ(compare_versions("2.34", "2.34.0"), 0);
}

TEST(LambdaRuntime, ComparesAnythingAtAll) {
  for (const auto* text : {"", ".", "...", "abc", "1a", "99999999999999999999999"}) {
    EXPECT_NO_THROW(compare_versions(text, "2.34"));
  }
}

TEST(LambdaRuntime, IsFoundByName) {
  ASSERT_NE(find_runtime("provided.al2"), nullptr);
  EXPECT_EQ(find_runtime("provided.al2")->versions.front().newest, "2.26");
  EXPECT_EQ(find_runtime("provided.al2023"), &default_runtime());
  EXPECT_EQ(find_runtime("nodejs22.x"), nullptr);
}

TEST(LambdaRuntime, KnowsArchitecturesByNameAndMachine) {
  EXPECT_EQ(architecture("arm64"), Architecture::arm64);
  EXPECT_EQ(architecture("amd64"), std::nullopt);
  EXPECT_EQ(architecture_of_machine(62), Architecture::x86_64);
  EXPECT_EQ(architecture_of_machine(183), Architecture::arm64);
  EXPECT_EQ(architecture_of_machine(3), std::nullopt);
}

}  // namespace
}  // namespace creel::deploy
