#include "sources/html_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/html_entities.h"
#include "sources/html_text.h"
#include "sources/srcset.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> found(std::string_view html) {
  std::vector<std::string> references;
  for (const auto& image : html_images(html, {})) references.push_back(image.reference);
  return references;
}

TEST(HtmlImages, AreFoundHoweverTheyAreWritten) {
  EXPECT_THAT(found("<IMG SRC=a.png><img src='b.png'/><img\nalt=x src = \"c.png\" ><xhtml:img src=d.png />"),
              ElementsAre("a.png", "b.png", "c.png", "d.png"));
  EXPECT_THAT(found("<img src=\"a.png?x=1&amp;y=2\"><img alt='a > b' src=b.png>"),
              ElementsAre("a.png?x=1&y=2", "b.png"));
  EXPECT_THAT(found("<amp-img src=a.png></amp-img><svg><image xlink:href=b.png /></svg>"),
              ElementsAre("a.png", "b.png"));
}

TEST(HtmlImages, AreNotInCommentsScriptsAndStyles) {
  EXPECT_THAT(found("<!-- <img src=a> --><script>'<img src=b>'</script><style><img src=c></style><img src=d>"),
              ElementsAre("d"));
  EXPECT_THAT(found("<!--><img src=a><script><img src=b>"), ElementsAre("a"));
}

TEST(HtmlImages, AreTakenInTheirLargestForm) {
  EXPECT_THAT(found("<img src=a srcset='b 1x, c 2x'>"), ElementsAre("c"));
  EXPECT_THAT(found("<img src=data:image/gif;base64,x data-src=a>"), ElementsAre("a"));
  EXPECT_THAT(found("<img data-orig-file=o srcset='b 2000w' src=a>"), ElementsAre("o"));
  EXPECT_THAT(found("<picture><source srcset='a 10w'><source srcset='b 900w'><img src=c></picture><img src=d>"),
              ElementsAre("b", "d"));
}

TEST(HtmlImages, GiveWayToTheLinkAroundThem) {
  EXPECT_THAT(found("<a href=full.jpg><img src=thumb.jpg></a><a href=page.html><img src=other.jpg></a>"),
              ElementsAre("full.jpg", "other.jpg"));
}

TEST(HtmlImages, EndWithTheText) {
  EXPECT_THAT(found("<img src=a"), ElementsAre("a"));
  for (const auto* html : {"<img src=", "<img", "<", "</", "<!", "<!--", "<img src='a", "<script", ""}) found(html);
  EXPECT_THAT(found("a < b and <3 & </"), IsEmpty());
}

TEST(LargestCandidate, FollowsTheStandard) {
  const auto largest = [](std::string_view srcset) {
    const auto candidate = largest_candidate(srcset);
    return candidate ? candidate->url : "";
  };
  EXPECT_EQ(largest("a,b"), "a,b") << "a comma in a URL";
  EXPECT_EQ(largest("a, b 2x"), "b");
  EXPECT_EQ(largest(" , a 100w 50h ,b 200w 100h,"), "b");
  EXPECT_EQ(largest("a 1.5x,b 2.5x , c 2x"), "b");
  EXPECT_EQ(largest("https://i.example/w_1,h_2/a.png 300w, https://i.example/w_3,h_4/a.png 600w"),
            "https://i.example/w_3,h_4/a.png");
  EXPECT_EQ(largest("a 1e99999w, b -5w"), "a");
  EXPECT_EQ(largest(" ,, "), "");
}

TEST(DecodeEntities, KnowsNamesAndNumbers) {
  EXPECT_EQ(decode_entities("&lt;&eacute;&#233;&#xE9;&#146;&euro;"), "<\u00e9\u00e9\u00e9\u2019\u20ac");
  EXPECT_EQ(decode_entities("a & b &nothing; &#; &#xZZ; &#0; &#xD800; &#x110000; &amp"),
            "a & b &nothing; &#; &#xZZ; \uFFFD \uFFFD \uFFFD &amp");
}

TEST(PlainText, IsWhatPeopleSee) {
  EXPECT_EQ(plain_text("<p>One</p><p>t<b>w</b>o&nbsp;&amp;\n three</p>", 100), "One two & three");
  EXPECT_EQ(plain_text("I <3 U", 100), "I <3 U");
  EXPECT_EQ(plain_text("\u00fc\u00fc\u00fc", 3), "\u00fc");
}

}  // namespace
}  // namespace creel
