#include <utility>

#include <fmt/format.h>

#include "api/image_query.h"
#include "api/images_api.h"

namespace creel {
namespace {

constexpr auto kTag = "images";

std::string reference(std::string_view schema) {
  return fmt::format(R"({{"$ref":"#/components/schemas/{}"}})", schema);
}

constexpr auto kNewImageOrImages =
    R"({"oneOf":[{"$ref":"#/components/schemas/NewImage"},{"$ref":"#/components/schemas/NewImages"}]})";
constexpr std::string_view kRetry = R"({"oneOf":[
  {"type":"null"},
  {"type":"object","additionalProperties":false,"properties":{
    "failure_kind":{"oneOf":[{"$ref":"#/components/schemas/FailureKind"},{"type":"null"}]},
    "source":{"type":["integer","null"],"minimum":1,"maximum":9223372036854775807}}},
  {"type":"object","additionalProperties":false,"required":["ids"],"properties":{
    "ids":{"type":"array","maxItems":1000,"items":{"type":"integer","minimum":1,"maximum":9223372036854775807}}}}]})";
constexpr std::size_t kMaxAddBytes = std::size_t{16} << 20;

}  // namespace

void ImagesApi::add_routes(Router& router) {
  add_reading(router);
  add_adding(router);
  add_deleting(router);
  add_retrying(router);
}

void ImagesApi::add_reading(Router& router) {
  router.add({.method = "GET",
              .path = "/images",
              .name = "list_images",
              .tag = kTag,
              .summary = "Images, page by page",
              .help = "Filters may be combined. A cursor belongs to its filters and order.",
              .query = image_page_parameters(),
              .answers = {{.help = "a page", .schema = reference("ImagePage")}},
              .handler = [this](ApiCall call) { return list(std::move(call)); }});
  router.add({.method = "GET",
              .path = "/images/{id}",
              .name = "get_image",
              .tag = kTag,
              .summary = "One image",
              .answers = {{.help = "the image", .schema = reference("Image")}},
              .problems = {404},
              .handler = [this](ApiCall call) { return get(std::move(call)); }});
}

void ImagesApi::add_adding(Router& router) {
  router.add(
      {.method = "POST",
       .path = "/images",
       .scope = Scope::write,
       .name = "add_images",
       .tag = kTag,
       .summary = "Add one image or many",
       .help = "They go into the source `direct`, which is made if need be, or into another of that type. Of many, "
               "each that cannot be used is told of in its place, and the others are added.",
       .body = RouteBody{.schema = kNewImageOrImages,
                         .example = R"({"image_url":"https://example.com/cat.jpg","title":"A cat"})",
                         .max_bytes = kMaxAddBytes},
       .answers = {{.status = 201, .help = "one image, which is new", .schema = reference("Image")},
                   {.status = 200,
                    .help = "one image, which was known; or what became of many",
                    .schema = fmt::format(R"({{"oneOf":[{},{}]}})", reference("Image"), reference("AddedImages"))}},
       .handler = [this](ApiCall call) { return add(std::move(call)); }});
}

void ImagesApi::add_deleting(Router& router) {
  router.add({.method = "DELETE",
              .path = "/images/{id}",
              .scope = Scope::write,
              .name = "delete_image",
              .tag = kTag,
              .summary = "Delete an image and its object",
              .help =
                  "A tombstone stays, so that no poll brings the image back. If the store cannot be reached the image "
                  "stays as it is.",
              .answers = {{.status = 204, .help = "it is deleted"}},
              .problems = {404, 502, 503},
              .handler = [this](ApiCall call) { return remove(std::move(call)); }});
  router.add(
      {.method = "POST",
       .path = "/images/delete",
       .scope = Scope::write,
       .name = "delete_images",
       .tag = kTag,
       .summary = "Delete many images and their objects",
       .help = "Numbers that are no image's are passed over.",
       .body = RouteBody{.schema = R"({"type":"object","additionalProperties":false,"required":["ids"],"properties":{
                        "ids":{"type":"array","maxItems":1000,"items":{"type":"integer","minimum":1,"maximum":9223372036854775807}}}})",
                         .example = R"({"ids":[1,2]})"},
       .answers = {{.help = "how many are deleted that were not before",
                    .schema = R"({"type":"object","additionalProperties":false,"required":["deleted"],
                             "properties":{"deleted":{"type":"integer"}}})"}},
       .problems = {502, 503},
       .handler = [this](ApiCall call) { return remove_many(std::move(call)); }});
}

void ImagesApi::add_retrying(Router& router) {
  router.add({.method = "POST",
              .path = "/images/{id}/retry",
              .scope = Scope::write,
              .name = "retry_image",
              .tag = kTag,
              .summary = "Try an image again that failed",
              .answers = {{.status = 202, .help = "the image, which waits now", .schema = reference("Image")}},
              .problems = {404, 409},
              .handler = [this](ApiCall call) { return retry(std::move(call)); }});
  router.add(
      {.method = "POST",
       .path = "/images/retry",
       .scope = Scope::write,
       .name = "retry_images",
       .tag = kTag,
       .summary = "Try images again that failed: all, those of a kind or a source, or those that are named",
       .help = "Of those that are named, the ones that did not fail are passed over.",
       .body =
           RouteBody{.schema = std::string(kRetry), .example = R"({"failure_kind":"timeout"})", .is_required = false},
       .answers = {{.status = 202,
                    .help = "how many wait now",
                    .schema = R"({"type":"object","additionalProperties":false,"required":["retried"],
                             "properties":{"retried":{"type":"integer"}}})"}},
       .handler = [this](ApiCall call) { return retry_many(std::move(call)); }});
}

}  // namespace creel
