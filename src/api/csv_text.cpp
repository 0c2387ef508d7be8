#include "api/csv_text.h"

#include "base/text.h"

namespace creel {
namespace {

constexpr std::string_view kFormulaBegins = "=+-@\t\r\n";
/// The wide forms of = + - @, which some spreadsheets take for the narrow ones.
constexpr std::string_view kWideBegins[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

bool may_be_formula(std::string_view text) {
  if (text.empty()) return false;
  if (kFormulaBegins.find(text.front()) != std::string_view::npos) return true;
  for (const auto begin : kWideBegins) {
    if (text.starts_with(begin)) return true;
  }
  return false;
}

void append_field(std::string& out, std::string_view text) {
  const bool is_formula = may_be_formula(text);
  const bool is_quoted = is_formula || text.find_first_of(",\"\r\n") != std::string_view::npos ||
                         text.starts_with(' ') || text.ends_with(' ');
  if (!is_quoted) {
    out += text;
    return;
  }
  out += is_formula ? "\"'" : "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void append_csv_text(std::string& out, std::string_view text) {
  if (is_utf8(text)) {
    append_field(out, text);
  } else {
    append_field(out, to_utf8(text));
  }
}

}  // namespace creel
