#include "image/dimensions.h"

#include <gtest/gtest.h>

#include "image/test_files.h"

namespace creel {
namespace {

using image_test::test_file;
using image_test::view_of;

template <class Parser>
Dimensions parsed(Parser parser, std::string_view bytes) {
  const auto body = view_of(bytes);
  ByteReader reader(body);
  return parser(reader);
}

/// A frame header for 20 lines of 30 samples.
constexpr std::string_view kFrame("\xFF\xC0\0\x0B\x08\0\x14\0\x1E\x01\x01\x11\0", 13);
constexpr std::string_view kStart("\xFF\xD8", 2);

std::string jpeg(std::string_view before_frame) {
  return std::string(kStart).append(before_frame).append(kFrame);
}

TEST(JpegDimensions, SkipsFillBytesStrayBytesAndMarkersWithoutLength) {
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg("")), dimensions(30, 20));
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg("\xFF\xFF\xFF")), dimensions(30, 20));
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg("stray")), dimensions(30, 20));
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg("\xFF\x01\xFF\xD0")), dimensions(30, 20));
}

TEST(JpegDimensions, TakesNoTableForAFrameHeader) {
  for (const char marker : {'\xC4', '\xC8', '\xCC'}) {
    const std::string table{'\xFF', marker, '\0', '\x08', '\x08', '\0', '\x01', '\0', '\x01', '\x01'};
    EXPECT_EQ(parsed(jpeg_dimensions, jpeg(table)), dimensions(30, 20)) << static_cast<int>(marker);
  }
}

TEST(JpegDimensions, SkipsMegabytesOfMetadata) {
  const auto segment = std::string("\xFF\xE2\xFF\xFF", 4) + std::string(0xFFFD, '\xFF');
  std::string metadata;
  for (int i = 0; i < 40; ++i) metadata += segment;
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg(metadata)), dimensions(30, 20));
}

TEST(JpegDimensions, LeavesOutAHeightThatFollowsTheScan) {
  auto bytes = jpeg("");
  bytes[8] = 0;  // the low byte of the number of lines
  EXPECT_EQ(parsed(jpeg_dimensions, bytes), dimensions(30, std::nullopt));
}

TEST(JpegDimensions, GivesUpAtAScanOrAnImpossibleLength) {
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg(std::string_view("\xFF\xDA\0\x02", 4))), Dimensions());
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg("\xFF\xD9")), Dimensions());
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg(std::string_view("\xFF\xE1\0\x01", 4))), Dimensions());
}

TEST(JpegDimensions, GivesUpAfterThousandsOfEmptySegments) {
  std::string segments;
  for (int i = 0; i < 100'000; ++i) segments.append(std::string_view("\xFF\xFE\0\x02", 4));
  EXPECT_EQ(parsed(jpeg_dimensions, jpeg(segments)), Dimensions());
}

TEST(PngDimensions, TreatsAZeroAsNotKnown) {
  auto bytes = test_file("truecolour.png");
  bytes[19] = 0;
  EXPECT_EQ(parsed(png_dimensions, bytes), dimensions(std::nullopt, 23));
}

TEST(BmpDimensions, TakesTheMostNegativeHeightToo) {
  auto bytes = test_file("info.bmp");
  bytes.replace(22, 4, std::string_view("\0\0\0\x80", 4));
  EXPECT_EQ(parsed(bmp_dimensions, bytes), dimensions(13, 2147483648U));
}

TEST(WebpDimensions, WantsAKeyFrameWithItsStartCode) {
  auto bytes = test_file("lossy.webp");
  bytes[23] = 0;
  EXPECT_EQ(parsed(webp_dimensions, bytes), Dimensions());
  bytes = test_file("lossy.webp");
  bytes[20] = static_cast<char>(bytes[20] | 1);
  EXPECT_EQ(parsed(webp_dimensions, bytes), Dimensions());
}

TEST(WebpDimensions, LeavesTheScalingBitsOut) {
  auto bytes = test_file("lossy.webp");
  bytes[27] = static_cast<char>(bytes[27] | 0xC0);
  EXPECT_EQ(parsed(webp_dimensions, bytes), dimensions(61, 47));
}

TEST(TiffDimensions, FindsADirectoryAtTheEndOfALongBody) {
  auto bytes = std::string("MM\0*\0\x10\0\0", 8);  // the directory lies at 1 MiB
  bytes.resize(1 << 20, '\xFF');
  bytes.append(std::string_view("\0\x02", 2));
  bytes.append(std::string_view("\x01\0\0\x03\0\0\0\x01\x01\x02\0\0", 12));  // a short
  bytes.append(std::string_view("\x01\x01\0\x04\0\0\0\x01\0\x01\0\0", 12));  // a long
  EXPECT_EQ(parsed(tiff_dimensions, bytes), dimensions(0x0102, 0x10000));
}

TEST(TiffDimensions, SurvivesDirectoriesThatLieOutside) {
  for (const char byte : {'\x00', '\x7F', '\xFF'}) {
    auto bytes = test_file("little_endian.tiff");
    bytes.replace(4, 4, 4, byte);
    EXPECT_EQ(parsed(tiff_dimensions, bytes), Dimensions());
    bytes = test_file("big.tiff");
    bytes.replace(8, 8, 8, byte);
    EXPECT_EQ(parsed(tiff_dimensions, bytes), Dimensions());
  }
}

TEST(IcoDimensions, LooksAtNoMoreEntriesThanThereAre) {
  auto bytes = test_file("large.ico");
  bytes.replace(4, 2, 2, '\xFF');
  EXPECT_EQ(parsed(ico_dimensions, bytes), Dimensions());
}

TEST(JxlDimensions, ReadsSidesOfEveryLength) {
  // Not small, height by 9 bits: 299 + 1; ratio 7: twice as wide as high.
  EXPECT_EQ(parsed(jxl_dimensions, "\xFF\x0A\x58\x79"), dimensions(600, 300));
  // The largest there is: 30 bits a side.
  EXPECT_EQ(parsed(jxl_dimensions, "\xFF\x0A\xFE\xFF\xFF\xFF\xF1\xFF\xFF\xFF\x0F"), dimensions(1U << 30, 1U << 30));
}

TEST(JxlDimensions, KnowsEveryFixedShape) {
  constexpr std::uint32_t kWidths[] = {300, 360, 400, 450, 533, 375, 600};
  for (int ratio = 1; ratio <= 7; ++ratio) {
    const std::string bytes{'\xFF', '\x0A', '\x58', static_cast<char>(ratio << 4 | 0x09)};
    EXPECT_EQ(parsed(jxl_dimensions, bytes), dimensions(kWidths[ratio - 1], 300)) << ratio;
  }
}

TEST(JxlDimensions, HasNoSizeWhereTheHeaderIsCut) {
  EXPECT_EQ(parsed(jxl_dimensions, "\xFF\x0A\x58"), Dimensions());
  EXPECT_EQ(parsed(jxl_dimensions, "\xFF\x0A"), Dimensions());
}

}  // namespace
}  // namespace creel
