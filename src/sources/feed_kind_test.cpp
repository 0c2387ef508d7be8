#include "sources/feed_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "sources/fake_poll_run.h"
#include "support/run_task.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kUrl = "https://a.example/feed";

class FeedKindTest : public ::testing::Test {
 protected:
  FeedKindTest() {
    source_.url = kUrl;
    for (const auto& spec : kind_->settings()) {
      if (!spec.default_value.empty()) source_.settings[spec.name] = spec.default_value;
    }
  }

  void poll() { testing::run(loop_, kind_->poll(source_, run_)); }

  boost::asio::io_context loop_;
  std::unique_ptr<const SourceKind> kind_ = feed_kind();
  SourceConfig source_;
  testing::FakePollRun run_;
};

TEST_F(FeedKindTest, AddsTheImagesOfAFeed) {
  std::string items;
  for (int i = 0; i < 1200; ++i) {
    items += "<item><guid>" + std::to_string(i) + "</guid><enclosure type='image/png' url='/" + std::to_string(i) +
             ".png'/></item>";
  }
  run_.answer(kUrl, "<rss><channel><ttl>90</ttl>" + items + "</channel></rss>");
  poll();
  EXPECT_THAT(run_.records(), SizeIs(1200));
  EXPECT_EQ(run_.records().back().image_url, "https://a.example/1199.png");
  EXPECT_THAT(run_.requests().at(0).headers.find("Accept").value(), HasSubstr("application/atom+xml"));
  EXPECT_TRUE(run_.requests().at(0).is_conditional);
  EXPECT_EQ(run_.longest_wait(), std::chrono::minutes(90));
}

TEST_F(FeedKindTest, RemembersTheScheduleForAnAnswerWithoutABody) {
  run_.answer(kUrl, "<rss><channel><ttl>90</ttl></channel></rss>");
  poll();
  testing::FakePollRun next;
  next.set_memory(run_.memory());
  next.answer(kUrl, {.body = "", .status = 304});
  testing::run(loop_, kind_->poll(source_, next));
  EXPECT_EQ(next.longest_wait(), std::chrono::minutes(90));
  EXPECT_THAT(next.records(), IsEmpty());
}

TEST_F(FeedKindTest, SendsHeadersAndAuthorization) {
  source_.settings["headers"] = R"({"X-Key":"k"})";
  source_.secrets["authorization"] = Secret("Bearer t");
  run_.answer(kUrl, "<rss/>");
  poll();
  EXPECT_EQ(run_.requests().at(0).headers.find("X-Key"), "k");
  EXPECT_EQ(run_.requests().at(0).headers.find("Authorization"), "Bearer t");
}

TEST_F(FeedKindTest, ShowsAnItemThatYieldsNothing) {
  run_.answer(kUrl, "<rss><channel><item><title>words</title></item></channel></rss>");
  poll();
  EXPECT_EQ(run_.shape(), "<item><title>words</title></item>");
}

TEST_F(FeedKindTest, FailsWhereEveryItemIsMalformed) {
  run_.answer(kUrl, "<rss><channel><item><b></item><item></i></item></channel></rss>");
  EXPECT_THROW(poll(), Failure);
}

TEST_F(FeedKindTest, TellsOfItemsThatAreMalformed) {
  run_.answer(kUrl, "<rss><channel><item><b></item><item></item></channel></rss>");
  poll();
  EXPECT_EQ(run_.unusable(), 1U);
  EXPECT_THAT(run_.unusable_reasons(), ElementsAre("1 of the feed's 2 items are malformed"));
}

TEST_F(FeedKindTest, FailsOnWhatIsNoFeed) {
  run_.answer(kUrl, "<html></html>");
  EXPECT_THROW(poll(), Failure);
  EXPECT_THAT(run_.memory(), IsEmpty());
}

TEST_F(FeedKindTest, ChecksItsHeaders) {
  source_.settings["headers"] = R"({"Host":"x"})";
  source_.secrets["authorization"] = Secret("a\nb");
  const auto errors = kind_->check(source_);
  ASSERT_THAT(errors, SizeIs(2));
  EXPECT_EQ(errors[0].pointer, "/settings/headers");
  EXPECT_EQ(errors[1].pointer, "/settings/authorization");
}

}  // namespace
}  // namespace creel
