#include "image/svg.h"

#include <gtest/gtest.h>

#include "image/test_files.h"

namespace creel {
namespace {

using image_test::view_of;

bool sniffs_as_svg(std::string_view text) {
  const auto body = view_of(text);
  return is_svg(ByteReader(body));
}

Dimensions size_of(std::string_view text) {
  const auto body = view_of(text);
  return svg_dimensions(ByteReader(body));
}

TEST(Svg, IsKnownBehindEverythingThatMayPrecedeTheRoot) {
  EXPECT_TRUE(sniffs_as_svg("<svg/>"));
  EXPECT_TRUE(sniffs_as_svg("\xEF\xBB\xBF\r\n\t <svg >"));
  EXPECT_TRUE(sniffs_as_svg("<?xml version='1.0'?><?xml-stylesheet href='a.css'?><svg>"));
  EXPECT_TRUE(sniffs_as_svg("<!-- <html> > --><!-- - --><svg>"));
  EXPECT_TRUE(sniffs_as_svg("<!DOCTYPE svg><svg>"));
  EXPECT_TRUE(sniffs_as_svg("<!DOCTYPE svg PUBLIC 'a' 'b' [ <!ENTITY x '>'> <!ENTITY y 'z'> ] ><svg>"));
  EXPECT_TRUE(sniffs_as_svg("<!DOCTYPE svg:svg><svg:svg>"));
}

TEST(Svg, IsNotKnownByAnSvgThatIsNotTheRoot) {
  EXPECT_FALSE(sniffs_as_svg("<html><svg></svg></html>"));
  EXPECT_FALSE(sniffs_as_svg("<!DOCTYPE html><svg></svg>"));
  EXPECT_FALSE(sniffs_as_svg("<!-- <svg> --><div>"));
  EXPECT_FALSE(sniffs_as_svg("<?xml version='1.0'?><rss><svg/></rss>"));
  EXPECT_FALSE(sniffs_as_svg("<!DOCTYPE rss [ <!ENTITY a '<svg>'> ]><rss/>"));
  EXPECT_FALSE(sniffs_as_svg("text <svg>"));
  EXPECT_FALSE(sniffs_as_svg("&lt;svg>"));
}

TEST(Svg, WantsTheWholeNameOfTheRoot) {
  EXPECT_FALSE(sniffs_as_svg("<svg"));
  EXPECT_FALSE(sniffs_as_svg("<svgz>"));
  EXPECT_FALSE(sniffs_as_svg("<SVG>"));
  EXPECT_FALSE(sniffs_as_svg("</svg>"));
  EXPECT_FALSE(sniffs_as_svg("<svg:path>"));
}

TEST(Svg, IsLookedForInTheFirstFourKibibytes) {
  const auto behind_comment = [](std::size_t bytes) {
    return "<!--" + std::string(bytes - 7, ' ') + "--><svg width='5' height='6'/>";
  };
  EXPECT_TRUE(sniffs_as_svg(behind_comment(4000)));
  EXPECT_FALSE(sniffs_as_svg(behind_comment(4096)));
  // The size may stand beyond that.
  EXPECT_EQ(size_of(behind_comment(4090)), dimensions(5, 6));
}

TEST(Svg, TakesItsSizeFromWidthAndHeightInPixels) {
  EXPECT_EQ(size_of("<svg width='12' height='34'>"), dimensions(12, 34));
  EXPECT_EQ(size_of("<svg width='12PX' height=\" 34.4px \">"), dimensions(12, 34));
  EXPECT_EQ(size_of("<svg width='1.2e2' height='.5' viewBox='0 0 7 7'/>"), dimensions(120, 1));
}

TEST(Svg, TakesItsSizeFromTheViewBoxWhereWidthAndHeightAreRelative) {
  EXPECT_EQ(size_of("<svg width='100%' height='20em' viewBox='0 0 70 80'>"), dimensions(70, 80));
  EXPECT_EQ(size_of("<svg viewBox='-5,-5, 70.6\n80'>"), dimensions(71, 80));
}

TEST(Svg, ScalesOneSideToTheShapeOfTheViewBox) {
  EXPECT_EQ(size_of("<svg width='40' viewBox='0 0 200 100'>"), dimensions(40, 20));
  EXPECT_EQ(size_of("<svg height='40' viewBox='0 0 200 100'>"), dimensions(80, 40));
}

TEST(Svg, GivesTheOneSideThatItSays) {
  EXPECT_EQ(size_of("<svg width='40'>"), dimensions(40, std::nullopt));
}

TEST(Svg, HasNoSizeWhereItsNumbersMakeNoSense) {
  EXPECT_EQ(size_of("<svg>"), Dimensions());
  EXPECT_EQ(size_of("<svg width='0' height='-3'>"), Dimensions());
  EXPECT_EQ(size_of("<svg width='inf' height='nan'>"), Dimensions());
  EXPECT_EQ(size_of("<svg width='1e300' height='4294967296'>"), Dimensions());
  EXPECT_EQ(size_of("<svg width='' height='px'>"), Dimensions());
  EXPECT_EQ(size_of("<svg viewBox='0 0 10'>"), Dimensions());
  EXPECT_EQ(size_of("<svg viewBox='0 0 0 10'>"), Dimensions());
  EXPECT_EQ(size_of("<svg width='1e300' viewBox='0 0 1e-300 1e300'>"), Dimensions());
}

TEST(Svg, HasNoSizeUntilTheStartTagIsThereToItsEnd) {
  EXPECT_EQ(size_of("<svg width='40' height='30'"), Dimensions());
  EXPECT_EQ(size_of("<svg width='40' height='30' viewBox='0 0 1"), Dimensions());
  EXPECT_EQ(size_of("<svg width='40' height=30>"), Dimensions());
}

TEST(Svg, ReadsTheRootElementOnly) {
  EXPECT_EQ(size_of("<svg data-width='1' note='width=\"2\" >'><rect width='3' height='4'/></svg>"), Dimensions());
}

}  // namespace
}  // namespace creel
