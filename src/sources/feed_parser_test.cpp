#include "sources/feed_parser.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/chrono.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "sources/fake_poll_run.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using testing::file_text;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::filesystem::path kFeeds = std::filesystem::path(CREEL_TEST_DATA) / "feeds";
const std::string kUrl = "https://feeds.example/dir/feed";

FeedParser parser_of(std::string body, std::string content_type = "", FeedOptions options = {}) {
  return {{.body = std::move(body), .content_type = std::move(content_type), .url = kUrl}, options};
}

std::vector<ImageRecord> records_in(std::string body, FeedOptions options = {}) {
  return parser_of(std::move(body), "", options).next(100'000);
}

std::vector<std::string> urls_in(std::string body, FeedOptions options = {}) {
  std::vector<std::string> urls;
  for (const auto& record : records_in(std::move(body), options)) urls.push_back(record.image_url);
  return urls;
}

std::string failure_in(std::string body) {
  try {
    records_in(std::move(body));
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    return failure.what();
  }
  return "none";
}

/// An RSS feed of one item.
std::string rss(const std::string& item, const std::string& channel = "") {
  return "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><link>https://site.example/</link>" +
         channel + "<item><guid>1</guid>" + item + "</item></channel></rss>";
}

void print(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  if (value) out += fmt::format("  {}: {}\n", name, *value);
}

std::string text_of(const ImageRecord& record) {
  auto out = fmt::format("{}\n  id: {}\n", record.image_url, record.image_id);
  print(out, "title", record.title);
  print(out, "description", record.description);
  print(out, "by", record.attribution_name);
  print(out, "by url", record.attribution_url);
  print(out, "page", record.page_url);
  print(out, "type", record.type);
  if (record.width) out += fmt::format("  width: {}\n", *record.width);
  if (record.height) out += fmt::format("  height: {}\n", *record.height);
  if (record.nsfw) out += fmt::format("  nsfw: {}\n", *record.nsfw);
  if (record.published_at) {
    out +=
        fmt::format("  published: {:%FT%T}\n", fmt::gmtime(std::chrono::system_clock::to_time_t(*record.published_at)));
  }
  for (const auto& [name, value] : record.meta) out += fmt::format("  meta {}: {}\n", name, value);
  return out;
}

/// What is found in a file, as the file beside it with the ending ".expected" has it.
class GoldenFeedTest : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenFeedTest, YieldsWhatItShould) {
  const auto path = kFeeds / GetParam();
  auto parser = parser_of(file_text(path));
  std::string found;
  for (const auto& record : parser.next(1000)) found += text_of(record);
  found += fmt::format("items: {}, malformed: {}\n", parser.items(), parser.broken_items());
  const auto expected = path.string() + ".expected";
  // Set this to write them anew, and read what changed before it is committed.
  if (std::getenv("CREEL_WRITE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << found;
  EXPECT_EQ(found, file_text(expected));
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenFeedTest,
                         ::testing::Values("rss2.xml", "media.xml", "atom.xml", "rdf.xml", "podcast.xml", "rss091.xml",
                                           "json_feed.json", "broken.xml"),
                         [](const auto& info) {
                           std::string name(info.param);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(FeedParser, ResolvesAgainstTheNearestBase) {
  const auto item = "<link>/post/</link><description>&lt;img src='a.png'&gt;</description>";
  EXPECT_THAT(urls_in(rss(item)), ElementsAre("https://site.example/post/a.png"));
  EXPECT_THAT(urls_in("<rss><channel><item><description>&lt;img src='a.png'&gt;</description></item></channel></rss>"),
              ElementsAre("https://feeds.example/dir/a.png"));
  EXPECT_THAT(urls_in(rss("<description>&lt;img src='a.png'&gt;</description>")),
              ElementsAre("https://site.example/a.png"));
  EXPECT_THAT(urls_in(rss("<link>/post/</link><description xml:base='https://b.example/x/'>&lt;img src='a.png'&gt;"
                          "</description>")),
              ElementsAre("https://b.example/x/a.png"));
  EXPECT_THAT(urls_in("<rss xml:base='https://b.example/y/'><channel><item><link>/p/</link><description>&lt;img "
                      "src='a.png'&gt;</description></item></channel></rss>"),
              ElementsAre("https://b.example/y/a.png"));
}

TEST(FeedParser, KeepsIdsWhereTheOrderChanges) {
  const auto item = [](const std::string& n) {
    return "<item><guid>" + n + "</guid><enclosure type='image/png' url='https://i.example/" + n + "a.png'/></item>";
  };
  const auto one = records_in("<rss><channel>" + item("1") + item("2") + "</channel></rss>");
  const auto two = records_in("<rss><channel>" + item("3") + item("2") + item("1") + "</channel></rss>");
  ASSERT_THAT(one, SizeIs(2));
  ASSERT_THAT(two, SizeIs(3));
  EXPECT_EQ(one[0].image_id, two[2].image_id);
  EXPECT_EQ(one[1].image_id, two[1].image_id);
  EXPECT_NE(two[0].image_id, two[1].image_id);
}

TEST(FeedParser, TellsImagesApartWhereAllItemsHaveOneId) {
  const auto records = records_in(
      "<rss><channel><item><guid>x</guid><enclosure type='image/png' url='https://i.example/1'/></item>"
      "<item><guid>x</guid><enclosure type='image/png' url='https://i.example/2'/></item></channel></rss>");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_NE(records[0].image_id, records[1].image_id);
}

TEST(FeedParser, MakesShortIdsOfLongOnes) {
  const auto records = records_in(rss("<link>https://site.example/" + std::string(5000, 'x') +
                                      "</link><enclosure type='image/png' url='https://i.example/1'/>"));
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_LT(records[0].image_id.size(), 150U);
}

TEST(FeedParser, KnowsPrefixesThatAreNotDeclared) {
  EXPECT_THAT(urls_in("<rss><channel><item><media:content url='https://i.example/1' medium='image'/>"
                      "<content:encoded>&lt;img src=https://i.example/2&gt;</content:encoded></item></channel></rss>"),
              ElementsAre("https://i.example/1", "https://i.example/2"));
}

TEST(FeedParser, GoesByDeclarationsAndNotByPrefixes) {
  EXPECT_THAT(urls_in("<rss xmlns:m='https://search.yahoo.com/mrss/' xmlns:media='urn:other'><channel><item>"
                      "<m:content url='https://i.example/1' medium='image'/></item></channel></rss>"),
              ElementsAre("https://i.example/1"));
  EXPECT_THAT(urls_in(rss("<m:content xmlns:m='http://search.yahoo.com/mrss/' url='https://i.example/1'/>")),
              ElementsAre("https://i.example/1"));
  EXPECT_THAT(urls_in("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:id>1</a:id><a:link rel='enclosure' "
                      "type='image/png' href='https://i.example/1'/></a:entry></a:feed>"),
              ElementsAre("https://i.example/1"));
}

TEST(FeedParser, TakesAMissingSideForAsLongAsTheOther) {
  EXPECT_THAT(urls_in(rss("<media:group><media:content url='https://i.example/small' width='100' height='100'/>"
                          "<media:content url='https://i.example/large' width='800'/>"
                          "<media:content url='https://i.example/tall' height='600'/></media:group>")),
              ElementsAre("https://i.example/large"));
  EXPECT_THAT(urls_in(rss("<media:thumbnail url='https://i.example/s' width='100' height='90'/>"
                          "<media:thumbnail url='https://i.example/l' height='300'/>")),
              ElementsAre("https://i.example/l"));
}

TEST(FeedParser, TakesMarkupThatShouldHaveBeenEscaped) {
  EXPECT_THAT(urls_in(rss("<description><p>text <img src='https://i.example/1.png'/></p></description>")),
              ElementsAre("https://i.example/1.png"));
}

TEST(FeedParser, TakesTextInPieces) {
  EXPECT_THAT(urls_in(rss("<description><![CDATA[<img src=]]>https://i.example/1<![CDATA[.png>]]></description>")),
              ElementsAre("https://i.example/1.png"));
}

TEST(FeedParser, FindsImagesBehindReferencesToNoCharacter) {
  const auto image = std::string("&lt;img src='https://i.example/1.png'&gt;");
  for (const auto* reference : {"&#0;", "&#x0;", "&#4294967296;", "&#xD800;", "&amp;#0;"}) {
    EXPECT_THAT(urls_in(rss("<description>x " + std::string(reference) + image + "</description>")),
                ElementsAre("https://i.example/1.png"))
        << reference;
  }
  EXPECT_THAT(urls_in(rss("<description><p>&#0;</p><img src='https://i.example/1.png' alt='&#0;'/></description>")),
              ElementsAre("https://i.example/1.png"))
      << "markup that should have been escaped";
  EXPECT_THAT(urls_in(rss("<description><![CDATA[&#0; ' <img src=/1.png>]]></description><enclosure "
                          "type='image/png' url='/2.png?a=&#0;'/>")),
              ElementsAre("https://site.example/2.png?a=%EF%BF%BD", "https://site.example/1.png"));
  EXPECT_THAT(urls_in(rss("<description>x " + std::string(1, '\0') + image + "</description>")),
              ElementsAre("https://i.example/1.png"))
      << "a NUL as it is";
}

TEST(FeedParser, ReadsReferencesAsBrowsersDo) {
  const auto title = [](const std::string& text) {
    const auto records = records_in(rss("<title>" + text + "</title><enclosure type='image/png' url='/1'/>"));
    return records.size() == 1 ? records[0].title : std::nullopt;
  };
  EXPECT_EQ(title("[&#0;] [&#xD800;] [&#99999999;]"), "[\uFFFD] [\uFFFD] [\uFFFD]");
  EXPECT_EQ(title("&#xD83D;&#xDE00; 1990&#150;2000"), "\U0001F600 1990\u20132000");
  EXPECT_EQ(title("<![CDATA[[&#0;] 1990&#150;2000]]>"), "[\uFFFD] 1990\u20132000");
  EXPECT_EQ(parser_of(rss("", "<title>a &#0; b</title><ttl>5</ttl>")).head().facts.title, "a \uFFFD b");
}

TEST(FeedParser, GoesByTheEndingOfAUrlWhereTheTypeSaysNothing) {
  for (const auto* type :
       {"", "jpg", "application/octet-stream", "binary/octet-stream", "Application/Octet-Stream; charset=binary"}) {
    const auto enclosure = [&](const std::string& url) {
      return fmt::format("<enclosure url='{}' type='{}'/>", url, type);
    };
    EXPECT_THAT(urls_in(rss(enclosure("/oct.jpg?x=1") + enclosure("/oct.mp3") + enclosure("/oct"))),
                ElementsAre("https://site.example/oct.jpg?x=1"))
        << type;
    EXPECT_THAT(urls_in(fmt::format("<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><link rel='enclosure' "
                                    "type='{0}' href='/oct.jpg'/><link rel='enclosure' type='{0}' href='/oct.mp3'/>"
                                    "</entry></feed>",
                                    type)),
                ElementsAre("https://feeds.example/oct.jpg"))
        << type;
    EXPECT_THAT(urls_in(rss(fmt::format("<media:content url='/oct.jpg' type='{0}'/><media:content url='/oct.mp4' "
                                        "type='{0}'/><media:content url='/oct' type='{0}' medium='image'/>"
                                        "<media:content url='/video.jpg' type='{0}' medium='video'/>",
                                        type))),
                ElementsAre("https://site.example/oct.jpg", "https://site.example/oct"))
        << type;
    const auto records = records_in(fmt::format(
        R"({{"version":"https://jsonfeed.org/version/1","items":[{{"id":"1","attachments":[
            {{"url":"/oct.jpg","mime_type":"{0}"}},{{"url":"/oct.mp3","mime_type":"{0}"}}]}}]}})",
        type));
    ASSERT_THAT(records, SizeIs(1)) << type;
    EXPECT_EQ(records[0].image_url, "https://feeds.example/oct.jpg") << type;
    EXPECT_EQ(records[0].type, std::nullopt) << type;
  }
  EXPECT_THAT(urls_in(rss("<media:content url='/oct' type='application/octet-stream'/>")), IsEmpty());
  EXPECT_THAT(urls_in(rss("<enclosure url='/a.jpg' type='audio/mpeg'/>"
                          "<media:content url='/b.jpg' type='video/mp4' medium='image'/>")),
              IsEmpty())
      << "a type that says something is believed";
}

