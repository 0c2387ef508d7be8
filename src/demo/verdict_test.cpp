#include "demo/verdict.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "demo/site_view.h"

namespace creel::demo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kBase = "http://127.0.0.1:1";

/// Two pictures, one of which must fail, and what became of them: at first what must.
class VerdictTest : public ::testing::Test {
 protected:
  SeenImage image(std::size_t number, std::string state, std::string kind = "") const {
    return {.source = "Feed",
            .url = kBase + std::string("/pictures/") + site_.pictures.at(number).file_name(),
            .state = std::move(state),
            .failure_kind = std::move(kind),
            .failure_message = "for a reason",
            .key = number == 0 ? "Feed/one.png" : ""};
  }

  Verdict judged() const {
    const OpenSite open{.site = &site_, .base = kBase};
    return judge({&open, 1}, images_, [this](const std::string& key) -> std::optional<std::string> {
      const auto found = objects_.find(key);
      return found == objects_.end() ? std::nullopt : std::optional(found->second);
    });
  }

  Site site_{.kind = SiteKind::feed,
             .source = "Feed",
             .tag = "",
             .albums = {},
             .pictures = {{.id = "one", .sample = {"s/one.png", "bytes"}, .title = "One"},
                          {.id = "two", .sample = {"s/two.png", "other"}, .title = "Two", .manners = Manners::gone}}};
  std::vector<SeenImage> images_{image(0, "stored"), image(1, "failed", "not_found")};
  std::map<std::string, std::string> objects_{{"Feed/one.png", "bytes"}};
};

TEST_F(VerdictTest, IsRightIfEachPictureHasTheFateItMustHave) {
  const auto verdict = judged();
  EXPECT_TRUE(verdict.is_right());
  ASSERT_THAT(verdict.sources, SizeIs(1));
  EXPECT_EQ(verdict.sources[0].found, 2U);
  EXPECT_EQ(verdict.sources[0].stored, 1U);
  EXPECT_EQ(verdict.sources[0].failed, 1U);
  ASSERT_THAT(verdict.failures, SizeIs(1));
  EXPECT_EQ(verdict.failures[0].title, "Two");
  EXPECT_EQ(verdict.failures[0].kind, "not_found");
  EXPECT_EQ(verdict.failures[0].message, "for a reason");
  EXPECT_TRUE(verdict.failures[0].is_expected);
}

TEST_F(VerdictTest, IsWrongIfTheBytesAreNotTheSamples) {
  objects_["Feed/one.png"] = "byte";
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("Feed/one.png is not the same as the sample s/one.png")));
  objects_.clear();
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("is not there")));
}

TEST_F(VerdictTest, IsWrongIfASoundPictureFails) {
  images_[0] = image(0, "failed", "timeout");
  const auto verdict = judged();
  EXPECT_THAT(verdict.problems, ElementsAre(HasSubstr("should be stored, but failed as timeout: for a reason")));
  ASSERT_THAT(verdict.failures, SizeIs(2));
  EXPECT_FALSE(verdict.failures[0].is_expected);
}

TEST_F(VerdictTest, IsWrongIfABrokenPictureIsStoredOrFailsOtherwise) {
  images_[1] = image(1, "stored");
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("should fail as not_found, but is stored")));
  images_[1] = image(1, "failed", "forbidden");
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("should fail as not_found, but failed as forbidden")));
}

TEST_F(VerdictTest, IsWrongIfAPictureIsMissingTwiceThereOrStillWaits) {
  auto images = images_;
  images_.pop_back();
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("two.png: should fail as not_found, but was not found")));
  images_ = images;
  images_.push_back(images_[1]);
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("is there 2 times")));
  images_ = images;
  images_[0].state = "pending";
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("should be stored, but is pending")));
}

TEST_F(VerdictTest, IsWrongIfAnImageIsOfNoPictureOrOfAnotherSource) {
  images_[0].source = "Other";
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("should come from 'Feed', but is of 'Other'")));
  images_[0].source = "Feed";
  images_.push_back({.source = "Feed", .url = "http://127.0.0.1:1/else.png", .state = "stored"});
  EXPECT_THAT(judged().problems, ElementsAre(HasSubstr("is no picture of the demonstration")));
}

}  // namespace
}  // namespace creel::demo
