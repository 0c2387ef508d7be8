#include "emulator/function_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/service_error.h"

namespace creel::emulator {
namespace {

using ::testing::ElementsAre;

class Registry : public ::testing::Test {
 protected:
  static Deployment deployment(const std::string& handler) {
    return {.configuration = {.handler = handler}, .code = std::make_shared<FunctionCode>()};
  }

  /// What the call fails with, as "STATUS TYPE MESSAGE".
  std::string refusal(const FunctionReference& reference, std::string_view qualifier = "") {
    try {
      registry_.resolve(reference, qualifier, 0);
    } catch (const ServiceError& error) {
      return std::to_string(error.status()) + " " + error.type() + " " + error.what();
    }
    return "";
  }

  ManualClock clock_{SystemTime{}};
  FunctionRegistry registry_{"us-east-1", clock_};
};

TEST_F(Registry, FindsAFunctionByItsName) {
  registry_.add("f", deployment("h"));
  const auto target = registry_.resolve({.name = "f"}, "", 0);
  EXPECT_EQ(target.version->version, "$LATEST");
  EXPECT_EQ(target.invoked_arn, "arn:aws:lambda:us-east-1:123456789012:function:f");
  EXPECT_EQ(registry_.resolve({.name = "f"}, "$LATEST", 0).invoked_arn,
            "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST");
}

TEST_F(Registry, SaysWhatItDoesNotKnow) {
  registry_.add("f", deployment("h"));
  EXPECT_EQ(refusal({.name = "g"}),
            "404 ResourceNotFoundException Function not found: arn:aws:lambda:us-east-1:123456789012:function:g");
  EXPECT_EQ(refusal({.name = "f"}, "7"),
            "404 ResourceNotFoundException Function not found: arn:aws:lambda:us-east-1:123456789012:function:f:7");
  EXPECT_EQ(refusal({.name = "f", .region = "eu-west-1"}),
            "404 ResourceNotFoundException Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
  EXPECT_TRUE(refusal({.name = "f", .qualifier = "1"}, "2").starts_with("400 InvalidParameterValueException"));
}

TEST_F(Registry, KeepsVersionsAsTheyWere) {
  auto& function = registry_.add("f", deployment("one"));
  EXPECT_EQ(registry_.publish(function).version, "1");
  registry_.set_latest(function, deployment("two"));
  EXPECT_EQ(registry_.publish(function).version, "2");
  EXPECT_EQ(registry_.resolve({.name = "f", .qualifier = "1"}, "", 0).version->deployment->configuration.handler,
            "one");
  EXPECT_EQ(registry_.resolve({.name = "f"}, "2", 0).version->deployment->configuration.handler, "two");
}

TEST_F(Registry, PublishesNothingTwice) {
  auto& function = registry_.add("f", deployment("one"));
  EXPECT_EQ(registry_.publish(function).version, "1");
  EXPECT_EQ(registry_.publish(function, "with words").version, "1");
}

TEST_F(Registry, FollowsAnAliasToItsVersionsByWeight) {
  auto& function = registry_.add("f", deployment("one"));
  registry_.publish(function);
  registry_.set_latest(function, deployment("two"));
  registry_.publish(function);
  function.aliases["prod"] = {.name = "prod", .version = "1", .weights = {{"2", 0.25}}};
  EXPECT_EQ(registry_.resolve({.name = "f"}, "prod", 0.24).version->version, "2");
  EXPECT_EQ(registry_.resolve({.name = "f"}, "prod", 0.25).version->version, "1");
  EXPECT_EQ(registry_.resolve({.name = "f"}, "prod", 0).invoked_arn,
            "arn:aws:lambda:us-east-1:123456789012:function:f:prod");
}

TEST_F(Registry, TellsWhoeverWantsToKnowOfChanges) {
  std::vector<std::string> told;
  registry_.on_change([&](const std::string& name) { told.push_back(name); });
  auto& function = registry_.add("f", deployment("one"));
  registry_.set_latest(function, deployment("two"));
  registry_.remove("f");
  registry_.remove("f");
  EXPECT_THAT(told, ElementsAre("f", "f", "f"));
  EXPECT_EQ(registry_.find("f"), nullptr);
}

TEST_F(Registry, GivesEachChangeARevision) {
  auto& function = registry_.add("f", deployment("one"));
  const auto first = function.latest.revision_id;
  registry_.set_latest(function, deployment("two"));
  EXPECT_NE(function.latest.revision_id, first);
}

}  // namespace
}  // namespace creel::emulator
