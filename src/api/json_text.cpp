#include "api/json_text.h"

#include <array>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

/// Sets the high bit of bytes that are zero; of none if none is. Bytes above one that is zero may be set too.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - kOnes) & ~word & kHighBits;
}

/// True if one of eight bytes cannot stand in a JSON string as it is, or is not ASCII.
constexpr bool has_special(std::uint64_t word) {
  const auto control = (word - kOnes * 0x20) & ~word & kHighBits;
  const auto quote = zero_bytes(word ^ (kOnes * '"'));
  const auto backslash = zero_bytes(word ^ (kOnes * '\\'));
  return (control | quote | backslash | (word & kHighBits)) != 0;
}

constexpr bool is_special(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
}

/// How many bytes at the beginning of `text` can be copied as they are.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  for (std::uint64_t word = 0; text.size() - length >= sizeof word; length += sizeof word) {
    std::memcpy(&word, text.data() + length, sizeof word);
    if (has_special(word)) break;
  }
  while (length < text.size() && !is_special(text[length])) ++length;
  return length;
}

void append_escaped(std::string& out, char character) {
  switch (character) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(character));
  }
}

void append_utf8(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto length = plain_length(text);
    out.append(text.substr(0, length));
    text.remove_prefix(length);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      append_escaped(out, text.front());
    } else {
      out += text.front();
    }
    text.remove_prefix(1);
  }
}

void append_digits(char*& out, unsigned number, int digits) {
  for (int i = digits - 1; i >= 0; --i, number /= 10) out[i] = static_cast<char>('0' + number % 10);
  out += digits;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const auto length = plain_length(text);
  out.append(text.substr(0, length));
  text.remove_prefix(length);
  if (is_utf8(text)) {
    append_utf8(out, text);
  } else {
    append_utf8(out, to_utf8(text));
  }
  out += '"';
}

void append_time(std::string& out, SystemTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(milliseconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(milliseconds - day);
  std::array<char, 24> text{};
  char* at = text.data();
  append_digits(at, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  *at++ = '-';
  append_digits(at, static_cast<unsigned>(date.month()), 2);
  *at++ = '-';
  append_digits(at, static_cast<unsigned>(date.day()), 2);
  *at++ = 'T';
  append_digits(at, static_cast<unsigned>(clock.hours().count()), 2);
  *at++ = ':';
  append_digits(at, static_cast<unsigned>(clock.minutes().count()), 2);
  *at++ = ':';
  append_digits(at, static_cast<unsigned>(clock.seconds().count()), 2);
  *at++ = '.';
  append_digits(at, static_cast<unsigned>(clock.subseconds().count()), 3);
  *at = 'Z';
  out.append(text.data(), text.size());
}

void JsonObjectText::begin_member(std::string_view name) {
  if (!is_first_) out_ += ',';
  is_first_ = false;
  append_json_string(out_, name);
  out_ += ':';
}

JsonObjectText& JsonObjectText::add(std::string_view name, std::string_view text) {
  begin_member(name);
  append_json_string(out_, text);
  return *this;
}

JsonObjectText& JsonObjectText::add(std::string_view name, double number) {
  begin_member(name);
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}

JsonObjectText& JsonObjectText::add(std::string_view name, SystemTime time) {
  begin_member(name);
  out_ += '"';
  append_time(out_, time);
  out_ += '"';
  return *this;
}

JsonObjectText& JsonObjectText::add_raw(std::string_view name, std::string_view json) {
  begin_member(name);
  out_ += json;
  return *this;
}

JsonObjectText& JsonObjectText::add_signed(std::string_view name, std::int64_t number) {
  begin_member(name);
  out_ += fmt::format_int(number).c_str();
  return *this;
}

JsonObjectText& JsonObjectText::add_unsigned(std::string_view name, std::uint64_t number) {
  begin_member(name);
  out_ += fmt::format_int(number).c_str();
  return *this;
}

}  // namespace creel
