#include <filesystem>

#include <gtest/gtest.h>

#include "image/image_probe.h"
#include "image/test_files.h"

namespace creel {
namespace {

using image_test::view_of;

struct TypeCase {
  ImageType type;
  std::string_view content_type;
  std::string_view extension;
};

constexpr TypeCase kTypes[] = {
    {ImageType::jpeg, "image/jpeg", "jpg"},   {ImageType::png, "image/png", "png"},
    {ImageType::gif, "image/gif", "gif"},     {ImageType::webp, "image/webp", "webp"},
    {ImageType::avif, "image/avif", "avif"},  {ImageType::heic, "image/heic", "heic"},
    {ImageType::bmp, "image/bmp", "bmp"},     {ImageType::tiff, "image/tiff", "tif"},
    {ImageType::svg, "image/svg+xml", "svg"}, {ImageType::ico, "image/vnd.microsoft.icon", "ico"},
    {ImageType::jxl, "image/jxl", "jxl"},
};

std::optional<ImageType> sniff(std::string_view bytes) {
  return sniff_image(view_of(bytes));
}

TEST(ImageType, HasItsContentTypeAndUsualExtension) {
  for (const auto& expected : kTypes) {
    EXPECT_EQ(content_type(expected.type), expected.content_type);
    EXPECT_EQ(extension(expected.type), expected.extension);
  }
}

TEST(ImageType, KnowsItsOwnExtensionAndNoOtherTypes) {
  for (const auto& one : kTypes) {
    for (const auto& other : kTypes) {
      EXPECT_EQ(is_extension_of(one.extension, other.type), one.type == other.type)
          << one.extension << " for " << other.content_type;
    }
  }
}

TEST(ImageType, KnowsExtensionsInAnyCaseAndUnderOtherNames) {
  for (const auto* name : {"jpg", "JPG", "Jpeg", "jpe", "jfif", "pjpeg"}) {
    EXPECT_TRUE(is_extension_of(name, ImageType::jpeg)) << name;
  }
  EXPECT_TRUE(is_extension_of("TIFF", ImageType::tiff));
  EXPECT_TRUE(is_extension_of("apng", ImageType::png));
  EXPECT_TRUE(is_extension_of("heif", ImageType::heic));
  EXPECT_TRUE(is_extension_of("dib", ImageType::bmp));
}

TEST(ImageType, RefusesEmptyDottedAndLongerExtensions) {
  EXPECT_FALSE(is_extension_of("", ImageType::gif));
  EXPECT_FALSE(is_extension_of(".gif", ImageType::gif));
  EXPECT_FALSE(is_extension_of("gifv", ImageType::gif));
  EXPECT_FALSE(is_extension_of("pn", ImageType::png));
}

TEST(ImageSniffer, RefusesWhatIsNotAnImage) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(image_test::test_data() / "not_an_image")) {
    const auto bytes = image_test::read_file(entry.path());
    EXPECT_EQ(sniff(bytes), std::nullopt) << entry.path();
    EXPECT_FALSE(probe_image(view_of(bytes)).has_value()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 16);
}

TEST(ImageSniffer, FindsTheTypeAmongTheCompatibleBrandsOfAGeneralFile) {
  EXPECT_EQ(sniff(std::string_view("\0\0\0\x18"
                                   "ftypmif1\0\0\0\0mif1heic",
                                   24)),
            ImageType::heic);
  EXPECT_EQ(sniff(std::string_view("\0\0\0\x1C"
                                   "ftypmif1\0\0\0\0mif1miafavif",
                                   28)),
            ImageType::avif);
}

TEST(ImageSniffer, LooksForBrandsWithinTheFileTypeBoxOnly) {
  EXPECT_EQ(sniff(std::string_view("\0\0\0\x14"
                                   "ftypmif1\0\0\0\0mif1heic",
                                   24)),
            std::nullopt);
}

TEST(ImageSniffer, WantsABitmapToHaveAHeaderThatMakesSense) {
  auto bitmap = image_test::test_file("info.bmp");
  bitmap[26] = 2;  // planes
  EXPECT_EQ(sniff(bitmap), std::nullopt);
  bitmap[26] = 1;
  bitmap[14] = 41;  // length of the info header
  EXPECT_EQ(sniff(bitmap), std::nullopt);
}

TEST(ImageSniffer, WantsAnIconToHaveAnEntryThatMakesSense) {
  auto icon = image_test::test_file("sizes.ico");
  icon[18] = 6;  // the first picture would lie within the directory
  EXPECT_EQ(sniff(icon), std::nullopt);
}

}  // namespace
}  // namespace creel
