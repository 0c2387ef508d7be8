#include "api/statistics_api.h"

#include <chrono>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "api/image_json.h"
#include "api/json_body.h"
#include "api/json_text.h"
#include "api/recent_rates.h"
#include "catalog/catalog_service.h"
#include "catalog/source_repository.h"

namespace creel {
namespace {

constexpr std::int64_t kUsualHours = 24;
constexpr std::int64_t kMostHours = 24 * 31;
constexpr std::size_t kSourcesAtATime = 500;

enum class HoursOf : std::uint8_t { all_images, each_source };

std::string state_counts(const Counts::ByState& counts) {
  std::string text;
  JsonObjectText object(text);
  for (std::size_t state = 0; state < counts.size(); ++state) {
    object.add(to_string(static_cast<ImageState>(state)), counts.at(state));
  }
  object.close();
  return text;
}

std::string by_failure_kind(const Counts& counts) {
  std::string text;
  JsonObjectText object(text);
  for (const auto& [kind, images] : counts.by_failure_kind) object.add(to_string(kind), images);
  object.close();
  return text;
}

std::map<SourceId, std::string> source_names(SourceRepository& sources) {
  std::map<SourceId, std::string> names;
  SourceId after{};
  for (;;) {
    const auto some = sources.list(after, kSourcesAtATime);
    for (const auto& source : some) names.emplace(source.id, source.definition.name);
    if (some.size() < kSourcesAtATime) return names;
    after = some.back().id;
  }
}

/// What was stored and failed in one span of time after the other.
/// @param time  the member that says when a span begins, and what it is called
template <class Span>
std::string spans_json(const std::vector<Span>& spans, std::string_view name, SystemTime Span::* time) {
  std::string text = "[";
  for (const auto& span : spans) {
    if (text.size() > 1) text += ',';
    JsonObjectText(text)
        .add(name, span.*time)
        .add("stored", span.stored)
        .add("failed", span.failed)
        .add("bytes", span.bytes)
        .close();
  }
  text += ']';
  return text;
}

std::string per_hour(const std::vector<HourCount>& hours) {
  return spans_json(hours, "hour", &HourCount::hour);
}

using HoursBySource = std::map<SourceId, std::vector<HourCount>>;

/// @param hours  nothing if they were not asked for
std::string by_source(const Counts& counts, const std::map<SourceId, std::string>& names,
                      const std::optional<HoursBySource>& hours) {
  std::map<SourceId, std::uint64_t> bytes;
  for (const auto& row : counts.rows) {
    if (row.state == ImageState::stored) bytes[row.source] += row.bytes;
  }
  // Sources without images are shown too.
  auto all = counts.by_source;
  for (const auto& [id, name] : names) all.try_emplace(id);
  std::string text = "[";
  for (const auto& [id, by_state] : all) {
    if (text.size() > 1) text += ',';
    const auto name = names.find(id);
    JsonObjectText object(text);
    object.add("source_id", static_cast<std::int64_t>(id))
        .add("source", name == names.end() ? std::nullopt : std::optional<std::string_view>(name->second))
        .add_raw("counts", state_counts(by_state))
        .add("bytes", bytes[id]);
    if (hours) {
      const auto found = hours->find(id);
      object.add_raw("per_hour", found == hours->end() ? "[]" : per_hour(found->second));
    }
    object.close();
  }
  text += ']';
  return text;
}

std::string queue_json(const QueueAge& queue) {
  std::string text;
  JsonObjectText(text).add("waiting", queue.waiting).add("oldest_found_at", queue.oldest_found_at).close();
  return text;
}

std::string statistics_json(Repositories& catalog, const Counts& counts, SystemTime since, HoursOf hours_of,
                            const std::vector<RecentRates::Step>& recent) {
  const auto names = source_names(catalog.sources);
  std::optional<HoursBySource> hours;
  if (hours_of == HoursOf::each_source) hours = catalog.library.hours_by_source(since);
  std::string text;
  JsonObjectText(text)
      .add("as_of", counts.as_of)
      .add_raw("images", state_counts(counts.all))
      .add("bytes", counts.stored_bytes)
      .add_raw("by_failure_kind", by_failure_kind(counts))
      .add_raw("by_source", by_source(counts, names, hours))
      .add_raw("per_hour", per_hour(catalog.library.hours(since, std::nullopt)))
      .add_raw("recent", spans_json(recent, "at", &RecentRates::Step::at))
      .add_raw("queue", queue_json(catalog.library.queue_age()))
      .close();
  return text;
}

}  // namespace

void StatisticsApi::add_routes(Router& router) {
  router.add({.method = "GET",
              .path = "/statistics",
              .name = "statistics",
              .tag = "statistics",
              .summary = "Images by state, source, failure and hour",
              .help = "Counting a million images takes a while, so counts may be some seconds old: `as_of` says it.",
              .query = {{.name = "hours",
                         .type = ParameterType::integer,
                         .help = "the last hours that are told of one by one",
                         .min = 1,
                         .max = kMostHours,
                         .default_value = std::to_string(kUsualHours)},
                        {.name = "per_source",
                         .type = ParameterType::boolean,
                         .help = "true: those hours are told of for each source as well",
                         .default_value = "false"}},
              .answers = {{.help = "the statistics", .schema = R"({"$ref":"#/components/schemas/Statistics"})"}},
              .handler = [this](ApiCall call) { return statistics(std::move(call)); }});
}

Task<HttpReply> StatisticsApi::statistics(ApiCall call) {
  const auto hours = call.query().integer("hours").value_or(kUsualHours);
  // From the beginning of an hour on, the present one counted.
  const SystemTime since = std::chrono::floor<std::chrono::hours>(parts_.clock.now()) - std::chrono::hours(hours - 1);
  const auto hours_of = call.query().flag("per_source").value_or(false) ? HoursOf::each_source : HoursOf::all_images;
  const auto counts = co_await counts_.get();
  auto& catalog = parts_.catalog;
  const auto key = fmt::format("{} {}", hours, static_cast<int>(hours_of));
  const auto recent = parts_.rates.steps(parts_.clock.now());
  const auto text = co_await looks_.get(key, [&catalog, counts, since, hours_of, recent] {
    return catalog.read([counts, since, hours_of, recent](Repositories& repositories) {
      return statistics_json(repositories, *counts, since, hours_of, recent);
    });
  });
  co_return json_reply(200, *text);
}

}  // namespace creel
