#pragma once

#include <optional>

#include <soci/soci.h>

#include "catalog/persisted_time.h"

namespace creel {

/// A column that may be null, as SOCI binds it: `soci::use(column.value, column.set, "name")`, likewise `into`.
template <class T>
struct OptionalColumn {
  T value{};
  soci::indicator set = soci::i_null;

  template <class U>
  void put(const std::optional<U>& from) {
    set = from ? soci::i_ok : soci::i_null;
    value = from ? static_cast<T>(*from) : T{};
  }
  void put(const std::optional<SystemTime>& from) {
    put(from ? std::optional(persisted(*from)) : std::optional<long long>());
  }

  template <class U = T>
  std::optional<U> get() const {
    if (set != soci::i_ok) return std::nullopt;
    return static_cast<U>(value);
  }
  std::optional<SystemTime> time() const {
    if (set != soci::i_ok) return std::nullopt;
    return from_persisted(value);
  }
};

}  // namespace creel
