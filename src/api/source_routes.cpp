#include <utility>

#include <fmt/format.h>

#include "api/sources_api.h"
#include "sources/scheduler.h"

namespace creel {
namespace {

constexpr auto kTag = "sources";

std::string reference(std::string_view schema) {
  return fmt::format(R"({{"$ref":"#/components/schemas/{}"}})", schema);
}

RouteBody body(std::string_view schema) {
  return {.schema = reference(schema),
          .example = R"({"name":"Example feed","type":"feed","url":"https://example.com/feed.xml","interval":"1h"})"};
}

QueryParameter limit(std::string help, std::int64_t max, std::int64_t usual) {
  return {.name = "limit",
          .type = ParameterType::integer,
          .help = std::move(help),
          .min = 1,
          .max = max,
          .default_value = std::to_string(usual)};
}

}  // namespace

void SourcesApi::add_routes(Router& router) {
  add_reading(router);
  add_changing(router);
  add_actions(router);
  add_tests(router);
}

void SourcesApi::add_reading(Router& router) {
  router.add(
      {.method = "GET",
       .path = "/sources",
       .name = "list_sources",
       .tag = kTag,
       .summary = "Sources, page by page",
       .query = {limit("sources on a page", 200, 50), {.name = "cursor", .help = "next_cursor of the page before"}},
       .answers = {{.help = "a page", .schema = reference("SourcePage")}},
       .handler = [this](ApiCall call) { return list(std::move(call)); }});
  router.add({.method = "GET",
              .path = "/sources/types",
              .name = "list_source_types",
              .tag = kTag,
              .summary = "The types of sources and their settings",
              .answers = {{.help = "all types", .schema = reference("SourceTypes")}},
              .handler = [this](ApiCall call) { return types(std::move(call)); }});
  router.add({.method = "GET",
              .path = "/sources/{id}",
              .name = "get_source",
              .tag = kTag,
              .summary = "One source",
              .answers = {{.help = "the source", .schema = reference("Source")}},
              .problems = {404},
              .handler = [this](ApiCall call) { return get(std::move(call)); }});
  router.add({.method = "GET",
              .path = "/sources/{id}/polls",
              .name = "list_polls",
              .tag = kTag,
              .summary = "The last polls of a source, the newest first",
              .query = {limit("polls at most", static_cast<std::int64_t>(SourceRepository::kKeptPolls), 50)},
              .answers = {{.help = "the polls", .schema = reference("Polls")}},
              .problems = {404},
              .handler = [this](ApiCall call) { return polls(std::move(call)); }});
}

void SourcesApi::add_changing(Router& router) {
  router.add({.method = "POST",
              .path = "/sources",
              .scope = Scope::write,
              .name = "create_source",
              .tag = kTag,
              .summary = "Make a source",
              .help = "It is stopped at first, unless `start` is true.",
              .body = body("NewSource"),
              .answers = {{.status = 201, .help = "the source", .schema = reference("Source")}},
              .problems = {409},
              .handler = [this](ApiCall call) { return create(std::move(call)); }});
  router.add({.method = "PATCH",
              .path = "/sources/{id}",
              .scope = Scope::write,
              .name = "change_source",
              .tag = kTag,
              .summary = "Change a source",
              .help = "As a JSON Merge Patch (RFC 7396): what is not named stays, null takes a setting away. A secret "
                      "given as \"***\" stays. Under another type the settings begin anew.",
              .body = RouteBody{.schema = reference("ChangedSource"), .example = R"({"interval":"6h"})"},
              .answers = {{.help = "the source as it is now", .schema = reference("Source")}},
              .problems = {404, 409},
              .handler = [this](ApiCall call) { return change(std::move(call)); }});
  router.add({.method = "DELETE",
              .path = "/sources/{id}",
              .scope = Scope::write,
              .name = "delete_source",
              .tag = kTag,
              .summary = "Delete a source",
              .help = "Its images stay, but for those that wait to be fetched.",
              .answers = {{.status = 204, .help = "it is deleted"}},
              .problems = {404},
              .handler = [this](ApiCall call) { return remove(std::move(call)); }});
}

void SourcesApi::add_actions(Router& router) {
  struct Entry {
    std::string_view name;
    std::string_view summary;
    Action action;
  };
  const std::array<Entry, 3> actions{{
      {"start", "Poll a source now, and from now on when it is due", &Scheduler::start},
      {"stop", "Stop a source; a poll that is under way ends", &Scheduler::stop},
      {"fetch", "Poll a source now, once if it is stopped", &Scheduler::fetch},
  }};
  for (const auto& entry : actions) {
    router.add({.method = "POST",
                .path = fmt::format("/sources/{{id}}/{}", entry.name),
                .scope = Scope::write,
                .name = fmt::format("{}_source", entry.name),
                .tag = kTag,
                .summary = std::string(entry.summary),
                .answers = {{.status = 202, .help = "the source", .schema = reference("Source")}},
                .problems = {404, 409},
                .handler = [this, action = entry.action](ApiCall call) { return act(std::move(call), action); }});
  }
}

void SourcesApi::add_tests(Router& router) {
  const auto records = limit("records at most", 1000, 20);
  router.add({.method = "POST",
              .path = "/sources/test",
              .scope = Scope::write,
              .name = "test_new_source",
              .tag = kTag,
              .summary = "Poll what would be a source, and store nothing",
              .query = {records},
              .body = body("TestedSource"),
              .answers = {{.help = "what it would add", .schema = reference("SourceTest")}},
              .handler = [this](ApiCall call) { return test_new(std::move(call)); }});
  router.add({.method = "POST",
              .path = "/sources/{id}/test",
              .scope = Scope::write,
              .name = "test_source",
              .tag = kTag,
              .summary = "Poll a source, and store nothing",
              .help = "With a body, as if it had been changed so; nothing is changed. What the body may be, and which "
                      "secrets it must hold, is as for a change.",
              .query = {records},
              .body = RouteBody{.schema = reference("ChangedSource"),
                                .example = R"({"settings":{"min_pixels":10}})",
                                .is_required = false},
              .answers = {{.help = "what it would add", .schema = reference("SourceTest")}},
              .problems = {404},
              .handler = [this](ApiCall call) { return test_known(std::move(call)); }});
}

}  // namespace creel
