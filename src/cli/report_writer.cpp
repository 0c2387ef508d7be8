#include "cli/report_writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr auto kAllAscii = [] {
  std::array<char, 128> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
  return all;
}();

/// As a JSON string. What is no UTF-8, out of a list in another encoding, is percent-encoded: JSON cannot hold it.
std::string text(std::string_view value) {
  auto quoted = json::serialize(json::string(value));
  boost::system::error_code broken;
  const bool is_ascii = std::ranges::none_of(quoted, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (!is_ascii) json::parse(quoted, broken);
  if (!broken) return quoted;
  return json::serialize(json::string(percent_encode(value, {kAllAscii.data(), kAllAscii.size()})));
}

template <class T>
std::string number_or_null(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "null";
}

std::string stored_fields(const StoredFacts& stored) {
  return fmt::format(R"("key":{},"size":{},"content_type":{},"sha256":{},"width":{},"height":{})", text(stored.key),
                     stored.size_bytes, text(stored.content_type), text(stored.sha256), number_or_null(stored.width),
                     number_or_null(stored.height));
}

constexpr std::string_view kNothingStored =
    R"("key":null,"size":null,"content_type":null,"sha256":null,"width":null,"height":null)";

}  // namespace

std::string report_line(const ImageReport& report) {
  const auto stored = report.stored ? stored_fields(*report.stored) : std::string(kNothingStored);
  const auto error = report.failure ? fmt::format(R"({{"type":"{}","message":{}}})", to_string(report.failure->kind),
                                                  text(report.failure->message))
                                    : "null";
  return fmt::format(R"({{"url":{},"status":"{}",{},"attempts":{},"seconds":{:.6f},"error":{}}})", text(report.url),
                     to_string(report.status), stored, report.attempts, report.took.count(), error);
}

ReportWriter::ReportWriter(const std::string& path) : path_(path), file_(path, std::ios::trunc) {
  if (!file_) {
    throw Failure(FailureKind::bad_request, fmt::format("cannot write the report {}: {}", path, std::strerror(errno)));
  }
}

void ReportWriter::write(const ImageReport& report) {
  file_ << report_line(report) << '\n';
}

void ReportWriter::close() {
  file_.close();
  if (!file_) throw Failure(FailureKind::internal, fmt::format("the report {} could not be written whole", path_));
}

}  // namespace creel
