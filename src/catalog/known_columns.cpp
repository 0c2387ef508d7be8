#include "catalog/known_columns.h"

namespace creel {

KnownImage KnownColumns::get() const {
  KnownImage known{.row = ImageRow{id},
                   .poll = PollId{poll},
                   .state = static_cast<ImageState>(state),
                   .attempts = attempts,
                   .failure = {creel::failure_kind(failure_kind).value_or(FailureKind::internal), failure_message},
                   .stored = facts,
                   .updated_at = from_persisted(updated_at)};
  known.stored.size_bytes = static_cast<std::uint64_t>(size_bytes);
  known.stored.width = width.get<std::uint32_t>();
  known.stored.height = height.get<std::uint32_t>();
  return known;
}

}  // namespace creel
