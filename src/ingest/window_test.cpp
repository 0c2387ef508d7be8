#include "ingest/window.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

LeasedImage image_of(const std::string& host, const std::string& id) {
  return {.image = {.image_id = id, .host = host}};
}

/// Takes images until there are none, and tells in which order they came.
std::string take_in_order(Window& window, const std::string& refused = "") {
  std::string order;
  while (const auto image = window.take([&](const std::string& host) { return host != refused; })) {
    order += image->image.image_id + " ";
  }
  return order;
}

class WindowTest : public ::testing::Test {
 protected:
  void add(const std::string& host, const std::vector<std::string>& ids) {
    for (const auto& id : ids) window_.add(image_of(host, id));
  }

  Window window_{4, 3};
};

TEST_F(WindowTest, ServesTheHostsInTurn) {
  add("a", {"a1", "a2", "a3"});
  add("b", {"b1"});
  add("c", {"c1", "c2"});
  EXPECT_EQ(take_in_order(window_), "a1 b1 c1 a2 c2 a3 ");
  EXPECT_TRUE(window_.empty());
}

TEST_F(WindowTest, PutsAHostWithNewImagesBehindTheOthers) {
  add("a", {"a1"});
  add("b", {"b1", "b2"});
  EXPECT_EQ(window_.take([](const auto&) { return true; })->image.image_id, "a1");
  add("a", {"a2"});
  EXPECT_EQ(take_in_order(window_), "b1 a2 b2 ");
}

TEST_F(WindowTest, PassesOverHostsThatMayNotStartWithoutLosingTheirImages) {
  add("a", {"a1", "a2"});
  add("b", {"b1", "b2"});
  EXPECT_EQ(take_in_order(window_, "a"), "b1 b2 ");
  EXPECT_EQ(window_.images(), 2U);
  EXPECT_EQ(take_in_order(window_), "a1 a2 ");
}

TEST_F(WindowTest, CountsImagesAndHosts) {
  EXPECT_TRUE(window_.empty());
  add("a", {"a1", "a2"});
  add("b", {"b1"});
  EXPECT_EQ(window_.images(), 3U);
  EXPECT_EQ(window_.hosts(), 2U);
  take_in_order(window_, "a");
  EXPECT_EQ(window_.images(), 2U);
  EXPECT_EQ(window_.hosts(), 1U);
}

TEST_F(WindowTest, TakesOutAllImagesOfAHost) {
  add("a", {"a1", "a2"});
  add("b", {"b1"});
  const auto taken = window_.take_host("a");
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[1].image.image_id, "a2");
  EXPECT_EQ(window_.images(), 1U);
  EXPECT_EQ(window_.hosts(), 1U);
  EXPECT_TRUE(window_.take_host("a").empty());
  add("a", {"a3"});
  EXPECT_EQ(take_in_order(window_), "b1 a3 ");
}

TEST_F(WindowTest, TakesOutAllImages) {
  add("a", {"a1", "a2"});
  add("b", {"b1"});
  EXPECT_EQ(window_.take_all().size(), 3U);
  EXPECT_TRUE(window_.empty());
  EXPECT_EQ(window_.images(), 0U);
}

TEST_F(WindowTest, DescribesTheRoomThatIsLeft) {
  add("a", {"a1", "a2"});
  add("b", {"b1", "b2", "b3"});
  LeaseQuery query;
  window_.describe_room(query);
  EXPECT_EQ(query.max_new_hosts, 2U);
  EXPECT_EQ(query.room_per_new_host, 3U);
  EXPECT_EQ(query.room, (std::unordered_map<std::string, std::size_t>{{"a", 1}, {"b", 0}}));
}

TEST_F(WindowTest, CountsAHostAsActiveUntilTheCatalogHasShownThatItHasNoMore) {
  add("a", {"a1"});
  add("b", {"b1", "b2"});
  take_in_order(window_, "b");
  LeaseQuery query;
  EXPECT_EQ(window_.active_hosts(), 2U);
  window_.describe_room(query);
  EXPECT_EQ(window_.active_hosts(), 2U) << "the answer is not there yet";
  window_.describe_room(query);
  EXPECT_EQ(window_.active_hosts(), 1U);
  take_in_order(window_);
  add("b", {"b3"});
  EXPECT_EQ(window_.active_hosts(), 1U) << "counted once";
}

TEST_F(WindowTest, HasNoRoomForNewHostsWhenItIsFull) {
  for (const auto* host : {"a", "b", "c", "d", "e"}) add(host, {"1", "2", "3", "4"});
  LeaseQuery query;
  window_.describe_room(query);
  EXPECT_EQ(query.max_new_hosts, 0U);
  EXPECT_EQ(query.room.at("e"), 0U);
}

}  // namespace
}  // namespace creel