TEST(FeedParser, LeavesOutWhatIsNotWanted) {
  const auto item =
      "<media:thumbnail url='https://i.example/t'/><description>&lt;img src='a.png' width=20&gt;"
      "</description>";
  EXPECT_THAT(urls_in(rss(item)), ElementsAre("https://site.example/a.png"));
  EXPECT_THAT(urls_in(rss(item), {.has_html_images = false}), ElementsAre("https://i.example/t"));
  EXPECT_THAT(urls_in(rss(item), {.has_html_images = false, .has_thumbnails = false}), IsEmpty());
  EXPECT_THAT(urls_in(rss(item), {.has_thumbnails = false, .html = {.min_pixels = 32}}), IsEmpty());
}

TEST(FeedParser, ReadsTheSchedule) {
  const auto head = [](const std::string& channel) { return parser_of(rss("", channel)).head().schedule; };
  EXPECT_EQ(head("<ttl> 90 </ttl>").period, std::chrono::minutes(90));
  EXPECT_EQ(head("<ttl>soon</ttl>").period, std::nullopt);
  EXPECT_EQ(head("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>").period,
            std::chrono::minutes(15));
  EXPECT_EQ(head("<sy:updatePeriod>daily</sy:updatePeriod><ttl>5</ttl>").period, std::chrono::minutes(5));
  const auto skips = head(
      "<skipHours><hour>0</hour><hour>24</hour><hour>7</hour></skipHours>"
      "<skipDays><day>Sunday</day><day>Doomsday</day></skipDays>");
  EXPECT_EQ(skips.skipped_hours.to_ulong(), 0b10000001U);
  EXPECT_EQ(skips.skipped_days.to_ulong(), 1U);
  EXPECT_TRUE(parser_of(R"({"version":"https://jsonfeed.org/version/1","items":[],"expired":true})")
                  .head()
                  .schedule.is_expired);
}

TEST(FeedParser, ReadsUtf16AndWrongDeclarations) {
  std::string wide = "\xFF\xFE";
  for (const char c : rss("<enclosure type='image/png' url='https://i.example/1'/>")) {
    wide += c;
    wide += '\0';
  }
  EXPECT_THAT(urls_in(wide), ElementsAre("https://i.example/1"));
  const auto records = records_in("<?xml version='1.0' encoding='iso-8859-1'?>" +
                                  rss("<title>Z\u00fcrich</title><enclosure type='image/png' url='/1'/>"));
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].title, "Z\u00fcrich");
}

