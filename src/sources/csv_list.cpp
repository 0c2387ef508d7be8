#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sources/csv_record.h"
#include "sources/list_reader.h"

namespace creel {
namespace {

enum class Role : std::uint8_t { url, file_name, folder, meta };

struct Column {
  std::string name;
  Role role;
};

Column column_of(std::string_view heading) {
  const auto name = trim(heading);
  auto role = Role::meta;
  if (ascii_iequals(name, "url")) role = Role::url;
  if (ascii_iequals(name, "file_name")) role = Role::file_name;
  if (ascii_iequals(name, "folder")) role = Role::folder;
  return {.name = std::string(name), .role = role};
}

class CsvListReader final : public ListReader {
 public:
  explicit CsvListReader(LineReader lines) : ListReader(std::move(lines)) { read_header(); }

  std::optional<ListItem> next() override;

 private:
  enum class Outcome : std::uint8_t { record, end_of_list, bad_quotes, too_long };

  void read_header();
  Outcome read_record();
  Outcome parse_record();
  ListItem item() const;

  CsvRecord record_;
  /// Where the record began.
  std::uint64_t line_ = 1;
  std::vector<Column> columns_;
};

/// Reads the record at the front of the window, without taking it.
CsvListReader::Outcome CsvListReader::parse_record() {
  auto behind = CsvRecord::Behind::more_bytes;
  record_.clear();
  for (;;) {
    const auto state = record_.parse(lines_.window(), behind);
    if (record_.size_bytes() > kMaxLineBytes) return Outcome::too_long;
    if (state == CsvRecord::State::bad_quotes) return Outcome::bad_quotes;
    if (state == CsvRecord::State::complete) return Outcome::record;
    if (!lines_.read_more()) behind = CsvRecord::Behind::end_of_list;
  }
}

/// Reads and takes the next record that is not blank. Of a bad one only the first line is taken: after a
/// quote that is never closed the lines behind it are still good.
CsvListReader::Outcome CsvListReader::read_record() {
  for (;;) {
    line_ = lines_.line_number();
    const auto outcome = parse_record();
    if (outcome != Outcome::record) {
      lines_.next_line();
      return outcome;
    }
    if (lines_.window().empty()) return Outcome::end_of_list;
    const bool is_blank = trim(lines_.window().substr(0, record_.size_bytes())).empty();
    lines_.take(record_.size_bytes());
    if (!is_blank) return Outcome::record;
  }
}

void CsvListReader::read_header() {
  if (read_record() == Outcome::record)
    std::ranges::transform(record_.fields(), std::back_inserter(columns_), column_of);
  const auto is_url = [](const Column& column) { return column.role == Role::url; };
  if (std::ranges::none_of(columns_, is_url)) {
    // As `creel image export` calls it.
    for (auto& column : columns_) {
      if (ascii_iequals(column.name, "image_url")) column.role = Role::url;
    }
  }
  if (std::ranges::none_of(columns_, is_url)) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{}: the first line of a csv list names the columns, and 'url' must be one of them",
                              lines_.position(1)));
  }
}

ListItem CsvListReader::item() const {
  const auto fields = record_.fields();
  if (fields.size() > columns_.size()) {
    return bad_line(line_,
                    fmt::format("the record has {} fields, but there are {} columns", fields.size(), columns_.size()));
  }
  ListedImage image;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    switch (columns_[i].role) {
      case Role::url: image.url = trim(fields[i]); break;
      case Role::file_name: image.file_name = fields[i]; break;
      case Role::folder: image.folder = fields[i]; break;
      case Role::meta:
        if (!fields[i].empty() && !columns_[i].name.empty()) image.meta.emplace_back(columns_[i].name, fields[i]);
        break;
    }
  }
  if (image.url.empty()) return bad_line(line_, "'url' is missing");
  image.position = lines_.position(line_);
  return image;
}

std::optional<ListItem> CsvListReader::next() {
  switch (read_record()) {
    case Outcome::record: return item();
    case Outcome::bad_quotes: return bad_line(line_, "a quoted field is not closed, or text follows its closing quote");
    case Outcome::too_long: return too_long_line(line_);
    case Outcome::end_of_list: break;
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<ListReader> csv_list_reader(LineReader lines) {
  return std::make_unique<CsvListReader>(std::move(lines));
}

}  // namespace creel
