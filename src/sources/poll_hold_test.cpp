#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/poll_fetcher_fixture.h"

namespace creel {
namespace {

using testing::answers;
using testing::PollFetcherTest;
using testing::ScriptedServer;
using enum FailureKind;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// Which hosts and accounts are left alone, and who is told of it.
class PollHoldTest : public PollFetcherTest {};

TEST_F(PollHoldTest, NotesWhichHostsRefuseForOthersToKnow) {
  ScriptedServer server(answers(429, {{"Retry-After", "1000"}}));
  failure_at(server.url("/a"));
  ASSERT_EQ(blocks_.noted.size(), 1U);
  EXPECT_EQ(blocks_.noted[0].host, authority(server));
  EXPECT_EQ(blocks_.noted[0].until, fetcher_->host_blocked_until(authority(server)));
  EXPECT_THAT(blocks_.noted[0].reason, HasSubstr("429"));
  failure_at(server.url("/b"));
  EXPECT_EQ(blocks_.noted.size(), 1U) << "nothing new was learned";
}

TEST_F(PollHoldTest, NotesALimitThatIsUsedUp) {
  ScriptedServer server(answers(200, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "60"}}));
  fetch(server.url("/"));
  EXPECT_EQ(blocks_.noted.size(), 1U);
}

TEST_F(PollHoldTest, LeavesAHostAloneThatOthersWereRefusedBy) {
  ScriptedServer server(answers(200));
  blocks_.known[authority(server)] = {authority(server), clock_.now() + seconds(600), "status 429"};
  const auto left_alone = failure_at(server.url("/"));
  EXPECT_EQ(left_alone.kind(), rate_limited);
  EXPECT_THAT(left_alone.what(), HasSubstr("left alone for now: status 429"));
  EXPECT_GE(left_alone.retry_after(), seconds(590));
  EXPECT_EQ(session_.requests, 0U);
  EXPECT_TRUE(server.requests().empty());
  EXPECT_TRUE(blocks_.noted.empty()) << "who told of it knows";
}

TEST_F(PollHoldTest, LooksUpWhatOthersKnowOfAHostOnceInAPoll) {
  ScriptedServer server(answers(200));
  ScriptedServer other(answers(200));
  for (const auto* path : {"/1", "/2", "/3"}) fetch(server.url(path));
  fetch(other.url("/"));
  EXPECT_THAT(blocks_.looked_up, ::testing::ElementsAre(authority(server), authority(other)));
  next_poll();
  fetch(server.url("/4"));
  EXPECT_EQ(blocks_.looked_up.size(), 3U);
}

TEST_F(PollHoldTest, HoldsBackAnAccountAndNoOther) {
  ScriptedServer server(answers(200));
  fetcher_->hold({.url = server.url("/3"), .account = "mine", .wait = seconds(900), .reason = "over capacity"});
  for (const auto source : {SourceId{1}, SourceId{2}}) {
    session_ = {.source = source};
    const auto held = failure_of({.url = server.url("/a"), .account = "mine"});
    EXPECT_EQ(held.kind(), rate_limited);
    EXPECT_THAT(held.what(), HasSubstr("over capacity"));
    EXPECT_THAT(held.what(), ::testing::Not(HasSubstr("mine")));
    EXPECT_GE(held.retry_after(), seconds(900));
  }
  EXPECT_EQ(fetch({.url = server.url("/b"), .account = "yours"}).status, 200);
  EXPECT_EQ(fetch(server.url("/c")).status, 200);
}

TEST_F(PollHoldTest, WaitsForTheLongerOfTheHostsTimeAndTheAccounts) {
  ScriptedServer server(answers(429, {{"Retry-After", "60"}}));
  failure_of({.url = server.url("/"), .account = "mine"});
  fetcher_->hold({.url = server.url("/"), .account = "mine", .wait = seconds(900), .reason = "over capacity"});
  EXPECT_GE(failure_of({.url = server.url("/"), .account = "mine"}).retry_after(), seconds(900));
  EXPECT_LT(failure_at(server.url("/")).retry_after(), seconds(900));
}

TEST_F(PollHoldTest, TellsOthersOfAnAccountByAHash) {
  ScriptedServer server(answers(200));
  fetcher_->hold({.url = server.url("/"), .account = "mine", .reason = "used up"});
  ASSERT_EQ(blocks_.noted.size(), 1U);
  const auto noted = blocks_.noted[0];
  EXPECT_THAT(noted.host, ::testing::StartsWith(authority(server) + " "));
  EXPECT_THAT(noted.host, ::testing::Not(HasSubstr("mine")));
  EXPECT_EQ(std::chrono::round<std::chrono::hours>(noted.until - clock_.now()), std::chrono::hours(3));

  blocks_.known[noted.host] = noted;
  make({});
  EXPECT_EQ(failure_of({.url = server.url("/"), .account = "mine"}).kind(), rate_limited);
}

TEST_F(PollHoldTest, HoldsBackAWholeHost) {
  ScriptedServer server(answers(200));
  fetcher_->hold({.url = server.url("/"), .wait = seconds(60), .reason = "maintenance"});
  EXPECT_EQ(failure_of({.url = server.url("/"), .account = "mine"}).kind(), rate_limited);
  EXPECT_EQ(failure_at(server.url("/")).kind(), rate_limited);
}

TEST_F(PollHoldTest, KeepsToItselfThatAHostIsBroken) {
  ScriptedServer server(answers(500));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(failure_at(server.url("/")).kind(), server_error);
  EXPECT_EQ(failure_at(server.url("/")).kind(), rate_limited);
  EXPECT_TRUE(blocks_.noted.empty()) << "it may be this machine's network that is";
}

}  // namespace
}  // namespace creel
