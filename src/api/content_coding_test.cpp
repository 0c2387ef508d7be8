#include "api/content_coding.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace creel {
namespace {

TEST(ContentCoding, GivesGzipToThoseWhoTakeIt) {
  for (const auto* header :
       {"gzip", "GZIP", "x-gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.5", "*", "deflate, gzip ; q=0.001",
        "gzip;q=0.5, identity;q=0.5", "identity;q=0.2,gzip;q=1.000", "identity;q=0, *;q=0.1"}) {
    EXPECT_TRUE(prefers_gzip(header)) << header;
  }
}

TEST(ContentCoding, GivesPlainBytesToAllOthers) {
  for (const auto* header : {"", "identity", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "gzip;q=0.4, identity;q=0.5",
                             "gzip;q=2", "gzip;q=-1", "gzip;q=1.5", "gzip;q=0.1234", "gzip;q=x", "gzipped", ",,;"}) {
    EXPECT_FALSE(prefers_gzip(header)) << header;
  }
}

TEST(ContentCoding, GivesBackWhatItHasCompressed) {
  std::string large;
  for (int i = 0; i < 100'000; ++i) large += std::to_string(i * 7919 % 10007);
  for (const std::string& bytes : {std::string(), std::string("page"), std::string(3, '\0'), large}) {
    const auto compressed = gzip(bytes);
    EXPECT_EQ(gunzip(compressed), bytes);
    EXPECT_EQ(compressed, gzip(bytes));
  }
  EXPECT_LT(gzip(large).size(), large.size() / 2);
}

TEST(ContentCoding, RefusesWhatIsNotCompressedOrNotWhole) {
  EXPECT_THROW(gunzip("page"), std::logic_error);
  EXPECT_THROW(gunzip(""), std::logic_error);
  const auto compressed = gzip(std::string(200'000, 'x'));
  EXPECT_THROW(gunzip(std::string_view(compressed).substr(0, compressed.size() - 9)), std::logic_error);
}

}  // namespace
}  // namespace creel
