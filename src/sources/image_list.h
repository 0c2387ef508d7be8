#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/failure.h"

namespace creel {

enum class ListFormat : std::uint8_t { urls, csv, jsonl };

/// The format of that name ("urls" or "txt", "csv", "jsonl"), or nothing.
std::optional<ListFormat> list_format(std::string_view name);

/// The format by a file's or URL's ending, ".gz" aside: ".csv", ".jsonl" or ".ndjson", else URLs one a line.
ListFormat list_format_of(std::string_view path);

/// One image of a list, as it was written there; the URL is not checked yet.
struct ListedImage {
  std::string url;
  std::string file_name;
  std::string folder;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, std::string>> meta;
  /// "urls.txt:17"
  std::string position;
};

/// A line that could not be read.
struct BadLine {
  std::string position;
  FailureKind kind;
  std::string message;
};

using ListItem = std::variant<ListedImage, BadLine>;

class ListReader;

/// Reads lists of images as a stream: memory does not grow with the list. Gzip is recognised by its first bytes.
///
/// * urls: one a line; blank lines and lines starting with "#" are skipped.
/// * csv (RFC 4180, quotes and line ends in quotes included; the first line names the columns): `url`, and if wanted
///   `file_name` and `folder`; other columns are metadata, empty ones left out. After a bad record reading goes on in
///   the next line, so a quote that is never closed spoils one line.
/// * jsonl: an object a line with `url`, and if wanted `file_name`, `folder`, `headers` (object of strings), `meta`
///   (object; numbers, booleans and nested values keep their JSON text, null is left out);
///   `title`, `description`, `attribution_id`, `attribution_name`, `attribution_url`, `page_url`, `nsfw` and
///   `published_at` are metadata too. Other members are not looked at.
///
/// A line of more than 64 KiB is a bad line. A UTF-8 byte order mark is skipped, "\r\n" ends a line like "\n".
/// Threads: one at a time; reading blocks.
class ImageList {
 public:
  /// @param name  what positions call the list
  /// @throws Failure bad_request  a csv without a `url` column; truncated, as `next`
  ImageList(std::unique_ptr<std::istream> input, std::string name, ListFormat format);
  ~ImageList();

  /// The next image or bad line; nothing at the end of the list.
  /// @throws Failure truncated  the compressed data is broken, or reading failed
  std::optional<ListItem> next();

 private:
  std::unique_ptr<ListReader> reader_;
};

}  // namespace creel
