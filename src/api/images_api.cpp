#include "api/images_api.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "api/image_deletion.h"
#include "api/image_json.h"
#include "api/image_query.h"
#include "api/json_body.h"
#include "api/json_text.h"
#include "api/record_json.h"
#include "api/run_on.h"
#include "catalog/catalog_service.h"
#include "sources/record_intake.h"
#include "sources/scheduler.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::size_t kMostAtOnce = 1000;
constexpr std::size_t kUsualImageBytes = 1100;

std::string page_json(const ImagePage& page) {
  std::string text;
  text.reserve((page.images.size() + 1) * kUsualImageBytes);
  text += R"({"items":[)";
  for (std::size_t i = 0; i < page.images.size(); ++i) {
    if (i > 0) text += ',';
    append_image_json(text, page.images[i]);
  }
  text += R"(],"next_cursor":)";
  if (page.next_cursor.empty()) {
    text += "null";
  } else {
    append_json_string(text, page.next_cursor);
  }
  text += '}';
  return text;
}

/// A page as text, made on the reader's thread.
std::string page_text(Repositories& catalog, const ImageQuery& query) {
  try {
    return page_json(catalog.library.page(query));
  } catch (const Failure& failure) {
    if (failure.kind() != FailureKind::bad_request) throw;
    throw Problem(ProblemKind::invalid_request, failure.what(), {{"/query/cursor", failure.what()}});
  }
}

Problem no_image(std::int64_t id) {
  return {ProblemKind::not_found, fmt::format("there is no image {}", id)};
}

std::vector<ImageRow> read_ids(FieldReader& fields) {
  std::vector<ImageRow> ids;
  const auto* list = fields.array("ids");
  if (list == nullptr) {
    if (!fields.has("ids") || fields.is_null("ids")) fields.refuse("ids", "is missing");
    return ids;
  }
  if (list->size() > kMostAtOnce) fields.refuse("ids", fmt::format("has more than {} members", kMostAtOnce));
  for (const auto& value : *list) {
    boost::system::error_code error;
    const auto id = value.is_number() ? value.to_number<std::int64_t>(error) : 0;
    if (!value.is_number() || error || id < 1) {
      fields.refuse("ids", "must hold the numbers of images");
      break;
    }
    ids.push_back(ImageRow{id});
  }
  return ids;
}

Scheduler::NewImage read_new_image(FieldReader& fields) {
  Scheduler::NewImage image{.record = read_record(fields)};
  const auto source = fields.integer("source", 1, std::numeric_limits<std::int64_t>::max());
  if (source) image.source = SourceId{*source};
  return image;
}

/// The images of a request that adds many; all that is wrong with them is one answer.
std::vector<Scheduler::NewImage> read_new_images(FieldReader& fields) {
  std::vector<Scheduler::NewImage> images;
  std::vector<ProblemError> errors;
  const auto* list = fields.array("images");
  const auto count = list == nullptr ? 0 : list->size();
  if (list != nullptr ? count == 0 : fields.is_null("images")) fields.refuse("images", "must not be empty");
  if (count > kMostAtOnce) fields.refuse("images", fmt::format("has more than {} members", kMostAtOnce));
  for (std::size_t i = 0; i < std::min(count, kMostAtOnce); ++i) {
    const auto pointer = fmt::format("/images/{}", i);
    const auto* object = (*list)[i].if_object();
    if (object == nullptr) {
      errors.push_back({pointer, "must be an object"});
      continue;
    }
    FieldReader members(*object, pointer);
    images.push_back(read_new_image(members));
    std::ranges::move(members.errors(), std::back_inserter(errors));
  }
  std::ranges::move(fields.errors(), std::back_inserter(errors));
  refuse_if_any(std::move(errors));
  return images;
}

struct AddedImage {
  std::string image_url;
  Scheduler::Added added;
  std::optional<ImageState> state;
};

