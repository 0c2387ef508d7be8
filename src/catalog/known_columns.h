#pragma once

#include <string>

#include <soci/soci.h>

#include "catalog/intake_statements.h"
#include "catalog/optional_column.h"

namespace creel {

/// What is known of an image, as statements answer it.
struct KnownColumns {
  static constexpr const char* kNames =
      "id, last_poll_id, state, attempts, updated_at, coalesce(failure_kind, 0), coalesce(failure_message, ''),"
      " coalesce(key, ''), coalesce(final_url, ''), coalesce(etag, ''), coalesce(content_type, ''),"
      " coalesce(sha256, ''), coalesce(size_bytes, 0), width, height, coalesce(store_url, ''),"
      " coalesce(origin_etag, ''), coalesce(origin_last_modified, '')";

  KnownImage get() const;

  /// Takes every column of `kNames`.
  template <class Statement>
  Statement& into_from(Statement& statement) {
    statement, soci::into(id), soci::into(poll), soci::into(state), soci::into(attempts), soci::into(updated_at),
        soci::into(failure_kind), soci::into(failure_message), soci::into(facts.key), soci::into(facts.final_url),
        soci::into(facts.etag), soci::into(facts.content_type), soci::into(facts.sha256), soci::into(size_bytes),
        soci::into(width.value, width.set), soci::into(height.value, height.set), soci::into(facts.store_url),
        soci::into(facts.origin_etag), soci::into(facts.origin_last_modified);
    return statement;
  }

  long long id = 0;
  long long poll = 0;
  int state = 0;
  int attempts = 0;
  long long updated_at = 0;
  int failure_kind = 0;
  std::string failure_message;
  StoredFacts facts;
  long long size_bytes = 0;
  OptionalColumn<long long> width;
  OptionalColumn<long long> height;
};

}  // namespace creel
