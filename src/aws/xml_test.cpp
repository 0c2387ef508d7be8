#include "aws/xml.h"

#include <gtest/gtest.h>

namespace creel::aws {
namespace {

TEST(XmlText, FindsAnElementAtAnyDepthInAnyNamespace) {
  constexpr auto kXml = R"(<?xml version="1.0"?> <s:R xmlns:s="u"><A><s:B>x &amp; y</s:B></A><B>z</B><C/></s:R>)";
  EXPECT_EQ(xml_text(kXml, "B"), "x & y");
  EXPECT_EQ(xml_text(kXml, "C"), "");
  EXPECT_EQ(xml_text(kXml, "D"), std::nullopt);
  EXPECT_EQ(xml_root(kXml), "R");
}

TEST(XmlText, IsNothingForWhatIsNotWellFormed) {
  for (const auto* text : {"", "   ", "<A><B>x</A>", "<A>", "no xml", "<html><br></html>"}) {
    EXPECT_EQ(xml_text(text, "B"), std::nullopt) << text;
    EXPECT_EQ(xml_root(text), "") << text;
  }
}

TEST(XmlText, DoesNotExpandEntitiesOfTheDocument) {
  constexpr auto kXml = R"(<!DOCTYPE a [<!ENTITY e "boom">]><A><B>&e;</B></A>)";
  EXPECT_EQ(xml_text(kXml, "B"), "&e;");
}

TEST(XmlRoot, IsFoundAfterBlanks) {
  EXPECT_EQ(xml_root("  \n\n <Error><Code>x</Code></Error>"), "Error");
}

TEST(XmlEscape, ReplacesWhatMeansSomething) {
  EXPECT_EQ(xml_escape(R"("a"<b>&c)"), "&quot;a&quot;&lt;b&gt;&amp;c");
}

TEST(Xml, ReadsTheRecordsBelowTheOutermostElement) {
  const auto records = xml_records("<R xmlns='u'><E><K>a</K><C>1</C></E><D/><E><K>b</K></E></R>", "E");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0], (XmlRecord{{"K", "a"}, {"C", "1"}}));
  EXPECT_EQ(records[1], (XmlRecord{{"K", "b"}}));
  EXPECT_TRUE(xml_records("<R><E>", "E").empty());
}

}  // namespace
}  // namespace creel::aws
