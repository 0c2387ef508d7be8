#include "sources/record_intake.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

ImageRecord record(const std::string& url) {
  ImageRecord record;
  record.image_url = url;
  return record;
}

FailureKind refusal(const ImageRecord& record) {
  try {
    found_image(record, "source");
  } catch (const Failure& failure) {
    return failure.kind();
  }
  return FailureKind::internal;
}

TEST(RecordIntake, NeedsNothingButAUrl) {
  const auto image = found_image(record("HTTP://A.example:80/x y.png#f"), "My source");
  EXPECT_EQ(image.url, "http://a.example/x%20y.png");
  EXPECT_EQ(image.host, "a.example");
  EXPECT_EQ(image.image_id.size(), 32U);
  EXPECT_EQ(image.folder, "My source");
  EXPECT_EQ(image.file_name, image.image_id + ".png");
  EXPECT_EQ(image.fetch_headers, "");
  EXPECT_EQ(image.meta, "");
  EXPECT_EQ(image.title, std::nullopt);
}

TEST(RecordIntake, OneUrlIsOneImageHoweverItIsWritten) {
  EXPECT_EQ(found_image(record("http://a.example/a/../x.png"), "s").image_id,
            found_image(record(" HTTP://A.EXAMPLE/x.png "), "t").image_id);
  EXPECT_NE(found_image(record("http://a.example/x.png"), "s").image_id,
            found_image(record("http://a.example/y.png"), "s").image_id);
}

TEST(RecordIntake, TakesWhatTheSourceSays) {
  auto full = record("https://a.example/x.png");
  full.image_id = " abc ";
  full.title = " A\ntitle\r\n";
  full.description = "two\nlines";
  full.attribution_name = "";
  full.nsfw = false;
  full.width = 640;
  full.folder = "a/b";
  full.file_name = "x.png";
  full.fetch_headers = {{"Referer", "https://a.example/"}};
  full.meta = {{"tags", "sea,\nsky"}, {"empty", " "}};

  const auto image = found_image(full, "s");

  EXPECT_EQ(image.image_id, "abc");
  EXPECT_EQ(image.title, "A title");
  EXPECT_EQ(image.description, "two\nlines");
  EXPECT_EQ(image.attribution_name, std::nullopt);
  EXPECT_EQ(image.nsfw, false);
  EXPECT_EQ(image.width, 640U);
  EXPECT_EQ(image.folder, "s/a/b");
  EXPECT_EQ(image.file_name, "x.png");
  EXPECT_EQ(image.fetch_headers, R"({"Referer":"https://a.example/"})");
  EXPECT_EQ(image.meta, R"({"tags":"sea, sky"})");
}

TEST(RecordIntake, CutsTextsOnTheBoundaryOfCharacters) {
  auto long_texts = record("https://a.example/x.png");
  for (int i = 0; i < 5'000; ++i) long_texts.title = long_texts.title.value_or("") + "é";
  long_texts.image_id = std::string(5'000, 'i');
  const auto image = found_image(long_texts, "s");
  EXPECT_EQ(image.title.value().size(), 2'000U);
  EXPECT_EQ(image.image_id.size(), 32U);
}

TEST(RecordIntake, MendsTextThatIsNone) {
  auto broken = record("https://a.example/x.png");
  broken.title = std::string("a\0b\xff", 4);
  broken.description = std::string("c\0d", 3);
  const auto image = found_image(broken, "s");
  EXPECT_EQ(image.title, "a b\xef\xbf\xbd");
  EXPECT_EQ(image.description, "cd");
}

TEST(RecordIntake, RefusesWhatCannotBeFetchedOrStored) {
  EXPECT_EQ(refusal(record("")), FailureKind::bad_url);
  EXPECT_EQ(refusal(record("ftp://a.example/x.png")), FailureKind::bad_url);
  EXPECT_EQ(refusal(record("data:image/png;base64,AAAA")), FailureKind::bad_url);
  auto outside = record("https://a.example/x.png");
  outside.folder = "../x";
  EXPECT_EQ(refusal(outside), FailureKind::bad_request);
  auto smuggling = record("https://a.example/x.png");
  smuggling.fetch_headers = {{"X-A", "b\r\nHost: c"}};
  EXPECT_EQ(refusal(smuggling), FailureKind::bad_request);
}

}  // namespace
}  // namespace creel
