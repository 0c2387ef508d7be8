#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace creel {

/// A value of PostgreSQL's array types as text, to be bound as a parameter: `{"a","b",null}`.
/// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
class SqlArray {
 public:
  void clear();
  void add(std::string_view text);
  void add(const char* text) { add(std::string_view(text)); }
  void add(long long number);
  void add(SystemTime time);

  template <class T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      add_null();
    }
  }
  void add(const std::optional<std::uint32_t>& value) {
    if (value) {
      add(static_cast<long long>(*value));
    } else {
      add_null();
    }
  }
  void add(const std::optional<bool>& value) {
    if (value) {
      add(*value ? 1LL : 0LL);
    } else {
      add_null();
    }
  }

  /// Ends the array. The reference is to be bound once; it stays the same.
  void close();
  const std::string& text() const { return text_; }

 private:
  void add_null();
  void separate();

  std::string text_ = "{";
};

}  // namespace creel
