#include "emulator/event_stream.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace creel::emulator {
namespace {

std::string hex(const std::string& bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// The test vectors of the format's definition, "empty_message" and "payload_no_headers".
TEST(EventStream, FramesAMessageAsTheDefinitionDoes) {
  EXPECT_EQ(hex(event_stream_message({}, "")), "000000100000000005c248eb7d98c8ff");
  EXPECT_EQ(hex(event_stream_message({}, "{'foo':'bar'}")),
            "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936");
}

TEST(EventStream, WritesHeadersAsStrings) {
  const auto message = event_stream_message({{":event-type", "X"}}, "p");
  EXPECT_EQ(message.substr(12, 16), std::string("\x0b:event-type\x07\x00\x01X", 16));
  EXPECT_EQ(message.size(), 12 + 16 + 1 + 4U);
}

TEST(EventStream, EndsWithHowItWent) {
  EXPECT_NE(invoke_complete("", "", "").find("{}"), std::string::npos);
  EXPECT_NE(invoke_complete("Unhandled", "{}", "bG9n")
                .find(R"({"ErrorCode":"Unhandled","ErrorDetails":"{}","LogResult":"bG9n"})"),
            std::string::npos);
}

}  // namespace
}  // namespace creel::emulator