std::string added_json(const AddedImage& image) {
  std::string text;
  JsonObjectText object(text);
  const auto& row = image.added.row;
  object.add("image_url", image.image_url)
      .add("id", row ? std::optional(static_cast<std::int64_t>(*row)) : std::nullopt)
      .add("state", image.state ? std::optional(to_string(*image.state)) : std::nullopt)
      .add("added", row.has_value() && image.added.is_new);
  if (const auto& refused = image.added.refused) {
    std::string error;
    JsonObjectText(error)
        .add("kind", to_string(refused->kind()))
        .add("message", std::string_view(refused->what()))
        .close();
    object.add_raw("error", error);
  } else {
    object.add_null("error");
  }
  object.close();
  return text;
}

Task<std::vector<Scheduler::Added>> add_to_catalog(const ApiParts& parts, std::vector<Scheduler::NewImage> images) {
  co_return co_await run_on(parts.scheduler_executor,
                            [&parts, &images] { return parts.scheduler.add_images(std::move(images)); });
}

std::vector<std::optional<ImageState>> states_of(Repositories& catalog, const std::vector<Scheduler::Added>& added) {
  std::vector<std::optional<ImageState>> states;
  for (const auto& one : added) {
    const auto image = one.row ? catalog.library.find(*one.row) : std::nullopt;
    states.push_back(image ? std::optional(image->state) : std::nullopt);
  }
  return states;
}

Task<HttpReply> add_one(const ApiParts& parts, Scheduler::NewImage new_image) {
  const auto added = co_await add_to_catalog(parts, {new_image});
  const auto& one = added.at(0);
  if (one.refused) {
    const auto member = one.refused->kind() == FailureKind::not_found ? "source" : refused_member(new_image.record);
    throw Problem(ProblemKind::invalid_request, one.refused->what(),
                  {{fmt::format("/{}", member), one.refused->what()}});
  }
  const auto row = one.row.value();
  const auto image = co_await parts.catalog.read([row](Repositories& catalog) { return catalog.library.find(row); });
  if (!image) throw no_image(static_cast<std::int64_t>(row));
  auto reply = json_reply(one.is_new ? 201 : 200, image_json(*image));
  reply.headers.add("Location", fmt::format("/images/{}", static_cast<std::int64_t>(row)));
  co_return reply;
}

Task<HttpReply> add_many(const ApiParts& parts, std::vector<Scheduler::NewImage> images) {
  std::vector<std::string> urls;
  urls.reserve(images.size());
  for (const auto& image : images) urls.push_back(image.record.image_url);
  const auto added = co_await add_to_catalog(parts, std::move(images));
  const auto states =
      co_await parts.catalog.read([&added](Repositories& catalog) { return states_of(catalog, added); });
  std::string text = R"({"items":[)";
  for (std::size_t i = 0; i < added.size(); ++i) {
    if (i > 0) text += ',';
    text += added_json({.image_url = urls.at(i), .added = added[i], .state = states.at(i)});
  }
  text += R"(],"next_cursor":null})";
  co_return json_reply(200, std::move(text));
}

/// What kept images from being deleted, for the client.
Problem not_deleted(const Deletion& deletion) {
  const auto kind =
      deletion.failure->kind() == FailureKind::store_throttled ? ProblemKind::unavailable : ProblemKind::bad_gateway;
  return {kind, fmt::format("the store did not let the object go ({}); {} deleted, the others are as they were",
                            deletion.failure->what(), deletion.deleted)};
}

}  // namespace

Task<HttpReply> ImagesApi::list(ApiCall call) {
  const auto query = image_query(call.query());
  auto& catalog = parts_.catalog;
  const auto text = co_await pages_.get(std::string(call.http().query()), [&catalog, query] {
    return catalog.read([query](Repositories& repositories) { return page_text(repositories, query); });
  });
  co_return json_reply(200, *text);
}

