#include "emulator/event_stream.h"

#include <cstdint>

#include <boost/crc.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace creel::emulator {
namespace json = boost::json;
namespace {

constexpr std::size_t kPreludeBytes = 12;
constexpr std::size_t kChecksumBytes = 4;
constexpr char kStringType = 7;

void append_number(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}

void append_checksum(std::string& out) {
  boost::crc_32_type crc;
  crc.process_bytes(out.data(), out.size());
  append_number(out, crc.checksum());
}

}  // namespace

std::string event_stream_message(const std::vector<std::pair<std::string_view, std::string_view>>& headers,
                                 std::string_view payload) {
  std::string fields;
  for (const auto& [name, value] : headers) {
    fields.push_back(static_cast<char>(name.size()));
    fields += name;
    fields.push_back(kStringType);
    fields.push_back(static_cast<char>((value.size() >> 8) & 0xff));
    fields.push_back(static_cast<char>(value.size() & 0xff));
    fields += value;
  }
  std::string message;
  message.reserve(kPreludeBytes + fields.size() + payload.size() + kChecksumBytes);
  append_number(message, static_cast<std::uint32_t>(kPreludeBytes + fields.size() + payload.size() + kChecksumBytes));
  append_number(message, static_cast<std::uint32_t>(fields.size()));
  append_checksum(message);
  message += fields;
  message += payload;
  append_checksum(message);
  return message;
}

std::string payload_chunk(std::string_view piece) {
  return event_stream_message(
      {{":event-type", "PayloadChunk"}, {":content-type", "application/octet-stream"}, {":message-type", "event"}},
      piece);
}

std::string invoke_complete(std::string_view error_code, std::string_view error_details, std::string_view log_result) {
  json::object body;
  if (!error_code.empty()) {
    body["ErrorCode"] = error_code;
    body["ErrorDetails"] = error_details;
  }
  if (!log_result.empty()) body["LogResult"] = log_result;
  return event_stream_message(
      {{":event-type", "InvokeComplete"}, {":content-type", "application/json"}, {":message-type", "event"}},
      json::serialize(body));
}

}  // namespace creel::emulator
