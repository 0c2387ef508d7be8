#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace creel {

/// Appends `text` as a JSON string, quotes included. What is no UTF-8 becomes U+FFFD, so that the result is JSON
/// whatever the text.
void append_json_string(std::string& out, std::string_view text);

/// Appends "2026-11-24T20:28:15.123Z", without quotes.
void append_time(std::string& out, SystemTime time);

/// Writes one JSON object as text, without a tree in between: an answer has thousands of members. Threads: one.
class JsonObjectText {
 public:
  /// @param out  the object is appended to it; must outlive this
  explicit JsonObjectText(std::string& out) : out_(out) { out_ += '{'; }
  JsonObjectText(const JsonObjectText&) = delete;
  JsonObjectText& operator=(const JsonObjectText&) = delete;

  /// Ends the object; nothing may be added afterwards.
  void close() { out_ += '}'; }

  JsonObjectText& add(std::string_view name, std::string_view text);
  JsonObjectText& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
  JsonObjectText& add(std::string_view name, std::same_as<bool> auto value) {
    return add_raw(name, value ? "true" : "false");
  }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  JsonObjectText& add(std::string_view name, Number number) {
    if constexpr (std::signed_integral<Number>) return add_signed(name, number);
    return add_unsigned(name, static_cast<std::uint64_t>(number));
  }
  JsonObjectText& add(std::string_view name, double number);
  JsonObjectText& add(std::string_view name, SystemTime time);
  /// null if there is none.
  template <class Value>
  JsonObjectText& add(std::string_view name, const std::optional<Value>& value) {
    return value ? add(name, *value) : add_null(name);
  }
  JsonObjectText& add_null(std::string_view name) { return add_raw(name, "null"); }
  /// @param json  a JSON text
  JsonObjectText& add_raw(std::string_view name, std::string_view json);

 private:
  void begin_member(std::string_view name);
  JsonObjectText& add_signed(std::string_view name, std::int64_t number);
  JsonObjectText& add_unsigned(std::string_view name, std::uint64_t number);

  std::string& out_;
  bool is_first_ = true;
};

}  // namespace creel
