#include "sources/xml_references.h"

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

std::string mended(std::string markup) {
  const auto left = mend_references(markup);
  return {left.data(), left.size()};
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(MendReferences, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(mended("<a>[&#0;] [&#x0;] [&#000;]</a>"), "<a>[\uFFFD] [\uFFFD] [\uFFFD]</a>");
  EXPECT_EQ(mended("<a>[&#xD800;] [&#xdfff;] [&#57343;]</a>"), "<a>[\uFFFD] [\uFFFD] [\uFFFD]</a>");
  EXPECT_EQ(mended("<a>[&#x110000;] [&#99999999;]</a>"), "<a>[\uFFFD] [\uFFFD]</a>");
  EXPECT_EQ(mended("<a>[&#4294967361;] [&#x100000041;]</a>"), "<a>[\uFFFD] [\uFFFD]</a>") << "no A of 32 bits";
}

TEST(MendReferences, JoinsSurrogatePairs) {
  EXPECT_EQ(mended("<a>&#xD83D;&#xDE00;</a>"), "<a>\U0001F600</a>");
  EXPECT_EQ(mended("<a>&#55357;&#xDE00;&#xD83D;&#56832;</a>"), "<a>\U0001F600\U0001F600</a>");
  EXPECT_EQ(mended("<a>&#xD800;&#xDC00;&#xDBFF;&#xDFFF;</a>"), "<a>\U00010000\U0010FFFF</a>");
  EXPECT_EQ(mended("<a>&#xD83D; &#xDE00;</a>"), "<a>\uFFFD \uFFFD</a>");
  EXPECT_EQ(mended("<a>&#xDE00;&#xD83D;</a>"), "<a>\uFFFD\uFFFD</a>") << "the wrong way round";
  EXPECT_EQ(mended("<a>&#xD83D;&#xD83D;&#xDE00;&#65;</a>"), "<a>\uFFFD\U0001F600&#65;</a>");
}

TEST(MendReferences, ReadsTheNumbersOfWindows) {
  EXPECT_EQ(mended("<a b='&#150;'>&#x80;&#159;</a>"), "<a b='\u2013'>\u20ac\u0178</a>");
}

TEST(MendReferences, KeepsAllOtherReferences) {
  for (const auto* text :
       {"<a>&#38;&#60;&#x3c;&#233;&#x1F600;&#127;&#160;&#129;&#9;</a>", "<a>&amp;#0; &zero; &</a>",
        "<a>&#0 &#; &#x; &#X0; &#-0; &#0a; &#xD83D</a>", "<a>&#xD83D", "&#", "&#x", "&#0", "&", ""}) {
    EXPECT_EQ(mended(text), text);
  }
}

TEST(MendReferences, LeavesSectionsWithoutReferencesAlone) {
  for (const auto* section : {"<![CDATA[ &#0; ' ]] > \" <b> ]]>", "<!-- &#0; ' > -->", "<?x &#0; ' > ?>"}) {
    EXPECT_EQ(mended(fmt::format("<a>&#0;{}&#0;<b c='&#0;'/>{}</a>", section, section)),
              fmt::format("<a>\uFFFD{}\uFFFD<b c='\uFFFD'/>{}</a>", section, section));
  }
  EXPECT_EQ(mended("<a>&#0;<![CDATA[ &#0;</a>"), "<a>\uFFFD<![CDATA[ &#0;</a>") << "not closed";
}

TEST(MendReferences, KnowsQuotesFromSections) {
  EXPECT_EQ(mended("<a b='\"> <!--' c=\"'> <?\">&#0;</a>"), "<a b='\"> <!--' c=\"'> <?\">\uFFFD</a>");
  EXPECT_EQ(mended("<a b='<![CDATA[' c=\"<!--'>\" d='>'>&#0;</a>"), "<a b='<![CDATA[' c=\"<!--'>\" d='>'>\uFFFD</a>");
  EXPECT_EQ(mended("<a>it's <![CDATA[&#0;]]> \" &#0;</a>"), "<a>it's <![CDATA[&#0;]]> \" \uFFFD</a>")
      << "a quote in a text is none";
}

/// Takes hours if any of it is read again and again.
TEST(MendReferences, GoesOverLongMarkupOnce) {
  constexpr std::size_t kBytes = 4UL * 1024 * 1024;
  const auto zeros = repeated("0", kBytes);
  EXPECT_EQ(mended("&#" + zeros + ";"), "\uFFFD");
  EXPECT_EQ(mended("&#x" + zeros + "41;"), "&#x" + zeros + "41;");
  EXPECT_EQ(mended("&#" + repeated("9", kBytes) + ";"), "\uFFFD");
  EXPECT_EQ(mended("&#" + zeros), "&#" + zeros);
  EXPECT_EQ(mended(repeated("&#0;", kBytes / 4)), repeated("\uFFFD", kBytes / 4));
  EXPECT_EQ(mended(repeated("&#xD83D;", kBytes / 8)), repeated("\uFFFD", kBytes / 8));
  EXPECT_EQ(mended(repeated("&#0", kBytes / 3)), repeated("&#0", kBytes / 3));
  for (const auto* open : {"<![CDATA[", "<!--", "<?", "<", "<a b='", "<![CDATA[]]>"}) {
    const auto text = repeated(open, kBytes / std::string_view(open).size()) + "&#x41;";
    EXPECT_EQ(mended(text), text);
  }
}

}  // namespace
}  // namespace creel
