#include "image/byte_reader.h"

#include <gtest/gtest.h>

#include "image/test_files.h"

namespace creel {
namespace {

using image_test::view_of;

constexpr std::string_view kBytes = "\x01\x02\x03\x04\x05\x06\x07\x08";

TEST(ByteReader, ReadsNumbersInBothByteOrders) {
  const auto body = view_of(kBytes);
  ByteReader reader(body);
  EXPECT_EQ(reader.u8(7), 0x08);
  EXPECT_EQ(reader.be16(0), 0x0102);
  EXPECT_EQ(reader.le16(0), 0x0201);
  EXPECT_EQ(reader.le24(1), 0x040302U);
  EXPECT_EQ(reader.be32(4), 0x05060708U);
  EXPECT_EQ(reader.le32(4), 0x08070605U);
  EXPECT_EQ(reader.number(0, 8, ByteOrder::big), 0x0102030405060708U);
  EXPECT_EQ(reader.number(0, 8, ByteOrder::little), 0x0807060504030201U);
}

TEST(ByteReader, HasNothingBeyondTheEnd) {
  const auto body = view_of(kBytes);
  ByteReader reader(body);
  EXPECT_EQ(reader.u8(8), std::nullopt);
  EXPECT_EQ(reader.be16(7), std::nullopt);
  EXPECT_EQ(reader.be32(UINT64_MAX), std::nullopt);
  EXPECT_FALSE(reader.matches(7, "\x08\x09"));
  EXPECT_FALSE(reader.matches(UINT64_MAX, "\x01"));
  EXPECT_EQ(reader.text(6, 10), "\x07\x08");
  EXPECT_EQ(reader.text(8, 10), "");
}

TEST(ByteReader, ReadsBackAndForthOverLongBodies) {
  std::string bytes(5000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  const auto body = view_of(bytes);
  ByteReader reader(body);
  for (const std::size_t offset : {4990U, 0U, 511U, 512U, 1023U, 3U, 4999U}) {
    EXPECT_EQ(reader.u8(offset), static_cast<std::uint8_t>(offset % 251)) << offset;
  }
  EXPECT_EQ(reader.be16(511), 511 % 251 << 8 | 512 % 251);
}

}  // namespace
}  // namespace creel
