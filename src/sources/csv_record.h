#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// Divides one CSV record (RFC 4180) into fields, going on where it stopped when there are more bytes. A
/// quote inside of an unquoted field is taken as it stands. Threads: one at a time.
class CsvRecord {
 public:
  /// Fields beyond these are lost: no table has so many.
  static constexpr std::size_t kMaxFields = 20'000;

  enum class State : std::uint8_t {
    /// The record goes on behind the bytes at hand.
    unfinished,
    complete,
    /// A closing quote that neither a comma nor a line end follows, or none before the end of the list.
    bad_quotes,
  };

  enum class Behind : std::uint8_t { more_bytes, end_of_list };

  /// Begins a new record.
  void clear();

  /// @param bytes  begin where the record begins, in every call for this record
  /// @param behind  what follows `bytes`
  State parse(std::string_view bytes, Behind behind);

  /// Those of a complete record, valid until the next is begun.
  std::span<const std::string> fields() const { return {fields_.data(), count_}; }

  /// What the record takes up, its line end included.
  std::size_t size_bytes() const { return at_; }

 private:
  enum class Place : std::uint8_t { field_begin, unquoted, quoted, behind_quote, behind_quote_and_return };

  /// Goes over the byte at `at_` and those behind it that need no decision.
  State step(std::string_view bytes);
  State end_field(char end);
  State end_record();
  std::string& field() { return fields_[count_ - 1]; }
  void append_until(std::string_view stops, std::string_view bytes);
  void next_field();

  std::vector<std::string> fields_;
  /// Fields of this record; the strings behind them are kept for the memory they have.
  std::size_t count_ = 0;
  std::size_t at_ = 0;
  Place place_ = Place::field_begin;
};

}  // namespace creel
