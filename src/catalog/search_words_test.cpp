#include "catalog/search_words.h"

#include <gmock/gmock.h>

namespace creel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SearchWords, AreWhatStandsBetweenOtherCharacters) {
  EXPECT_THAT(search_words("  well-known  \"sea\"* ").words, ElementsAre("well", "known", "sea"));
  EXPECT_THAT(search_words("Zoë’s café—été").words, ElementsAre("Zoë", "s", "café", "été"));
  EXPECT_THAT(search_words("夕焼け、海").words, ElementsAre("夕焼け", "海"));
}

TEST(SearchWords, AreNoneInATextWithoutLettersAndDigits) {
  EXPECT_THAT(search_words("").words, IsEmpty());
  EXPECT_THAT(search_words(" * \" ( — 🌅 ").words, IsEmpty());
}

TEST(SearchWords, AreBoundedInNumberAndLength) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "w" + std::to_string(i) + " ";
  EXPECT_EQ(search_words(many).words.size(), 16U);
  EXPECT_EQ(search_words(std::string(5000, 'x')).words.at(0).size(), 100U);
}

TEST(SearchWords, SurviveTextThatIsNoUtf8) {
  EXPECT_THAT(search_words("\xff sea\xc3").words, ElementsAre("sea"));
}

TEST(SearchWords, AreQuotedForTheIndexOfWords) {
  auto words = search_words("cats AND dogs");
  EXPECT_EQ(words.fts5(), R"("cats" "AND" "dogs"*)");
  words.last_is_prefix = false;
  EXPECT_EQ(words.fts5(), R"("cats" "AND" "dogs")");
  EXPECT_EQ(words.plain(), "cats AND dogs");
  EXPECT_EQ(search_words("").fts5(), "");
}

}  // namespace
}  // namespace creel
