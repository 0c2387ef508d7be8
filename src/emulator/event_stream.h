#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace creel::emulator {

/// One message of an application/vnd.amazon.eventstream: lengths and headers (all of them strings), payload, checksums.
/// Source: https://smithy.io/2.0/aws/amazon-eventstream.html
std::string event_stream_message(const std::vector<std::pair<std::string_view, std::string_view>>& headers,
                                 std::string_view payload);

/// A piece of a streamed answer.
std::string payload_chunk(std::string_view piece);

/// The end of a streamed answer.
/// @param error_code, error_details  empty if all went well
/// @param log_result  Base64; empty if it was not asked for
std::string invoke_complete(std::string_view error_code, std::string_view error_details, std::string_view log_result);

}  // namespace creel::emulator
