#include "sources/poll_memory.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

TEST(PollMemory, SurvivesTheCatalogByteForByte) {
  const PollMemory memory{.validators = {{"https://a.example/feed?x=1",
                                          {.etag = R"(W/"a\"b")", .last_modified = "Mon, 01 Jan 2024 00:00:00 GMT"}},
                                         {"https://b.example/", {.etag = "", .last_modified = "yesterday"}}},
                          .kind = R"({"cursor":"é"})"};
  EXPECT_EQ(poll_memory(to_text(memory)), memory);
}

TEST(PollMemory, AnEmptyOneIsNoText) {
  EXPECT_EQ(to_text({}), "");
  EXPECT_EQ(poll_memory(""), PollMemory{});
}

TEST(PollMemory, IsEmptyIfItCannotBeRead) {
  for (const auto* text : {"{", "[]", "7", R"({"validators":[],"kind":7})", R"({"validators":{"u":1}})"}) {
    EXPECT_EQ(poll_memory(text), PollMemory{}) << text;
  }
}

TEST(PollMemory, DropsValidatorsThatAreNoText) {
  PollMemory memory;
  memory.validators["https://a.example/"].etag = "\"\xff\"";
  EXPECT_EQ(to_text(memory), "");
}

}  // namespace
}  // namespace creel
