#include "sources/charset.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>
#include <optional>
#include <utility>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

class Converter {
 public:
  explicit Converter(const std::string& charset) : handle_(iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (*this) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  explicit operator bool() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string& bytes) const;

 private:
  iconv_t handle_;
};

std::string Converter::convert(std::string& bytes) const {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 4);
  std::array<char, 16 * 1024> out{};
  char* in = bytes.data();
  std::size_t left = bytes.size();
  while (left > 0) {
    char* to = out.data();
    std::size_t room = out.size();
    const auto converted = iconv(handle_, &in, &left, &to, &room);
    const int error = errno;
    text.append(out.data(), out.size() - room);
    if (converted != static_cast<std::size_t>(-1) || error == E2BIG) continue;
    text += kReplacement;
    if (error != EILSEQ) break;
    ++in;
    --left;
  }
  return text;
}

/// How the names of feeds are read: what they mean, rather than what they say.
std::string known_name(std::string_view declared) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kMeanings = {{
      {"iso-8859-1", "windows-1252"},
      {"iso8859-1", "windows-1252"},
      {"latin1", "windows-1252"},
      {"latin-1", "windows-1252"},
      {"us-ascii", "windows-1252"},
      {"ascii", "windows-1252"},
      {"iso-8859-9", "windows-1254"},
      {"iso-8859-11", "windows-874"},
      {"tis-620", "windows-874"},
      {"gb2312", "gb18030"},
      {"gbk", "gb18030"},
      {"x-gbk", "gb18030"},
      {"shift_jis", "cp932"},
      {"shift-jis", "cp932"},
      {"x-sjis", "cp932"},
      {"ks_c_5601-1987", "cp949"},
      {"euc-kr", "cp949"},
      {"big5", "big5-hkscs"},
      {"x-euc-jp", "euc-jp"},
  }};
  auto name = ascii_lower(trim(declared));
  const auto meaning = std::ranges::find(kMeanings, name, [](const auto& entry) { return entry.first; });
  if (meaning != kMeanings.end()) return std::string(meaning->second);
  // What iconv takes behind a slash are orders to itself.
  if (name.size() > 40 || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-:.") != std::string::npos) {
    return "";
  }
  return name;
}

bool is_utf8_name(std::string_view name) {
  return name.empty() || name == "utf-8" || name == "utf8";
}

/// The encoding of an XML declaration, which is in ASCII whatever follows.
std::string_view declared_encoding(std::string_view bytes) {
  const auto start = bytes.find("<?xml");
  if (start == std::string_view::npos || start > 100) return "";
  const auto declaration = bytes.substr(start, bytes.substr(start, 400).find("?>"));
  const auto name = declaration.find("encoding");
  if (name == std::string_view::npos) return "";
  const auto open = declaration.find_first_of("\"'", name);
  if (open == std::string_view::npos) return "";
  const auto close = declaration.find(declaration[open], open + 1);
  return close == std::string_view::npos ? "" : declaration.substr(open + 1, close - open - 1);
}

struct Mark {
  std::string_view bytes;
  const char* charset;
};

/// The charset that the first bytes give away, and how many of them are a mark.
std::optional<std::pair<std::string, std::size_t>> charset_by_first_bytes(std::string_view bytes) {
  using namespace std::string_view_literals;
  static constexpr std::array<Mark, 5> kMarks = {{{"\xEF\xBB\xBF"sv, "utf-8"},
                                                  {"\xFF\xFE\0\0"sv, "utf-32le"},
                                                  {"\0\0\xFE\xFF"sv, "utf-32be"},
                                                  {"\xFF\xFE"sv, "utf-16le"},
                                                  {"\xFE\xFF"sv, "utf-16be"}}};
  for (const auto& mark : kMarks) {
    if (bytes.starts_with(mark.bytes)) return std::pair(std::string(mark.charset), mark.bytes.size());
  }
  // "<?" or "{ " in two bytes a character.
  if (bytes.size() >= 4 && bytes[1] == 0 && bytes[3] == 0 && bytes[0] != 0) return std::pair("utf-16le", 0U);
  if (bytes.size() >= 4 && bytes[0] == 0 && bytes[2] == 0 && bytes[1] != 0) return std::pair("utf-16be", 0U);
  return std::nullopt;
}

std::size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

/// Reads bytes that are no UTF-8 as windows-1252, and leaves all others.
std::string repaired(std::string_view bytes) {
  const Converter windows("windows-1252");
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (std::size_t at = 0; at < bytes.size();) {
    const auto length = utf8_length(static_cast<unsigned char>(bytes[at]));
    const auto character = bytes.substr(at, std::max<std::size_t>(length, 1));
    if (length == 1 || (length > 1 && character.size() == length && is_utf8(character))) {
      text += character;
      at += length;
      continue;
    }
    std::string single(1, bytes[at++]);
    text += windows ? windows.convert(single) : std::string(kReplacement);
  }
  return text;
}

bool has_iso_2022_escapes(std::string_view bytes) {
  return bytes.find("\x1b$") != std::string_view::npos || bytes.find("\x1b(") != std::string_view::npos;
}

std::string decode(std::string bytes, std::string_view http_charset) {
  if (const auto found = charset_by_first_bytes(bytes)) {
    bytes.erase(0, found->second);
    if (!is_utf8_name(found->first)) return Converter(found->first).convert(bytes);
    return is_utf8(bytes) ? bytes : repaired(bytes);
  }
  auto names = std::array{known_name(http_charset), known_name(declared_encoding(bytes))};
  if (names[0] == "windows-1252" && !names[1].empty()) std::swap(names[0], names[1]);
  const bool has_escapes = std::ranges::any_of(names, [](const auto& name) { return name.starts_with("iso-2022"); }) &&
                           has_iso_2022_escapes(bytes);
  if (is_utf8(bytes) && !has_escapes) return bytes;
  for (const auto& name : names) {
    // UTF-16 would have been seen by its bytes.
    if (is_utf8_name(name) || name.starts_with("utf-16") || name.starts_with("utf-32")) continue;
    if (const Converter converter(name); converter) return converter.convert(bytes);
  }
  return repaired(bytes);
}

}  // namespace

std::string_view charset_parameter(std::string_view content_type) {
  for (const auto part : split(content_type, ';')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || !ascii_iequals(trim(part.substr(0, equals)), "charset")) continue;
    auto value = trim(part.substr(equals + 1));
    while (!value.empty() && (value.front() == '"' || value.front() == '\'')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '"' || value.back() == '\'')) value.remove_suffix(1);
    return value;
  }
  return "";
}

std::string text_as_utf8(std::string bytes, std::string_view http_charset) {
  auto text = decode(std::move(bytes), http_charset);
  std::ranges::replace(text, '\0', ' ');
  return text;
}

}  // namespace creel
