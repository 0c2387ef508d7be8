#include "api/counts_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_fixture.h"
#include "support/started.h"

namespace creel {
namespace {

TEST(Counts, AddUpByStateSourceAndKind) {
  const SourceId one{1};
  const SourceId two{2};
  const auto counts =
      add_up({{.source = one, .state = ImageState::stored, .failure_kind = {}, .images = 3, .bytes = 300},
              {.source = one, .state = ImageState::failed, .failure_kind = FailureKind::dns, .images = 1},
              {.source = two, .state = ImageState::failed, .failure_kind = FailureKind::dns, .images = 2},
              {.source = two, .state = ImageState::deleted, .failure_kind = {}, .images = 1, .bytes = 50}},
             SystemTime());
  EXPECT_EQ(counts.all, (Counts::ByState{0, 0, 3, 3, 1}));
  EXPECT_EQ(counts.of(one), (Counts::ByState{0, 0, 3, 1, 0}));
  EXPECT_EQ(counts.of(SourceId{9}), Counts::ByState{});
  EXPECT_EQ(counts.stored_bytes, 300U);
  EXPECT_EQ(counts.by_failure_kind.at(FailureKind::dns), 3U);
}

class CountsCacheTest : public testing::ApiFixture {
 protected:
  ManualClock time_{SystemTime(std::chrono::hours(1))};
  CountsCache cache_{*catalog_, time_};
};

TEST_F(CountsCacheTest, SeesWhatIsThereNow) {
  EXPECT_EQ(testing::run(loop_, cache_.get())->all[0], 0U);
  add_image("https://a.example/1.png");
  EXPECT_EQ(testing::run(loop_, cache_.get())->all[0], 1U) << "a look that took no time is no reason to rest";
}

TEST_F(CountsCacheTest, LooksOnceForAllThatComeFirst) {
  testing::Started<std::shared_ptr<const Counts>> one(loop_, cache_.get());
  testing::Started<std::shared_ptr<const Counts>> two(loop_, cache_.get());
  loop_.restart();
  while (!one.done() || !two.done()) loop_.run_one();
  EXPECT_NE(one.value(), nullptr);
  EXPECT_NE(two.value(), nullptr);
}

}  // namespace
}  // namespace creel
