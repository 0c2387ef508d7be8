#include "aws/ini_file.h"

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {
namespace {

class IniParser {
 public:
  explicit IniParser(std::string_view file_name) : file_name_(file_name) {}

  void add_line(std::string_view line) {
    ++line_number_;
    const auto text = trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') return;
    const auto indent = line.find_first_not_of(" \t");
    if (value_ != nullptr && indent > key_indent_) {
      *value_ += '\n';
      *value_ += text;
    } else if (text.front() == '[') {
      open_section(text);
    } else {
      add_entry(text, indent);
    }
  }

  IniFile take() { return std::move(file_); }

 private:
  void open_section(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) refuse("a section's name must end in ']'");
    section_ = &file_[std::string(trim(text.substr(1, end - 1)))];
    value_ = nullptr;
  }

  void add_entry(std::string_view text, std::size_t indent) {
    if (section_ == nullptr) refuse("expected a section such as [default]");
    const auto delimiter = text.find_first_of("=:");
    if (delimiter == std::string_view::npos || delimiter == 0) refuse("expected a line like 'key = value'");
    value_ = &(*section_)[ascii_lower(trim(text.substr(0, delimiter)))];
    *value_ = trim(text.substr(delimiter + 1));
    key_indent_ = indent;
  }

  [[noreturn]] void refuse(std::string_view reason) const {
    throw Failure(FailureKind::bad_auth, fmt::format("{}, line {}: {}", file_name_, line_number_, reason));
  }

  std::string_view file_name_;
  int line_number_ = 0;
  IniFile file_;
  IniSection* section_ = nullptr;
  std::string* value_ = nullptr;
  std::size_t key_indent_ = 0;
};

}  // namespace

IniFile parse_ini(std::string_view text, std::string_view file_name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  IniParser parser(file_name);
  for (const auto line : split(text, '\n')) parser.add_line(line);
  return parser.take();
}

}  // namespace creel::aws
