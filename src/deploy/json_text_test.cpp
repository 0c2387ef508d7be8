#include "deploy/json_text.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::deploy {
namespace {

using ::testing::HasSubstr;

std::string complaint(std::string_view text) {
  try {
    check_json(text, "--payload");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    return failure.what();
  }
  return {};
}

TEST(JsonText, IsAnyValue) {
  for (const auto* text : {"{}", "[1, 2]", "null", " \"x\" \n", "1e3", "{\"a\":{\"b\":[]}}"}) {
    EXPECT_EQ(complaint(text), "") << text;
  }
}

TEST(JsonText, SaysWhereItStopsToBeJson) {
  EXPECT_THAT(complaint("{\"a\": x}"), HasSubstr("--payload is not JSON: line 1, column 7: "));
  EXPECT_THAT(complaint("{\n  \"a\": 1,\n  b: 2\n}"), HasSubstr("line 3, column 3: "));
  EXPECT_THAT(complaint("{\"\u00e4\u00e4\": x}"), HasSubstr("line 1, column 8: "));
  EXPECT_THAT(complaint("{'a': 1}"), HasSubstr("line 1, column 2: "));
}

TEST(JsonText, SaysWhenItEndsTooEarlyOrGoesOn) {
  EXPECT_THAT(complaint(""), HasSubstr("line 1, column 1: it ends too early"));
  EXPECT_THAT(complaint("{\"a\": 1"), HasSubstr("line 1, column 8: it ends too early"));
  EXPECT_THAT(complaint("{} {}"), HasSubstr("line 1, column 4: "));
}

}  // namespace
}  // namespace creel::deploy
