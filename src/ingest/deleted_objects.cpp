#include "ingest/deleted_objects.h"

#include <optional>
#include <span>
#include <string>

#include "catalog/image_library.h"
#include "catalog/image_repository.h"
#include "ingest/job_options.h"

namespace creel {
namespace {

constexpr std::size_t kAtOnce = 200;

struct Doubtful {
  ImageRow row{};
  /// Those that no other image has.
  std::vector<std::string> keys;
};

std::vector<Doubtful> look_up(Repositories& catalog, KeyMode mode, SystemTime now) {
  std::vector<Doubtful> all;
  for (const auto& deletion : catalog.images.cut_off_deletions(now, kAtOnce)) {
    Doubtful doubtful{.row = deletion.row, .keys = possible_keys(deletion.image, mode)};
    const auto in_use = catalog.library.keys_in_use(doubtful.keys, std::span(&deletion.row, 1));
    for (const auto& key : in_use) std::erase(doubtful.keys, key);
    all.push_back(std::move(doubtful));
  }
  return all;
}

/// False when there are no more.
Task<bool> remove_some(const DeletedObjectsParts& parts) {
  const auto images = co_await parts.catalog.read(
      [&parts](Repositories& catalog) { return look_up(catalog, parts.key_mode, parts.clock.now()); });
  if (images.empty()) co_return false;
  std::vector<ImageRow> done;
  std::optional<Failure> failure;
  for (const auto& image : images) {
    try {
      for (const auto& key : image.keys) co_await parts.store.remove(ObjectKey{key});
      done.push_back(image.row);
    } catch (const Failure& failed) {
      failure = failed;
      break;
    }
  }
  if (!done.empty()) {
    co_await parts.catalog.write([&done](Repositories& catalog) { catalog.images.forget_deletions(done); });
  }
  if (failure) throw Failure(*failure);
  co_return images.size() == kAtOnce;
}

}  // namespace

Task<void> remove_deleted_objects(DeletedObjectsParts parts) {
  std::string why;
  try {
    while (co_await remove_some(parts)) {
    }
  } catch (const Failure& failure) {
    why = failure.what();
  }
  if (!why.empty()) parts.log->warn("objects of deleted images may be in the store still; looked for again: {}", why);
}

}  // namespace creel
