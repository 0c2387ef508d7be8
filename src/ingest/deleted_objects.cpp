#include "ingest/deleted_objects.h"

#include <optional>
#include <string>

#include "catalog/image_repository.h"
#include "ingest/job_options.h"

namespace creel {
namespace {

/// Failures of one image after another that are no coincidence.
constexpr int kMostInSuccession = 5;

/// One call of `remove_deleted_objects`.
class Sweep {
 public:
  explicit Sweep(const DeletedObjectsParts& parts) : parts_(parts) {}

  Task<std::size_t> run() {
    std::string why;
    try {
      while (!is_away() && co_await remove_some()) {
      }
      if (failure_) why = failure_->what();
    } catch (const Failure& failure) {
      why = failure.what();
    }
    if (!why.empty()) {
      parts_.log->warn("objects of deleted images may be in the store still; looked for again: {}", why);
    }
    co_return queued_again_;
  }

 private:
  bool is_away() const { return in_succession_ >= kMostInSuccession; }

  /// False when there are no more.
  Task<bool> remove_some() {
    const auto query = removal_query(parts_.key_mode, parts_.clock.now(), parts_.lease);
    const auto removals =
        co_await parts_.catalog.write([&query](Repositories& catalog) { return catalog.images.take_removals(query); });
    std::vector<ObjectRemoval> done;
    for (const auto& removal : removals) {
      if (is_away() || parts_.clock.now() >= query.until) break;
      if (!removal.is_held_up && co_await remove(removal, query.until)) done.push_back(removal);
    }
    if (!done.empty()) {
      queued_again_ += co_await parts_.catalog.write([&](Repositories& catalog) {
        return catalog.images.finish_removals(done, parts_.clashes, parts_.clock.now());
      });
    }
    co_return !removals.empty();
  }

  /// True if there are none left. One that cannot be removed holds up no other.
  Task<bool> remove(const ObjectRemoval& removal, SystemTime until) {
    try {
      for (const auto& key : removal.keys) {
        // From then on the key may be the image's again.
        if (parts_.clock.now() >= until) co_return false;
        co_await parts_.store.remove(ObjectKey{key});
      }
      in_succession_ = 0;
      co_return true;
    } catch (const Failure& failure) {
      failure_ = failure;
      ++in_succession_;
    }
    co_return false;
  }

  const DeletedObjectsParts& parts_;
  std::optional<Failure> failure_;
  int in_succession_ = 0;
  std::size_t queued_again_ = 0;
};

}  // namespace

RemovalQuery removal_query(KeyMode mode, SystemTime now, SystemTime::duration lease) {
  // One at a time: those that were not come to stand before those that could not be removed.
  return {.now = now, .until = now + lease, .max_images = 1, .possible_keys = [mode](const FoundImage& image) {
            return possible_keys(image, mode);
          }};
}

Task<std::size_t> remove_deleted_objects(DeletedObjectsParts parts) {
  Sweep sweep(parts);
  co_return co_await sweep.run();
}

Task<void> remove_orphan(DeletedObjectsParts parts, ImageRow row, std::string key) {
  std::string why;
  try {
    const auto query = removal_query(parts.key_mode, parts.clock.now(), parts.lease);
    const bool is_ours = co_await parts.catalog.write(
        [&](Repositories& catalog) { return catalog.images.take_removal(row, key, query); });
    if (is_ours) co_await parts.store.remove(ObjectKey{key});
  } catch (const Failure& failure) {
    why = failure.what();
  }
  if (!why.empty()) {
    parts.log->warn("{}: the object of a deleted image is there still; it is tried again: {}",
                    parts.store.location(ObjectKey{key}), why);
  }
}

}  // namespace creel
