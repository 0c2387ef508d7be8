#include "sources/image_list.h"

#include <utility>

#include "base/text.h"
#include "sources/line_reader.h"
#include "sources/list_reader.h"

namespace creel {
namespace {

std::unique_ptr<ListReader> make_reader(LineReader lines, ListFormat format) {
  switch (format) {
    case ListFormat::csv: return csv_list_reader(std::move(lines));
    case ListFormat::jsonl: return jsonl_list_reader(std::move(lines));
    case ListFormat::urls: break;
  }
  return url_list_reader(std::move(lines));
}

}  // namespace

std::optional<ListFormat> list_format(std::string_view name) {
  if (name == "urls" || name == "txt") return ListFormat::urls;
  if (name == "csv") return ListFormat::csv;
  if (name == "jsonl") return ListFormat::jsonl;
  return std::nullopt;
}

ListFormat list_format_of(std::string_view path) {
  // Of a URL only what stands before the query tells the format.
  if (path.find("://") != std::string_view::npos) path = path.substr(0, path.find_first_of("?#"));
  auto name = ascii_lower(path);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (name.ends_with(".csv")) return ListFormat::csv;
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return ListFormat::jsonl;
  return ListFormat::urls;
}

ImageList::ImageList(std::unique_ptr<std::istream> input, std::string name, ListFormat format)
    : reader_(make_reader(LineReader(std::move(input), std::move(name)), format)) {}

ImageList::~ImageList() = default;

std::optional<ListItem> ImageList::next() {
  return reader_->next();
}

}  // namespace creel
