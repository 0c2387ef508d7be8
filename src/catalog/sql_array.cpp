#include "catalog/sql_array.h"

#include "catalog/persisted_time.h"

namespace creel {

void SqlArray::clear() {
  text_ = "{";
}

void SqlArray::add(std::string_view text) {
  separate();
  text_.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') text_.push_back('\\');
    text_.push_back(c);
  }
  text_.push_back('"');
}

void SqlArray::add(long long number) {
  separate();
  text_ += std::to_string(number);
}

void SqlArray::add(SystemTime time) {
  add(persisted(time));
}

void SqlArray::close() {
  text_.push_back('}');
}

void SqlArray::add_null() {
  separate();
  text_ += "null";
}

void SqlArray::separate() {
  if (text_.size() > 1) text_.push_back(',');
}

}  // namespace creel
