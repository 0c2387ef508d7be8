#include "image/isobmff.h"

#include <gtest/gtest.h>

#include "image/test_files.h"

namespace creel {
namespace {

using image_test::view_of;

std::string number(std::uint64_t value, int bytes) {
  std::string result;
  for (int i = bytes - 1; i >= 0; --i) result += static_cast<char>(value >> (8 * i));
  return result;
}

std::string box(std::string_view type, const std::string& payload) {
  return number(payload.size() + 8, 4).append(type).append(payload);
}

std::string full_box(std::string_view type, const std::string& payload) {
  return box(type, number(0, 4) + payload);
}

std::string ispe(std::uint32_t width, std::uint32_t height) {
  return full_box("ispe", number(width, 4) + number(height, 4));
}

std::string primary(int item) {
  return full_box("pitm", number(static_cast<std::uint64_t>(item), 2));
}

/// One item with its properties.
std::string association(int item, const std::string& properties) {
  return number(static_cast<std::uint64_t>(item), 2) + number(properties.size(), 1) + properties;
}

std::string associations(const std::string& items, int count) {
  return full_box("ipma", number(static_cast<std::uint64_t>(count), 4) + items);
}

std::string file(const std::string& before, const std::string& properties, const std::string& ipma) {
  return box("ftyp", "avif" + number(0, 4)) + full_box("meta", before + box("iprp", box("ipco", properties) + ipma));
}

Dimensions size_of(std::string_view bytes) {
  const auto body = view_of(bytes);
  ByteReader reader(body);
  return heif_dimensions(reader);
}

std::optional<Box> read_first_box(std::string_view bytes) {
  const auto body = view_of(bytes);
  ByteReader reader(body);
  return read_box(reader, 0, reader.size());
}

TEST(HeifDimensions, TakesThePrimaryItemsSizeThoughAnotherIsLarger) {
  const auto items = association(1, "\x81") + association(2, "\x82");
  EXPECT_EQ(size_of(file(primary(1), ispe(10, 20) + ispe(300, 400), associations(items, 2))), dimensions(10, 20));
  EXPECT_EQ(size_of(file(primary(2), ispe(10, 20) + ispe(300, 400), associations(items, 2))), dimensions(300, 400));
}

TEST(HeifDimensions, TakesTheLargestSizeWhereNoItemIsPrimary) {
  const auto properties = ispe(10, 20) + ispe(300, 400) + ispe(50, 60);
  EXPECT_EQ(size_of(file("", properties, associations(association(1, "\x01"), 1))), dimensions(300, 400));
  EXPECT_EQ(size_of(file(primary(7), properties, associations(association(1, "\x01"), 1))), dimensions(300, 400));
}

TEST(HeifDimensions, IgnoresPropertiesThatAreNotThere) {
  const std::string numbers("\0\x7F\x01", 3);
  EXPECT_EQ(size_of(file(primary(1), ispe(10, 20), associations(association(1, numbers), 1))), dimensions(10, 20));
}

TEST(HeifDimensions, TurnsWhatIsTurnedByAQuarterOnly) {
  const auto turned = [](char angle) {
    const auto properties = ispe(10, 20) + box("irot", std::string(1, angle));
    return size_of(file(primary(1), properties, associations(association(1, "\x01\x82"), 1)));
  };
  EXPECT_EQ(turned(0), dimensions(10, 20));
  EXPECT_EQ(turned(1), dimensions(20, 10));
  EXPECT_EQ(turned(2), dimensions(10, 20));
  EXPECT_EQ(turned(3), dimensions(20, 10));
}

TEST(HeifDimensions, CropsNeverToNothingNorToMoreThanThereIs) {
  const auto cropped = [](std::uint32_t width, std::uint32_t width_divisor) {
    const auto aperture = number(width, 4) + number(width_divisor, 4) + number(30, 4) + number(2, 4);
    const auto properties = ispe(10, 20) + box("clap", aperture + std::string(16, '\0'));
    return size_of(file(primary(1), properties, associations(association(1, "\x01\x82"), 1)));
  };
  EXPECT_EQ(cropped(18, 2), dimensions(9, 15));
  EXPECT_EQ(cropped(18, 0), dimensions(10, 15));
  EXPECT_EQ(cropped(11, 1), dimensions(10, 15));
  EXPECT_EQ(cropped(0, 1), dimensions(10, 15));
}

TEST(HeifDimensions, FindsTheMetadataBehindTheData) {
  const auto whole = file(primary(1), ispe(10, 20), associations(association(1, "\x01"), 1));
  const auto type_bytes = box("ftyp", "avif" + number(0, 4)).size();
  const auto moved = whole.substr(0, type_bytes) + box("mdat", std::string(70'000, 'x')) + whole.substr(type_bytes);
  EXPECT_EQ(size_of(moved), dimensions(10, 20));
}

TEST(HeifDimensions, SurvivesAnAssociationBoxThatPromisesTooMuch) {
  EXPECT_EQ(size_of(file(primary(9), ispe(10, 20), full_box("ipma", number(0xFFFFFFFF, 4)))), dimensions(10, 20));
  const std::string promise = number(9, 2) + "\xFF\x01";
  EXPECT_EQ(size_of(file(primary(9), ispe(10, 20), full_box("ipma", number(1, 4) + promise))), dimensions(10, 20));
}

TEST(BoxReader, ReadsShortLongAndOpenEndedBoxes) {
  const auto short_box = read_first_box(box("free", "abc"));
  ASSERT_TRUE(short_box);
  EXPECT_EQ(short_box->type, box_type("free"));
  EXPECT_EQ(short_box->begin, 8U);
  EXPECT_EQ(short_box->end, 11U);

  const auto long_box = read_first_box(number(1, 4) + "free" + number(19, 8) + "abc");
  ASSERT_TRUE(long_box);
  EXPECT_EQ(long_box->begin, 16U);
  EXPECT_EQ(long_box->end, 19U);

  const auto open_box = read_first_box(number(0, 4) + "mdat" + "abcd");
  ASSERT_TRUE(open_box);
  EXPECT_EQ(open_box->end, 12U);
}

TEST(BoxReader, RefusesBoxesThatAreTooShortOrReachTooFar) {
  EXPECT_FALSE(read_first_box(number(7, 4) + "free"));
  EXPECT_FALSE(read_first_box(number(9, 4) + "free"));
  EXPECT_FALSE(read_first_box(number(1, 4) + "free" + number(15, 8)));
  EXPECT_FALSE(read_first_box(number(1, 4) + "free" + number(UINT64_MAX, 8)));
  EXPECT_FALSE(read_first_box("\0\0"));
}

}  // namespace
}  // namespace creel
