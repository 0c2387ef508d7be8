#include "catalog/bulk_intake.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/found_columns.h"
#include "catalog/known_columns.h"
#include "catalog/persisted_time.h"
#include "catalog/sql_array.h"
#include "catalog/statements.h"

namespace creel {
namespace {

// The first number, "see" in ASCII, tells this use of such locks from others.
constexpr const char* kLockSource = "select 1 from pg_advisory_xact_lock(7562597, cast(:source as integer))";

std::string add_images() {
  return fmt::format(
      "insert into images (source_id, image_id, last_poll_id, queue_id, host_id, state, found_at, updated_at, {0})"
      " select cast(:source as bigint), image_id, cast(:poll as bigint), cast(:queue as bigint), host_id, 0,"
      " cast(:now as bigint), cast(:now as bigint), {0}"
      " from unnest(cast(:image_ids as text[]), cast(:hosts as bigint[]), cast(:url as text[]),"
      " cast(:folder as text[]), cast(:file as text[]), cast(:headers as text[]), cast(:meta as text[]),"
      " cast(:title as text[]), cast(:description as text[]), cast(:attribution_id as text[]),"
      " cast(:attribution_name as text[]), cast(:attribution_url as text[]), cast(:page_url as text[]),"
      " cast(:type as text[]), cast(:width as bigint[]), cast(:height as bigint[]), cast(:nsfw as smallint[]),"
      " cast(:published as bigint[])) with ordinality as listed (image_id, host_id, {0}, place)"
      " order by place on conflict (source_id, image_id) do nothing returning image_id, id",
      FoundColumns::kNames);
}

std::string known_images() {
  return fmt::format(
      "select image_id, {} from images where source_id = :source and image_id = any(cast(:image_ids as text[]))",
      KnownColumns::kNames);
}

}  // namespace

/// The columns of many images.
struct BulkIntake::Arrays {
  template <class Take>
  void for_each(Take take) {
    for (auto* array :
         {&image_ids, &hosts, &url, &folder, &file_name, &fetch_headers, &meta, &title, &description, &attribution_id,
          &attribution_name, &attribution_url, &page_url, &type, &width, &height, &nsfw, &published_at}) {
      take(*array);
    }
  }

  void put(FoundImages images, HostTable& known_hosts) {
    for_each([](SqlArray& array) { array.clear(); });
    for (const auto* image : images) {
      image_ids.add(image->image_id);
      hosts.add(static_cast<long long>(known_hosts.id(image->host)));
      url.add(image->url);
      folder.add(image->folder);
      file_name.add(image->file_name);
      fetch_headers.add(image->fetch_headers);
      meta.add(image->meta);
      title.add(image->title);
      description.add(image->description);
      attribution_id.add(image->attribution_id);
      attribution_name.add(image->attribution_name);
      attribution_url.add(image->attribution_url);
      page_url.add(image->page_url);
      type.add(image->type);
      width.add(image->width);
      height.add(image->height);
      nsfw.add(image->nsfw);
      published_at.add(image->published_at);
    }
    for_each([](SqlArray& array) { array.close(); });
  }

  void put_ids(FoundImages images) {
    image_ids.clear();
    for (const auto* image : images) image_ids.add(image->image_id);
    image_ids.close();
  }

  SqlArray image_ids;
  SqlArray hosts;
  SqlArray url;
  SqlArray folder;
  SqlArray file_name;
  SqlArray fetch_headers;
  SqlArray meta;
  SqlArray title;
  SqlArray description;
  SqlArray attribution_id;
  SqlArray attribution_name;
  SqlArray attribution_url;
  SqlArray page_url;
  SqlArray type;
  SqlArray width;
  SqlArray height;
  SqlArray nsfw;
  SqlArray published_at;
};

struct BulkIntake::Statements {
  explicit Statements(soci::session& session)
      : lock_source((session.prepare << kLockSource, soci::into(one), soci::use(source, "source"))),
        add(prepare_add(session)),
        known(prepare_known(session)) {}

