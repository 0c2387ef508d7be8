#include "api/sources_api.h"

#include <array>
#include <charconv>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "api/json_body.h"
#include "api/json_text.h"
#include "api/label.h"
#include "api/record_json.h"
#include "api/run_on.h"
#include "api/source_body.h"
#include "api/source_json.h"
#include "catalog/catalog_service.h"
#include "sources/scheduler.h"
#include "sources/source_kinds.h"

namespace creel {
namespace {

constexpr std::int64_t kUsualPage = 50;
constexpr std::int64_t kUsualRecords = 20;

/// In the order of `SettingType`.
constexpr std::array<std::string_view, 9> kSettingTypes{"text",    "secret", "url",     "integer",  "number",
                                                        "boolean", "one_of", "headers", "text_list"};
/// In the order of `SourceKind::UrlUse`.
constexpr std::array<std::string_view, 3> kUrlUses{"needed", "optional", "none"};

Problem no_source(std::int64_t id) {
  return {ProblemKind::not_found, fmt::format("there is no source {}", id)};
}

/// The number of the source where the last page ended.
SourceId read_cursor(const QueryReader& query) {
  const auto text = query.text("cursor").value_or("0");
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    throw Problem(ProblemKind::invalid_request, "the cursor is none of this list",
                  {{"/query/cursor", "must be the next_cursor of the page before"}});
  }
  return SourceId{number};
}

std::string setting_json(const SettingSpec& spec) {
  std::string choices = "[";
  for (const auto& choice : spec.choices) {
    if (choices.size() > 1) choices += ',';
    append_json_string(choices, choice);
  }
  choices += ']';
  std::string text;
  JsonObjectText(text)
      .add("name", spec.name)
      .add("label", spec.label.empty() ? label_of(spec.name) : spec.label)
      .add("type", kSettingTypes.at(static_cast<std::size_t>(spec.type)))
      .add("required", spec.is_required)
      .add_raw("default", spec.default_value.empty() ? "null" : spec.default_value)
      .add("help", spec.help)
      .add_raw("choices", choices)
      .add("min", spec.min)
      .add("max", spec.max)
      .close();
  return text;
}

std::string kind_json(const SourceKind& kind) {
  std::string settings = "[";
  for (const auto& spec : kind.settings()) {
    if (settings.size() > 1) settings += ',';
    settings += setting_json(spec);
  }
  settings += ']';
  const auto defaults = kind.defaults();
  const auto example = kind.example_url();
  std::string text;
  JsonObjectText(text)
      .add("name", kind.name())
      .add("label", kind.label().empty() ? label_of(kind.name()) : std::string(kind.label()))
      .add("help", kind.help())
      .add("url", kUrlUses.at(static_cast<std::size_t>(kind.url_use())))
      .add("example_url", example.empty() ? std::nullopt : std::optional(example))
      .add("interval", defaults.interval.value_or(SourceDefinition{}.interval).count())
      .add("rate_limit", defaults.rate_limit)
      .add_raw("settings", settings)
      .add("preset", kind.is_preset())
      .add("polled", kind.is_polled())
      .close();
  return text;
}

std::string preview_json(const SourcePreview& preview) {
  std::string records = "[";
  for (const auto& record : preview.records) {
    if (records.size() > 1) records += ',';
    append_record_json(records, record);
  }
  records += ']';
  std::string text;
  JsonObjectText object(text);
  object.add_raw("records", records)
      .add("has_more", preview.has_more)
      .add("unusable", preview.unusable)
      .add("unusable_reason",
           preview.unusable == 0 ? std::nullopt : std::optional<std::string_view>(preview.unusable_reason))
      .add("shape", preview.shape.empty() ? std::nullopt : std::optional<std::string_view>(preview.shape));
  if (preview.failure) {
    std::string failure;
    JsonObjectText(failure)
        .add("kind", to_string(preview.failure->kind()))
        .add("message", std::string_view(preview.failure->what()))
        .close();
    object.add_raw("failure", failure);
  } else {
    object.add_null("failure");
  }
  object.close();
  return text;
}

}  // namespace

Task<SourceRecord> SourcesApi::find(std::int64_t id) {
  auto source =
      co_await parts_.catalog.read([id](Repositories& catalog) { return catalog.sources.find(SourceId{id}); });
  if (!source) throw no_source(id);
  co_return std::move(*source);
}

Task<HttpReply> SourcesApi::reply(int status, SourceRecord source) {
  const auto counts = co_await counts_.get();
  co_return json_reply(status, source_json(source, parts_.kinds, counts->of(source.id)));
}

