#include "sources/request_pacer.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime kNow(std::chrono::hours(1));

TEST(RequestPacer, KeepsAMinutesShareBetweenRequests) {
  RequestPacer pacer;
  EXPECT_EQ(pacer.reserve(SourceId{1}, 30, kNow), kNow);
  EXPECT_EQ(pacer.reserve(SourceId{1}, 30, kNow), kNow + seconds(2));
  EXPECT_EQ(pacer.reserve(SourceId{1}, 30, kNow + seconds(1)), kNow + seconds(4));
  EXPECT_EQ(pacer.reserve(SourceId{1}, 30, kNow + seconds(9)), kNow + seconds(9));
  EXPECT_EQ(pacer.reserve(SourceId{1}, 6000, kNow + seconds(9)), kNow + seconds(11));
  EXPECT_EQ(pacer.reserve(SourceId{1}, 6000, kNow + seconds(9)), kNow + seconds(11) + milliseconds(10));
}

TEST(RequestPacer, KeepsSourcesApart) {
  RequestPacer pacer;
  pacer.reserve(SourceId{1}, 1, kNow);
  EXPECT_EQ(pacer.reserve(SourceId{2}, 1, kNow), kNow);
  pacer.forget(SourceId{1});
  EXPECT_EQ(pacer.reserve(SourceId{1}, 1, kNow), kNow);
}

TEST(RequestPacer, WaitsNoLongerThanADay) {
  RequestPacer pacer;
  pacer.reserve(SourceId{1}, 1e-300, kNow);
  EXPECT_EQ(pacer.reserve(SourceId{1}, 1, kNow), kNow + std::chrono::hours(24));
}

TEST(RequestPacer, KeepsManySources) {
  RequestPacer pacer;
  for (int i = 0; i < 5000; ++i) pacer.reserve(SourceId{i}, 1, kNow);
  EXPECT_EQ(pacer.reserve(SourceId{7}, 1, kNow), kNow + seconds(60));
}

}  // namespace
}  // namespace creel
