#include "deploy/json_text.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/failure.h"

namespace creel::deploy {
namespace json = boost::json;
namespace {

[[noreturn]] void refuse(std::string_view text, std::size_t at, std::string_view what, std::string_view why) {
  const auto before = text.substr(0, at);
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto last_end = before.rfind('\n');
  const auto in_line = last_end == std::string_view::npos ? before : before.substr(last_end + 1);
  // People count characters, not bytes: those that go on with a character are left out.
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto column = 1 + std::ranges::count_if(in_line, is_start);
  throw Failure(FailureKind::bad_request,
                fmt::format("{} is not JSON: line {}, column {}: {}", what, line, column, why));
}

}  // namespace

void check_json(std::string_view text, std::string_view what) {
  json::stream_parser parser;
  boost::system::error_code error;
  const auto read = parser.write_some(text.data(), text.size(), error);
  if (error) refuse(text, read, what, error.message());
  if (read < text.size()) refuse(text, read, what, "there is something after the end of the value");
  parser.finish(error);
  if (error) refuse(text, text.size(), what, "it ends too early");
}

}  // namespace creel::deploy
