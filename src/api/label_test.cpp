#include "api/label.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

TEST(Label, WritesANameOut) {
  EXPECT_EQ(label_of("tag"), "Tag");
  EXPECT_EQ(label_of("max_pages"), "Max pages");
  EXPECT_EQ(label_of("flickr-feed"), "Flickr feed");
  EXPECT_EQ(label_of("api_url"), "API URL");
  EXPECT_EQ(label_of("client_id"), "Client ID");
  EXPECT_EQ(label_of("html_images"), "HTML images");
  EXPECT_EQ(label_of(""), "");
}

}  // namespace
}  // namespace creel