TEST(FeedParser, StartsBehindWhateverStandsInFront) {
  EXPECT_THAT(urls_in("\n\n Warning: something in line 3\n<?xml version='1.0'?>" +
                      rss("<enclosure type='image/png' url='/1'/>")),
              ElementsAre("https://site.example/1"));
}

TEST(FeedParser, NamesTheFeedOfAWebPage) {
  EXPECT_THAT(failure_in("<!DOCTYPE html><html><head><link rel='stylesheet' href='x'>"
                         "<LINK REL='home ALTERNATE' type='application/rss+xml' href='/feed.xml?a=1&amp;b=2'></head>"),
              HasSubstr("https://feeds.example/feed.xml?a=1&b=2"));
  EXPECT_THAT(failure_in("<html><body>No</body></html>"), HasSubstr("names none"));
}

TEST(FeedParser, SaysWhatIsNoFeed) {
  EXPECT_THAT(failure_in(""), HasSubstr("empty"));
  EXPECT_THAT(failure_in(" \n "), HasSubstr("empty"));
  EXPECT_THAT(failure_in("hello"), HasSubstr("no feed"));
  EXPECT_THAT(failure_in("<?xml version='1.0'?><opml/>"), HasSubstr("neither RSS nor Atom"));
  EXPECT_THAT(failure_in(R"({"items":[]})"), HasSubstr("type 'json'"));
  EXPECT_THAT(failure_in("[1,2]"), HasSubstr("type 'json'"));
  EXPECT_THAT(failure_in("{\"items\":"), HasSubstr("begins like JSON"));
}

