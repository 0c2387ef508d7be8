#include "cli/estimate.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Prices that are easy to reckon with, and a whole processor.
EstimateInput input() {
  return {.images = 1'000'000,
          .mean_bytes = 75'000,
          .latency = 400ms,
          .store_latency = 100ms,
          .memory_bytes = std::uint64_t{1769} * 1024 * 1024,
          .batch = 4,
          .in_flight = 100,
          .prices = {"here", 0.00002, 0.00001, 0.20, 0.005}};
}

TEST(Estimate, OfImagesOneByOneIsTheirTime) {
  const auto one = estimate(input(), 1);
  EXPECT_EQ(one.invocations, 1'000'000U);
  // 400 + 100 + 0.3 + 0.3 + 2 ms, and billed up to the next
  EXPECT_EQ(one.duration, 503ms);
  EXPECT_NEAR(one.gb_seconds, 1'000'000 * 0.503 * 1769 / 1024, 1);
  EXPECT_NEAR(one.compute_price, one.gb_seconds * 0.00002, 0.001);
  EXPECT_NEAR(one.request_price, 0.20, 0.001);
  EXPECT_NEAR(one.put_price, 5.00, 0.001);
  EXPECT_EQ(one.time, 5030s);
}

TEST(Estimate, OfABatchIsTheTimeOfItsSlowestImage) {
  const auto batched = estimate(input(), 4);
  EXPECT_EQ(batched.invocations, 250'000U);
  // 400 x (1 + 1/2 + 1/3 + 1/4) + 100 + 4 x 2.6
  EXPECT_EQ(batched.duration, 944ms);
  EXPECT_LT(batched.price(), estimate(input(), 1).price());
}

TEST(Estimate, RoundsInvocationsUp) {
  auto few = input();
  few.images = 5;
  EXPECT_EQ(estimate(few, 4).invocations, 2U);
}

TEST(Estimate, OfImagesThatDoNotFitIntoMemoryTogetherHasMoreTurns) {
  auto large = input();
  large.memory_bytes = std::uint64_t{128} * 1024 * 1024;
  large.mean_bytes = 8 * 1024 * 1024;
  // Six of them fit.
  EXPECT_GT(estimate(large, 7).duration, estimate(large, 6).duration + 200ms);
}

TEST(Estimate, CountsTheRequestsOfAnImageThatGoesInParts) {
  auto large = input();
  large.images = 10;
  large.mean_bytes = 20 * 1024 * 1024;
  EXPECT_EQ(estimate(large, 1).puts, 50U);
}

TEST(Estimate, TakesThePriceOfTheArchitecture) {
  auto arm = input();
  arm.architecture = Architecture::arm64;
  EXPECT_NEAR(estimate(arm, 1).compute_price, estimate(input(), 1).compute_price / 2, 0.001);
}

TEST(Estimate, IsShownForPeopleAndPrograms) {
  const auto table = estimate_table(input(), estimate(input(), 1), estimate(input(), 4));
  EXPECT_THAT(table, HasSubstr("1,000,000"));
  EXPECT_THAT(table, HasSubstr("250,000"));
  EXPECT_THAT(table, HasSubstr(std::string(lambda_prices_date())));
  const auto json = boost::json::parse(estimate_json(input(), estimate(input(), 1), estimate(input(), 4)));
  EXPECT_EQ(json.at("single").at("invocations"), 1'000'000);
  EXPECT_EQ(json.at("batched").at("batch"), 4);
  EXPECT_EQ(json.at("prices").at("region"), "here");
}

TEST(LambdaPrices, HaveOneEntryARegion) {
  for (const auto& prices : lambda_prices()) {
    EXPECT_EQ(lambda_prices(prices.region)->region, prices.region);
    EXPECT_LT(prices.arm64_per_gb_second, prices.x86_64_per_gb_second);
  }
  EXPECT_FALSE(lambda_prices("mars-north-1"));
}

}  // namespace
}  // namespace creel