Task<HttpReply> SourcesApi::list(ApiCall call) {
  const auto after = read_cursor(call.query());
  const auto limit = static_cast<std::size_t>(call.query().integer("limit").value_or(kUsualPage));
  // One more tells whether there is another page.
  const auto sources = co_await parts_.catalog.read(
      [after, limit](Repositories& catalog) { return catalog.sources.list(after, limit + 1); });
  const auto counts = co_await counts_.get();
  std::string text = R"({"items":[)";
  for (std::size_t i = 0; i < std::min(limit, sources.size()); ++i) {
    if (i > 0) text += ',';
    append_source_json(text, sources[i], parts_.kinds, counts->of(sources[i].id));
  }
  text += R"(],"next_cursor":)";
  text += sources.size() > limit ? fmt::format(R"("{}")", static_cast<std::int64_t>(sources[limit - 1].id)) : "null";
  text += '}';
  co_return json_reply(200, std::move(text));
}

Task<HttpReply> SourcesApi::types(ApiCall) {
  std::string text = R"({"items":[)";
  bool is_first = true;
  for (const auto& kind : parts_.kinds.all()) {
    if (!std::exchange(is_first, false)) text += ',';
    text += kind_json(*kind);
  }
  text += R"(],"next_cursor":null})";
  co_return json_reply(200, std::move(text));
}

Task<HttpReply> SourcesApi::get(ApiCall call) {
  auto source = co_await find(call.path_number());
  co_return co_await reply(200, std::move(source));
}

Task<HttpReply> SourcesApi::polls(ApiCall call) {
  const auto source = co_await find(call.path_number());
  const auto limit = static_cast<std::size_t>(call.query().integer("limit").value_or(kUsualPage));
  const auto polls = co_await parts_.catalog.read(
      [id = source.id, limit](Repositories& catalog) { return catalog.sources.polls(id, limit); });
  std::string text = R"({"items":[)";
  for (std::size_t i = 0; i < polls.size(); ++i) {
    if (i > 0) text += ',';
    append_poll_json(text, polls[i]);
  }
  text += R"(],"next_cursor":null})";
  co_return json_reply(200, std::move(text));
}

Task<HttpReply> SourcesApi::create(ApiCall call) {
  const auto body = co_await read_json_object(call);
  auto wanted = read_new_source(body, parts_.kinds);
  auto source = co_await run_on(parts_.scheduler_executor, [this, &wanted] {
    return parts_.scheduler.add(std::move(wanted.definition), wanted.start);
  });
  const auto id = static_cast<std::int64_t>(source.id);
  auto created = co_await reply(201, std::move(source));
  created.headers.add("Location", fmt::format("/sources/{}", id));
  co_return created;
}

Task<HttpReply> SourcesApi::change(ApiCall call) {
  const auto id = call.path_number();
  const auto body = co_await read_json_object(call);
  const auto old = co_await find(id);
  auto wanted = read_changed_source(body, old.definition, parts_.kinds);
  auto source = co_await run_on(parts_.scheduler_executor, [this, id, &wanted] {
    return parts_.scheduler.change(SourceId{id}, std::move(wanted));
  });
  if (!source) throw no_source(id);
  co_return co_await reply(200, std::move(*source));
}

Task<HttpReply> SourcesApi::remove(ApiCall call) {
  const auto id = call.path_number();
  const bool was_there =
      co_await run_on(parts_.scheduler_executor, [this, id] { return parts_.scheduler.remove(SourceId{id}); });
  if (!was_there) throw no_source(id);
  co_return HttpReply{.status = 204};
}

Task<HttpReply> SourcesApi::act(ApiCall call, Action action) {
  const auto id = call.path_number();
  auto source = co_await run_on(parts_.scheduler_executor,
                                [this, id, action] { return (parts_.scheduler.*action)(SourceId{id}); });
  if (!source) throw no_source(id);
  co_return co_await reply(202, std::move(*source));
}

Task<HttpReply> SourcesApi::preview(SourceDefinition definition, std::int64_t limit) {
  const auto found = co_await run_on(parts_.scheduler_executor, [this, &definition, limit] {
    return parts_.scheduler.test(std::move(definition), static_cast<std::size_t>(limit));
  });
  co_return json_reply(200, preview_json(found));
}

Task<HttpReply> SourcesApi::test_new(ApiCall call) {
  auto body = co_await read_json_object(call);
  if (!body.contains("name")) body["name"] = "test";
  auto wanted = read_new_source(body, parts_.kinds);
  co_return co_await preview(std::move(wanted.definition), call.query().integer("limit").value_or(kUsualRecords));
}

Task<HttpReply> SourcesApi::test_known(ApiCall call) {
  const auto body = co_await read_json_object(call);
  auto source = co_await find(call.path_number());
  // One that is left as it is gets polled even if its settings are no more what its kind allows: that is what shows why.
  auto wanted =
      body.empty() ? std::move(source.definition) : read_changed_source(body, source.definition, parts_.kinds);
  co_return co_await preview(std::move(wanted), call.query().integer("limit").value_or(kUsualRecords));
}

}  // namespace creel