TEST(FeedParser, AnEmptyFeedIsAFeed) {
  for (const auto* body : {"<rss/>", "<rss><channel/></rss>", "<feed xmlns='http://www.w3.org/2005/Atom'/>", "<rss",
                           R"({"version":"https://jsonfeed.org/version/1.1","items":[]})"}) {
    EXPECT_THAT(urls_in(body), IsEmpty()) << body;
  }
}

TEST(FeedParser, GivesRecordsAsTheyAreAskedFor) {
  std::string items;
  for (int i = 0; i < 1000; ++i) {
    items += fmt::format("<item><guid>{0}</guid><enclosure type='image/png' url='/{0}.png'/></item>", i);
  }
  auto parser = parser_of("<rss><channel>" + items + "</channel></rss>");
  EXPECT_THAT(parser.next(300), SizeIs(300));
  EXPECT_EQ(parser.items(), 300U);
  EXPECT_THAT(parser.next(900), SizeIs(700));
  EXPECT_THAT(parser.next(900), IsEmpty());
}

TEST(FeedParser, BearsDeepNestingAndEndlessAttributes) {
  const auto repeat = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  const auto good = "<enclosure type='image/png' url='https://i.example/1'/>";
  EXPECT_THAT(urls_in(rss(good + repeat("<a>", 100'000))), IsEmpty());
  EXPECT_THAT(urls_in(rss(good + repeat("<a>", 100'000) + repeat("</a>", 100'000))), SizeIs(1));
  EXPECT_THAT(urls_in(rss(good + repeat("<a>", 400'000) + repeat("</a>", 400'000))), IsEmpty()) << "too much";
  EXPECT_THAT(urls_in(rss("<description>" + repeat("&lt;div&gt;", 200'000) + "&lt;img src=/x&gt;</description>")),
              SizeIs(1));
  EXPECT_THAT(urls_in(rss("<x " + repeat("a='1' ", 200'000) + "/>" + good)), SizeIs(1));
  EXPECT_THAT(urls_in("<rss><channel>" + repeat("<![CDATA[", 1'000'000)), IsEmpty());
  EXPECT_THAT(urls_in("<rss><channel>" + repeat("<!--", 1'000'000)), IsEmpty());
  EXPECT_THAT(urls_in("<rss><channel>" + repeat("<item>", 100'000)), IsEmpty());
  EXPECT_THAT(failure_in(repeat("{\"a\":", 100'000)), HasSubstr("JSON"));
}

TEST(FeedParser, TakesNoMoreOfAnItemThanAThousandImages) {
  std::string html;
  for (int i = 0; i < 5000; ++i) html += fmt::format("&lt;img src=/{}.png&gt;", i);
  EXPECT_THAT(urls_in(rss("<description>" + html + "</description>")), SizeIs(1000));
}

/// Good files with bytes changed, dropped, doubled and cut off: whatever comes of it, it comes to an end.
TEST(FeedParser, SurvivesDamage) {
  std::uint32_t state = 12345;
  const auto random = [&state](std::size_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<std::size_t>(state >> 8) % below;
  };
  constexpr std::string_view kUgly = "<>&\"'=/![]-?;:{}\\\0\xff\xc3 \nx";
  for (const auto& entry : std::filesystem::directory_iterator(kFeeds)) {
    if (entry.path().extension() == ".expected") continue;
    const auto good = file_text(entry.path());
    for (int round = 0; round < 400; ++round) {
      auto body = good;
      for (std::size_t change = 0; change <= random(8); ++change) {
        const auto at = random(body.size());
        switch (random(4)) {
          case 0: body[at] = kUgly[random(kUgly.size())]; break;
          case 1: body.erase(at, random(40)); break;
          case 2: body.insert(at, body.substr(random(body.size()), random(60))); break;
          default: body.insert(at, 1, kUgly[random(kUgly.size())]);
        }
      }
      if (random(5) == 0) body.resize(random(body.size()));
      try {
        for (const auto& record : records_in(body)) {
          ASSERT_TRUE(record.image_url.starts_with("http")) << record.image_url;
          ASSERT_FALSE(record.image_id.empty());
        }
      } catch (const Failure&) {
        continue;
      }
    }
  }
}

}  // namespace
}  // namespace creel
