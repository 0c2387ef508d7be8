#include "functions/opt_out.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

std::string found_in(const std::vector<std::string>& values) {
  HttpHeaders headers{{"Content-Type", "image/png"}};
  for (const auto& value : values) headers.add("x-robots-tag", value);
  return opt_out_directive(headers).value_or("");
}

TEST(OptOut, KnowsEveryDirectiveThatAsksToLeaveTheImageAlone) {
  for (const std::string directive : {"noai", "noimageai", "noindex", "noimageindex", "none"}) {
    EXPECT_EQ(found_in({directive}), directive);
  }
  for (const auto* other : {"", "all", "nofollow", "noarchive", "nosnippet", "noindexing", "no index", "max-snippet:0",
                            "max-image-preview: none", "index"}) {
    EXPECT_EQ(found_in({other}), "") << other;
  }
  EXPECT_EQ(found_in({}), "");
}

TEST(OptOut, FindsItAmongOthersInAnyCaseAndSpacing) {
  EXPECT_EQ(found_in({"nofollow, NoAI"}), "noai");
  EXPECT_EQ(found_in({" noarchive ,\tNOINDEX , nosnippet"}), "noindex");
  EXPECT_EQ(found_in({"nofollow,,noimageai"}), "noimageai");
}

TEST(OptOut, LooksIntoEveryHeader) {
  EXPECT_EQ(found_in({"nofollow", "noarchive", "noimageindex"}), "noimageindex");
  EXPECT_EQ(found_in({"otherbot: noindex", "noai"}), "noai");
}

TEST(OptOut, ObeysWhatIsMeantForCreelOrEveryoneOnly) {
  EXPECT_EQ(found_in({"creel: noindex"}), "noindex");
  EXPECT_EQ(found_in({"Creel : nofollow, noai"}), "noai");
  EXPECT_EQ(found_in({"*: noai"}), "noai");
  EXPECT_EQ(found_in({"googlebot: noindex"}), "");
  EXPECT_EQ(found_in({"googlebot: nofollow, noindex"}), "") << "what follows a robot's name is for that robot";
  EXPECT_EQ(found_in({"creelbot: noindex"}), "");
  EXPECT_EQ(found_in({"googlebot: noindex, creel: noai"}), "noai");
  EXPECT_EQ(found_in({"creel: nofollow, googlebot: noindex"}), "");
}

TEST(OptOut, IsNotLedAstrayByDatesWithCommasAndColons) {
  EXPECT_EQ(found_in({"unavailable_after: 25 Jun 2010 15:00:00 PST"}), "");
  EXPECT_EQ(found_in({"unavailable_after: 2026-06-25T15:00:00Z, noindex"}), "noindex");
  EXPECT_EQ(found_in({"unavailable_after: Saturday, 25-Jun-26 15:00:00 GMT, noai"}), "noai");
  EXPECT_EQ(found_in({"googlebot: unavailable_after: Sat, 25 Jun 2026 15:00:00 GMT, noai"}), "");
  EXPECT_EQ(found_in({"unavailable_after: Saturday, 25-Jun-26 15:00:00 GMT, googlebot: noai"}), "");
}

}  // namespace
}  // namespace creel