  soci::statement prepare_add(soci::session& session) {
    auto prepared = session.prepare << add_images();
    prepared, soci::into(image_id), soci::into(id), soci::use(source, "source"), soci::use(poll, "poll"),
        soci::use(queue, "queue"), soci::use(now, "now"), soci::use(in.image_ids.text(), "image_ids"),
        soci::use(in.hosts.text(), "hosts"), soci::use(in.url.text(), "url"), soci::use(in.folder.text(), "folder"),
        soci::use(in.file_name.text(), "file"), soci::use(in.fetch_headers.text(), "headers"),
        soci::use(in.meta.text(), "meta"), soci::use(in.title.text(), "title"),
        soci::use(in.description.text(), "description"), soci::use(in.attribution_id.text(), "attribution_id"),
        soci::use(in.attribution_name.text(), "attribution_name"),
        soci::use(in.attribution_url.text(), "attribution_url"), soci::use(in.page_url.text(), "page_url"),
        soci::use(in.type.text(), "type"), soci::use(in.width.text(), "width"), soci::use(in.height.text(), "height"),
        soci::use(in.nsfw.text(), "nsfw"), soci::use(in.published_at.text(), "published");
    return soci::statement(prepared);
  }

  soci::statement prepare_known(soci::session& session) {
    auto prepared = session.prepare << known_images();
    prepared, soci::into(image_id), soci::use(source, "source"), soci::use(in.image_ids.text(), "image_ids");
    return columns.into_from(prepared);
  }

  void put(const Intake& intake) {
    source = static_cast<long long>(intake.source);
    poll = static_cast<long long>(intake.poll);
    queue = static_cast<long long>(intake.queue);
    now = persisted(intake.now);
  }

  long long source = 0;
  long long poll = 0;
  long long queue = 0;
  long long now = 0;
  Arrays in;
  int one = 0;
  std::string image_id;
  long long id = 0;
  KnownColumns columns;
  soci::statement lock_source;
  soci::statement add;
  soci::statement known;
};

BulkIntake::BulkIntake(soci::session& session, HostTable& hosts)
    : SingleIntake(session, hosts), hosts_(hosts), statements_(std::make_unique<Statements>(session)) {}
BulkIntake::~BulkIntake() = default;

void BulkIntake::begin(const Intake& intake, std::span<const FoundImage> images) {
  statements_->put(intake);
  query_row(statements_->lock_source);
  std::vector<std::string> names;
  for (const auto& image : images) names.push_back(image.host);
  hosts_.add_all(std::move(names));
}

std::vector<std::optional<ImageRow>> BulkIntake::add(const Intake& intake, FoundImages images) {
  auto& sql = *statements_;
  sql.put(intake);
  sql.in.put(images, hosts_);
  std::unordered_map<std::string, ImageRow> added;
  for (bool row = sql.add.execute(true); row; row = sql.add.fetch()) added.emplace(sql.image_id, ImageRow{sql.id});
  std::vector<std::optional<ImageRow>> rows;
  rows.reserve(images.size());
  for (const auto* image : images) {
    const auto found = added.find(image->image_id);
    rows.push_back(found == added.end() ? std::nullopt : std::optional(found->second));
  }
  return rows;
}

std::vector<KnownImage> BulkIntake::known(const Intake& intake, FoundImages images) {
  auto& sql = *statements_;
  sql.put(intake);
  sql.in.put_ids(images);
  std::unordered_map<std::string, KnownImage> by_id;
  for (bool row = sql.known.execute(true); row; row = sql.known.fetch()) {
    by_id.emplace(sql.image_id, sql.columns.get());
  }
  std::vector<KnownImage> all;
  all.reserve(images.size());
  for (const auto* image : images) all.push_back(by_id.at(image->image_id));
  return all;
}

}  // namespace creel
