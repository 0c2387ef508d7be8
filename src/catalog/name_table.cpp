#include "catalog/name_table.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/clean_text.h"
#include "catalog/own_name.h"
#include "catalog/persisted_time.h"
#include "catalog/sql_array.h"
#include "catalog/statements.h"

namespace creel {
namespace {

/// On SQLite one key at a time, on a server, to which each is a message there and back, all at once.
std::string stored_under_statement(Dialect dialect) {
  return fmt::format(
      "select key, id, source_id, image_id, file_name, coalesce(sha256, '') from images"
      " where key = {} and state = 2 and queue_id = 0 order by stored_at, id",
      dialect == Dialect::sqlite ? ":key" : "any (cast(:key as text[]))");
}

constexpr const char* kRename = "update images set file_name = :file_name where id = :id and state = 1";

// What is known of the object is forgotten: it may be another's.
constexpr const char* kFetchAnew =
    "update images set state = 0, attempts = 0, next_attempt_at = 0, interrupted = 1, file_name = :file_name,"
    " key = null, store_url = null, etag = null, sha256 = null, size_bytes = null, stored_at = null, updated_at = :now"
    " where id = :id and state = 2";

// Two programs that record at one time do not see what the other has stored before it is committed. The locks are
// taken in one order by everybody, and are gone with the transaction.
constexpr const char* kLockKeys =
    "select count(pg_advisory_xact_lock(number)) from"
    " (select distinct hashtextextended(key, 0) as number from unnest(cast(:keys as text[])) as key"
    " order by number) as numbers";

std::string array_of(const std::vector<std::string>& texts) {
  SqlArray array;
  for (const auto& text : texts) array.add(text);
  array.close();
  return array.text();
}

/// Of an image that was deleted meanwhile, lets nobody remove the object.
void keep_object(ImageRow row, Recorded& recorded) {
  if (std::erase(recorded.deleted, row) > 0) recorded.deleted_in_use.push_back(row);
}

bool has_any(const std::set<std::string>& set, const std::vector<std::string>& keys) {
  return std::ranges::any_of(keys, [&set](const auto& key) { return set.contains(key); });
}

}  // namespace

/// An image that is stored.
struct NameTable::Stored {
  long long id = 0;
  SourceId source{};
  std::string image_id;
  std::string file_name;
  std::string sha256;

  bool has_own_name() const { return own_name(file_name, source, image_id) == file_name; }
};

/// An outcome that is being recorded.
struct NameTable::Put {
  long long id = 0;
  std::string sha256;
  /// False if the object that was there was kept.
  bool has_written = false;
  /// The object that was there and was kept has other bytes.
  bool is_mistaken = false;
  bool is_deleted = false;
};

struct NameTable::Statements {
  Statements(soci::session& session_in, Dialect dialect)
      : session(session_in),
        stored((session.prepare << stored_under_statement(dialect), soci::use(wanted, "key"), soci::into(key),
                soci::into(id), soci::into(source), soci::into(image_id), soci::into(file_name), soci::into(sha256))),
        rename((session.prepare << kRename, soci::use(file_name, "file_name"), soci::use(id, "id"))),
        fetch_anew((session.prepare << kFetchAnew, soci::use(file_name, "file_name"), soci::use(now, "now"),
                    soci::use(id, "id"))) {}