Task<HttpReply> ImagesApi::get(ApiCall call) {
  const auto id = call.path_number();
  const auto image =
      co_await parts_.catalog.read([id](Repositories& catalog) { return catalog.library.find(ImageRow{id}); });
  if (!image) throw no_image(id);
  co_return json_reply(200, image_json(*image));
}

Task<HttpReply> ImagesApi::add(ApiCall call) {
  const auto body = co_await read_json_object(call);
  FieldReader fields(body);
  if (fields.has("images")) co_return co_await add_many(parts_, read_new_images(fields));
  auto image = read_new_image(fields);
  fields.finish();
  co_return co_await add_one(parts_, std::move(image));
}

Task<HttpReply> ImagesApi::remove(ApiCall call) {
  const auto id = call.path_number();
  const auto image =
      co_await parts_.catalog.read([id](Repositories& catalog) { return catalog.library.find(ImageRow{id}); });
  if (!image) throw no_image(id);
  const auto turn = co_await deletions_.acquire();
  const auto deletion = co_await delete_images(parts_, {ImageRow{id}});
  if (deletion.failure) throw not_deleted(deletion);
  co_return HttpReply{.status = 204};
}

Task<HttpReply> ImagesApi::remove_many(ApiCall call) {
  const auto body = co_await read_json_object(call);
  FieldReader fields(body);
  auto ids = read_ids(fields);
  fields.finish();
  const auto turn = co_await deletions_.acquire();
  const auto deletion = co_await delete_images(parts_, std::move(ids));
  if (deletion.failure) throw not_deleted(deletion);
  std::string text;
  JsonObjectText(text).add("deleted", deletion.deleted).close();
  co_return json_reply(200, std::move(text));
}

Task<HttpReply> ImagesApi::retry(ApiCall call) {
  const auto id = call.path_number();
  const auto now = parts_.clock.now();
  struct Result {
    std::uint64_t retried = 0;
    std::optional<ImageDetails> image;
  };
  const auto result = co_await parts_.catalog.write([id, now](Repositories& catalog) {
    const ImageRow row{id};
    Result retried;
    retried.retried = catalog.library.retry(std::span(&row, 1), now);
    retried.image = catalog.library.find(row);
    return retried;
  });
  if (!result.image) throw no_image(id);
  if (result.retried == 0) {
    throw Problem(ProblemKind::conflict, fmt::format("image {} is {}; only one that failed can be tried again", id,
                                                     to_string(result.image->state)));
  }
  parts_.images_queued();
  co_return json_reply(202, image_json(*result.image));
}

Task<HttpReply> ImagesApi::retry_many(ApiCall call) {
  const auto body = co_await read_json_object(call);
  FieldReader fields(body);
  if (fields.has("ids")) {
    auto ids = read_ids(fields);
    fields.finish();
    co_return co_await retry_where(
        [ids = std::move(ids)](ImageLibrary& library, SystemTime now) { return library.retry(ids, now); });
  }
  ImageFilter filter;
  if (const auto kind = fields.text("failure_kind")) {
    filter.failure_kind = failure_kind(*kind);
    if (!filter.failure_kind)
      fields.refuse("failure_kind", fmt::format("must be one of {}", fmt::join(failure_kind_names(), ", ")));
  }
  if (const auto source = fields.integer("source", 1)) filter.source = SourceId{*source};
  fields.finish();
  co_return co_await retry_where(
      [filter](ImageLibrary& library, SystemTime now) { return library.retry_all(filter, now); });
}

Task<HttpReply> ImagesApi::retry_where(Retry retry) {
  const auto now = parts_.clock.now();
  const auto retried =
      co_await parts_.catalog.write([&retry, now](Repositories& catalog) { return retry(catalog.library, now); });
  if (retried > 0) parts_.images_queued();
  std::string text;
  JsonObjectText(text).add("retried", retried).close();
  co_return json_reply(202, std::move(text));
}

}  // namespace creel
