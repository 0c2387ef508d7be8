#include "api/image_deletion.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/wakeup.h"
#include "catalog/catalog_service.h"
#include "store/object_store.h"

namespace creel {
namespace {

/// Objects that are removed at a time.
constexpr std::size_t kAtOnce = 16;

using ImagesByKey = std::map<std::string, std::vector<ImageRow>>;

struct ToDelete {
  /// Those without an object of their own.
  std::vector<ImageRow> rows;
  /// Those whose object goes with them.
  ImagesByKey by_key;
};

ToDelete look_up(Repositories& catalog, const std::vector<ImageRow>& ids) {
  ToDelete found;
  for (const auto id : ids) {
    const auto image = catalog.library.find(id);
    if (!image || image->state == ImageState::deleted) continue;
    if (image->state == ImageState::stored && image->key) {
      found.by_key[*image->key].push_back(id);
    } else {
      found.rows.push_back(id);
    }
  }
  std::vector<std::string> keys;
  for (const auto& [key, rows] : found.by_key) keys.push_back(key);
  for (const auto& key : catalog.library.keys_in_use(keys, ids)) {
    const auto shared = found.by_key.extract(key);
    if (!shared.empty()) found.rows.insert(found.rows.end(), shared.mapped().begin(), shared.mapped().end());
  }
  return found;
}

/// Removes objects, some at a time, and notes whose are gone.
class Removal {
 public:
  Removal(ObjectStore& store, const ImagesByKey& objects)
      : store_(store), next_(objects.begin()), end_(objects.end()) {}

  Task<void> run() {
    done_ = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
    const auto executor = co_await boost::asio::this_coro::executor;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      ++workers_;
      boost::asio::co_spawn(executor, work(), [this](const std::exception_ptr& error) {
        if (error && !error_) error_ = error;
        if (--workers_ == 0) done_->notify();
      });
    }
    co_await done_->wait();
    if (error_) std::rethrow_exception(error_);
  }

  std::vector<ImageRow> gone;
  std::optional<Failure> failure;

 private:
  Task<void> work() {
    // After a failure the rest stays: a store that is away fails a thousand times as it fails once.
    while (next_ != end_ && !failure) {
      const auto& [key, rows] = *next_++;
      try {
        co_await store_.remove(ObjectKey{key});
        gone.insert(gone.end(), rows.begin(), rows.end());
      } catch (const Failure& failed) {
        failure = failed;
      }
    }
  }

  ObjectStore& store_;
  ImagesByKey::const_iterator next_;
  ImagesByKey::const_iterator end_;
  std::size_t workers_ = 0;
  std::shared_ptr<Wakeup> done_;
  std::exception_ptr error_;
};

/// Images that came to be stored between the look and the removal of their rows have objects that nobody has removed.
Task<void> remove_late_objects(const ApiParts& parts, const std::vector<ImageDetails>& removed,
                               const std::vector<ImageRow>& gone) {
  ImagesByKey late;
  std::vector<std::string> keys;
  std::vector<ImageRow> rows;
  for (const auto& image : removed) {
    if (image.state != ImageState::stored || !image.key || std::ranges::find(gone, image.id) != gone.end()) continue;
    late[*image.key].push_back(image.id);
    keys.push_back(*image.key);
    rows.push_back(image.id);
  }
  if (late.empty()) co_return;
  const auto in_use =
      co_await parts.catalog.read([&](Repositories& catalog) { return catalog.library.keys_in_use(keys, rows); });
  for (const auto& key : in_use) late.erase(key);
  Removal removal(parts.content, late);
  co_await removal.run();
  if (removal.failure) parts.log->warn("objects of deleted images stay in the store: {}", removal.failure->what());
}

Task<Deletion> delete_uncut(const ApiParts& parts, std::vector<ImageRow> ids) {
  // An object whose row cannot follow had better stay.
  if (const auto trouble = parts.catalog.write_trouble()) throw CatalogUnavailable(*trouble);
  const auto found = co_await parts.catalog.read([&](Repositories& catalog) { return look_up(catalog, ids); });
  Removal removal(parts.content, found.by_key);
  co_await removal.run();
  auto rows = found.rows;
  rows.insert(rows.end(), removal.gone.begin(), removal.gone.end());
  Deletion deletion;
  deletion.failure = removal.failure;
  if (!rows.empty()) {
    const auto now = parts.clock.now();
    const auto removed =
        co_await parts.catalog.write([&](Repositories& catalog) { return catalog.library.remove(rows, now); });
    deletion.deleted = removed.size();
    co_await remove_late_objects(parts, removed, removal.gone);
  }
  co_return deletion;
}

}  // namespace

Task<Deletion> delete_images(const ApiParts& parts, std::vector<ImageRow> ids) {
  // Once objects are being removed, their rows must follow, though the server may be stopping.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  Deletion deletion;
  std::exception_ptr failure;
  try {
    deletion = co_await delete_uncut(parts, std::move(ids));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
  if (failure) std::rethrow_exception(failure);
  co_return deletion;
}

}  // namespace creel