  soci::session& session;
  /// A key, or an array of them.
  std::string wanted;
  std::string key;
  long long id = 0;
  long long source = 0;
  std::string image_id;
  std::string file_name;
  std::string sha256;
  long long now = 0;
  soci::statement stored;
  soci::statement rename;
  soci::statement fetch_anew;
};

NameTable::NameTable(soci::session& session, Dialect dialect)
    : dialect_(dialect), statements_(std::make_unique<Statements>(session, dialect)) {}
NameTable::~NameTable() = default;

void NameTable::keep_apart(std::vector<LeasedImage>& images, const PossibleKeys& possible_keys,
                           const std::set<std::string>& doomed, SystemTime now) {
  statements_->now = persisted(now);
  std::set<std::pair<std::string, std::string>> names;
  std::vector<std::vector<std::string>> keys_of(images.size());
  std::vector<std::string> all_keys;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& image = images[i].image;
    const bool is_first = names.emplace(image.folder, image.file_name).second;
    const bool has_id =
        is_first && (image.file_name == image.image_id || image.file_name == default_name(image.image_id, image.url));
    if (has_id && doomed.empty()) continue;
    keys_of[i] = possible_keys(image);
    if (has_id && !has_any(doomed, keys_of[i])) keys_of[i].clear();
    all_keys.insert(all_keys.end(), keys_of[i].begin(), keys_of[i].end());
  }
  if (all_keys.empty()) return;

  const auto stored = stored_under(all_keys);
  names.clear();
  for (std::size_t i = 0; i < images.size(); ++i) {
    auto& image = images[i];
    bool is_free = names.emplace(image.image.folder, image.image.file_name).second && !has_any(doomed, keys_of[i]);
    for (const auto& key : keys_of[i]) {
      const auto others = stored.find(key);
      if (others == stored.end()) continue;
      is_free = false;
      // It may have replaced the object of another before its last lease was lost.
      if (!image.interrupted) continue;
      for (const auto& other : others->second) fetch_anew(other, other.file_name);
    }
    if (!is_free) rename(image);
  }
}

void NameTable::rename(LeasedImage& image) {
  auto& sql = *statements_;
  image.image.file_name = own_name(image.image.file_name, image.source, image.image.image_id);
  sql.file_name = image.image.file_name;
  sql.id = static_cast<long long>(image.row);
  change_rows(sql.rename);
}

void NameTable::fetch_anew(const Stored& image, const std::string& file_name) {
  auto& sql = *statements_;
  sql.file_name = file_name;
  sql.id = image.id;
  change_rows(sql.fetch_anew);
}

NameTable::StoredByKey NameTable::stored_under(const std::vector<std::string>& keys) {
  StoredByKey images;
  if (keys.empty()) return images;
  auto& sql = *statements_;
  const auto look = [&] {
    for (bool row = sql.stored.execute(true); row; row = sql.stored.fetch()) {
      images[sql.key].push_back({.id = sql.id,
                                 .source = SourceId{sql.source},
                                 .image_id = sql.image_id,
                                 .file_name = sql.file_name,
                                 .sha256 = sql.sha256});
    }
  };
  if (dialect_ == Dialect::postgresql) {
    sql.wanted = array_of(keys);
    look();
    return images;
  }
  for (const auto& key : keys) {
    if (images.contains(key)) continue;
    sql.wanted = key;
    look();
  }
  return images;
}

void NameTable::settle(std::span<const LeaseOutcome> outcomes, Recorded& recorded, KeyClashes how, SystemTime now) {
  statements_->now = persisted(now);
  std::map<std::string, std::vector<Put>> puts;
  for (const auto& outcome : outcomes) {
    const auto* facts = std::get_if<StoredFacts>(&outcome.result);
    if (facts == nullptr) continue;
    auto key = facts->key;
    clean(key);
    puts[std::move(key)].push_back(
        {.id = static_cast<long long>(outcome.row),
         .sha256 = facts->sha256,
         .has_written = !outcome.object_was_kept,
         .is_mistaken = outcome.object_is_another,
         .is_deleted = std::ranges::find(recorded.deleted, outcome.row) != recorded.deleted.end()});
  }
  std::vector<std::string> keys;
  for (const auto& [key, all] : puts) {
    keys.push_back(key);
    for (const auto& put : all) {
      // What is there was put by somebody else.
      if (put.is_mistaken) keep_object(ImageRow{put.id}, recorded);
    }
  }
  if (dialect_ == Dialect::postgresql) lock_keys(keys);
  for (const auto& [key, images] : stored_under(keys)) settle_key(images, puts.at(key), how, recorded);
}

