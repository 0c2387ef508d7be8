#include "demo/exhibition.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel::demo {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const EmbeddedFile kSamples[] = {{"shapes/dot.png", "dot"}, {"shapes/line.svg", "line"}};

std::string refusal(std::string_view json) {
  try {
    read_exhibition(json, kSamples);
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

std::string site_with(const std::string& pictures) {
  return R"({"sites": [{"kind": "imgur", "source": "S", "albums": [{"id": "a"}], "pictures": [)" + pictures + "]}]}";
}

TEST(Exhibition, ShowsEverySampleOnceAmongThePicturesThatMustBeStored) {
  std::map<std::string_view, int> shown;
  for (const auto& site : exhibition()) {
    for (const auto& picture : site.pictures) shown[picture.sample.name] += expected_failure(picture.manners) ? 0 : 1;
  }
  EXPECT_THAT(sample_files(), SizeIs(40));
  for (const auto& sample : sample_files()) EXPECT_EQ(shown[sample.name], 1) << sample.name;
}

TEST(Exhibition, HasASiteOfEachKindAndAPictureOfAllManners) {
  std::set<SiteKind> kinds;
  std::set<Manners> manners;
  for (const auto& site : exhibition()) {
    kinds.insert(site.kind);
    for (const auto& picture : site.pictures) manners.insert(picture.manners);
  }
  EXPECT_THAT(kinds, SizeIs(4));
  EXPECT_THAT(manners, SizeIs(9));
}

TEST(Exhibition, IsWholeAfterAMinuteAndNeitherEmptyNorWholeAtFirst) {
  for (const auto& site : exhibition()) {
    std::size_t first = 0;
    for (const auto& picture : site.pictures) {
      EXPECT_LT(picture.after, std::chrono::seconds(60)) << picture.id;
      if (picture.after.count() == 0) ++first;
    }
    EXPECT_GT(first, 2U) << site.source;
    EXPECT_LT(first, site.pictures.size()) << site.source;
  }
}

TEST(Exhibition, ReadsWhatAPictureHas) {
  const auto sites = read_exhibition(site_with(R"({"id": "p", "sample": "shapes/line.svg", "title": "A line",
    "description": "Straight.", "author": "Ann", "album": "a", "nsfw": true, "manners": "cut", "delay_ms": 250, "after": 7})"),
                                     kSamples);
  ASSERT_THAT(sites, SizeIs(1));
  const auto& picture = sites[0].pictures.at(0);
  EXPECT_EQ(picture.file_name(), "p.svg");
  EXPECT_EQ(picture.sample.bytes, "line");
  EXPECT_EQ(picture.title, "A line");
  EXPECT_EQ(picture.description, "Straight.");
  EXPECT_EQ(picture.author, "Ann");
  EXPECT_EQ(picture.album, "a");
  EXPECT_TRUE(picture.nsfw);
  EXPECT_EQ(picture.manners, Manners::cut);
  EXPECT_EQ(picture.delay, std::chrono::milliseconds(250));
  EXPECT_EQ(picture.after, std::chrono::seconds(7));
}

TEST(Exhibition, RefusesADescriptionThatIsWrongAndSaysWhere) {
  EXPECT_THAT(refusal(site_with("")), IsEmpty());
  EXPECT_THAT(refusal("{"), HasSubstr("incomplete"));
  EXPECT_THAT(refusal(site_with(R"({"id": "p", "sample": "shapes/none.png"})")),
              HasSubstr("no sample 'shapes/none.png'"));
  EXPECT_THAT(refusal(site_with(R"({"sample": "shapes/dot.png"})")), HasSubstr("the id ''"));
  EXPECT_THAT(refusal(site_with(R"({"id": "p", "sample": "shapes/dot.png"}, {"id": "p", "sample": "shapes/dot.png"})")),
              HasSubstr("the id 'p'"));
  EXPECT_THAT(refusal(site_with(R"({"id": "p", "sample": "shapes/dot.png", "album": "b"})")),
              HasSubstr("no album 'b'"));
  EXPECT_THAT(refusal(site_with(R"({"id": "p", "sample": "shapes/dot.png", "manners": "bad"})")),
              HasSubstr("'bad' is none of well, busy_once"));
  EXPECT_THAT(refusal(site_with(R"({"id": "p", "sample": "shapes/dot.png", "after": "soon"})")), HasSubstr("'after'"));
  EXPECT_THAT(refusal(R"({"sites": [{"kind": "gopher"}]})"), HasSubstr("'gopher' is none of imgur, feed, json, list"));
}

}  // namespace
}  // namespace creel::demo
