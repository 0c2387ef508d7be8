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

TEST(PollMemory, IsNotWholeAfterAPollThatBrokeOff) {
  const PollMemory memory{.validators = {{"https://a.example/feed", {.etag = "\"1\"", .last_modified = ""}}},
                          .kind = "whole:0123abcd"};
  auto seen = memory;
  seen.kind = "seen:0123abcd";
  EXPECT_EQ(poll_memory(memory_after_broken_poll(to_text(memory))), seen);
  for (const auto* text : {"", "not JSON", R"({"kind":"a cursor"})", R"({"kind":"seen:0123abcd"})"}) {
    EXPECT_EQ(memory_after_broken_poll(text), text);
  }
}

}  // namespace
}  // namespace creel
