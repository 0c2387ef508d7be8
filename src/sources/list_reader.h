#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sources/image_list.h"
#include "sources/line_reader.h"

namespace creel {

/// Reads one format of list: what `ImageList` chooses from. Threads: one at a time.
class ListReader {
 public:
  explicit ListReader(LineReader lines) : lines_(std::move(lines)) {}
  virtual ~ListReader() = default;

  /// As `ImageList::next`.
  virtual std::optional<ListItem> next() = 0;

 protected:
  BadLine bad_line(std::uint64_t number, std::string reason) const {
    return {.position = lines_.position(number), .kind = FailureKind::bad_request, .message = std::move(reason)};
  }
  BadLine too_long_line(std::uint64_t number) const { return bad_line(number, "the line is longer than 64 KiB"); }

  LineReader lines_;
};

std::unique_ptr<ListReader> url_list_reader(LineReader lines);

/// @throws Failure bad_request  no `url` column; truncated, as `LineReader::next_line`
std::unique_ptr<ListReader> csv_list_reader(LineReader lines);

std::unique_ptr<ListReader> jsonl_list_reader(LineReader lines);

}  // namespace creel
