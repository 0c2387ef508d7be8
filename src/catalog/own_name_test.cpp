#include "catalog/own_name.h"

#include <gmock/gmock.h>

namespace creel {
namespace {

using testing::MatchesRegex;

constexpr SourceId kSource{7};

TEST(OwnName, PutsTheMarkBeforeTheExtension) {
  EXPECT_THAT(own_name("cat.jpg", kSource, "a"), MatchesRegex("cat-[0-9a-f]{12}\\.jpg"));
  EXPECT_THAT(own_name("cat", kSource, "a"), MatchesRegex("cat-[0-9a-f]{12}"));
  EXPECT_THAT(own_name("v1.5", kSource, "a"), MatchesRegex("v1\\.5-[0-9a-f]{12}"));
  EXPECT_THAT(own_name(".jpg", kSource, "a"), MatchesRegex("\\.jpg-[0-9a-f]{12}"));
  EXPECT_THAT(own_name("", kSource, "a"), MatchesRegex("-[0-9a-f]{12}"));
}

TEST(DefaultName, IsTheIdWithTheExtensionOfTheUrl) {
  EXPECT_EQ(default_name("a1b", "https://i.example/x/a1b.png"), "a1b.png");
  EXPECT_EQ(default_name("17", "https://i.example/x/Reef.JPEG?size=large.gif#top.bmp"), "17.jpeg");
  EXPECT_EQ(default_name("17", "https://i.example/x.png/"), "17");
  EXPECT_EQ(default_name("17", "https://i.example/show.php"), "17");
  EXPECT_EQ(default_name("17", "https://i.example/.png"), "17");
  EXPECT_EQ(default_name("reef.webp", "https://i.example/1.png"), "reef.webp");
  EXPECT_EQ(default_name("v1.5", "https://i.example/1.png"), "v1.5.png");
}

TEST(OwnName, DiffersForEachImage) {
  const auto name = own_name("cat.jpg", kSource, "a");
  EXPECT_EQ(own_name("cat.jpg", kSource, "a"), name);
  EXPECT_NE(own_name("cat.jpg", kSource, "b"), name);
  EXPECT_NE(own_name("cat.jpg", SourceId{8}, "a"), name);
}

TEST(OwnName, LeavesANameThatIsOneAlready) {
  const auto name = own_name("cat.jpg", kSource, "a");
  EXPECT_EQ(own_name(name, kSource, "a"), name);
  EXPECT_NE(own_name(name, kSource, "b"), name);
}

}  // namespace
}  // namespace creel