/// Those of `images` that may be what is there. The others get a name of their own; with that, what is there is their own.
std::vector<NameTable::Stored> NameTable::without_mistaken(const std::vector<Stored>& images,
                                                           const std::vector<Put>& puts, Recorded& recorded) {
  std::vector<Stored> others;
  for (const auto& image : images) {
    const auto put = std::ranges::find(puts, image.id, &Put::id);
    if (put == puts.end() || !put->is_mistaken || image.has_own_name()) {
      others.push_back(image);
      continue;
    }
    fetch_anew(image, own_name(image.file_name, image.source, image.image_id));
    recorded.queued_again.push_back(ImageRow{image.id});
  }
  return others;
}

/// The one that may keep its name. Where puts keep what is there, the object is that of the one that wrote it. Else it is
/// any of those that wrote: the one that was stored first stays, unless another has a name of its own already.
const NameTable::Stored& NameTable::keeper_of(const std::vector<Stored>& images, const std::vector<Put>& puts,
                                              KeyClashes how) {
  const auto has_written = [&](const Stored& image) {
    return std::ranges::any_of(puts, [&](const Put& put) { return put.id == image.id && put.has_written; });
  };
  const auto keeper = how == KeyClashes::settled_where_puts_keep ? std::ranges::find_if(images, has_written)
                                                                 : std::ranges::find_if(images, &Stored::has_own_name);
  return keeper == images.end() ? images.front() : *keeper;
}

/// @param all  those that are stored under the key of `puts`, the first one first
void NameTable::settle_key(const std::vector<Stored>& all, const std::vector<Put>& puts, KeyClashes how,
                           Recorded& recorded) {
  const auto images = without_mistaken(all, puts, recorded);
  if (images.empty()) return;
  const auto& keeper = keeper_of(images, puts, how);
  bool is_overwritten = false;
  bool is_overwritten_by_deleted = false;
  for (const auto& put : puts) {
    if (!put.has_written || put.sha256 == keeper.sha256) continue;
    // One that keeps its key would replace what is put there again.
    const auto image = std::ranges::find(images, put.id, &Stored::id);
    if (image != images.end() && image->has_own_name()) continue;
    is_overwritten = true;
    is_overwritten_by_deleted = is_overwritten_by_deleted || put.is_deleted;
  }
  // One that was recorded before may have been put later.
  const auto is_new = [&](const Stored& image) { return std::ranges::find(puts, image.id, &Put::id) != puts.end(); };
  if (how == KeyClashes::settled_where_puts_replace && is_new(keeper)) {
    is_overwritten = is_overwritten || std::ranges::any_of(images, [&](const Stored& image) {
                       return !is_new(image) && image.sha256 != keeper.sha256;
                     });
  }
  for (const auto& image : images) {
    const bool is_same = image.sha256 == keeper.sha256;
    if (is_same ? !is_overwritten : image.has_own_name()) continue;
    fetch_anew(image, is_same ? image.file_name : own_name(image.file_name, image.source, image.image_id));
    recorded.queued_again.push_back(ImageRow{image.id});
  }
  if (!is_overwritten_by_deleted) return;
  // The keeper puts its object there again; to remove it meanwhile would be to remove that.
  for (const auto& put : puts) keep_object(ImageRow{put.id}, recorded);
}

std::size_t NameTable::fetch_anew(const std::vector<std::string>& keys, SystemTime now) {
  statements_->now = persisted(now);
  std::size_t count = 0;
  for (const auto& [key, images] : stored_under(keys)) {
    for (const auto& image : images) fetch_anew(image, image.file_name);
    count += images.size();
  }
  return count;
}

void NameTable::lock_keys(const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  const auto array = array_of(keys);
  long long locks = 0;
  statements_->session << kLockKeys, soci::use(array, "keys"), soci::into(locks);
}

}  // namespace creel
