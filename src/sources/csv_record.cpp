#include "sources/csv_record.h"

#include <algorithm>

namespace creel {

void CsvRecord::clear() {
  count_ = 0;
  at_ = 0;
  next_field();
}

void CsvRecord::next_field() {
  if (count_ == fields_.size() && count_ < kMaxFields) fields_.emplace_back();
  count_ = std::min(count_ + 1, kMaxFields);
  field().clear();
  place_ = Place::field_begin;
}

/// Moves what stands before the first of `stops` into the field.
void CsvRecord::append_until(std::string_view stops, std::string_view bytes) {
  const auto end = std::min(bytes.find_first_of(stops, at_), bytes.size());
  field().append(bytes.substr(at_, end - at_));
  at_ = end;
}

CsvRecord::State CsvRecord::parse(std::string_view bytes, Behind behind) {
  while (at_ < bytes.size()) {
    const auto state = step(bytes);
    if (state != State::unfinished) return state;
  }
  if (behind == Behind::more_bytes) return State::unfinished;
  return place_ == Place::quoted ? State::bad_quotes : end_record();
}

CsvRecord::State CsvRecord::step(std::string_view bytes) {
  const char c = bytes[at_];
  switch (place_) {
    case Place::field_begin:
      place_ = c == '"' ? Place::quoted : Place::unquoted;
      if (c == '"') ++at_;
      return State::unfinished;
    case Place::unquoted:
      append_until(",\n", bytes);
      return at_ < bytes.size() ? end_field(bytes[at_]) : State::unfinished;
    case Place::quoted:
      append_until("\"", bytes);
      if (at_ < bytes.size()) {
        place_ = Place::behind_quote;
        ++at_;
      }
      return State::unfinished;
    case Place::behind_quote:
      if (c == ',' || c == '\n') return end_field(c);
      if (c != '"' && c != '\r') return State::bad_quotes;
      if (c == '"') field() += c;
      place_ = c == '"' ? Place::quoted : Place::behind_quote_and_return;
      ++at_;
      return State::unfinished;
    case Place::behind_quote_and_return: return c == '\n' ? end_field(c) : State::bad_quotes;
  }
  return State::bad_quotes;
}

CsvRecord::State CsvRecord::end_field(char end) {
  ++at_;
  if (end == '\n') return end_record();
  next_field();
  return State::unfinished;
}

CsvRecord::State CsvRecord::end_record() {
  if (place_ == Place::unquoted && field().ends_with('\r')) field().pop_back();
  return State::complete;
}

}  // namespace creel
