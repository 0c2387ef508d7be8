#include "api/image_query.h"

#include <array>
#include <limits>
#include <utility>

#include "api/image_json.h"
#include "base/failure.h"

namespace creel {
namespace {

constexpr std::int64_t kMostOnAPage = 200;
constexpr std::int64_t kUsualPage = 50;
/// Whole numbers that every JSON reader knows exactly.
constexpr std::int64_t kLargestSize = (std::int64_t{1} << 53) - 1;

constexpr std::array<std::pair<std::string_view, ImageSort>, 6> kSorts{{
    {"-found_at", ImageSort::newest_found},
    {"found_at", ImageSort::oldest_found},
    {"-stored_at", ImageSort::newest_stored},
    {"stored_at", ImageSort::oldest_stored},
    {"-size", ImageSort::largest},
    {"size", ImageSort::smallest},
}};

std::vector<std::string> sort_names() {
  std::vector<std::string> names;
  for (const auto& [name, sort] : kSorts) names.emplace_back(name);
  return names;
}

ImageSort sort_of(const std::optional<std::string>& name) {
  for (const auto& [known, sort] : kSorts) {
    if (name == known) return sort;
  }
  return ImageSort::newest_found;
}

std::optional<std::uint64_t> size_of(const QueryReader& query, std::string_view name) {
  const auto size = query.integer(name);
  return size ? std::optional(static_cast<std::uint64_t>(*size)) : std::nullopt;
}

}  // namespace

std::vector<std::string> failure_kind_names() {
  std::vector<std::string> names;
  for (const auto kind : all_failure_kinds()) names.emplace_back(to_string(kind));
  return names;
}

std::vector<QueryParameter> image_filter_parameters() {
  using enum ParameterType;
  return {
      {.name = "source",
       .type = integer,
       .help = "images of the source with this id",
       .min = 1,
       .max = std::numeric_limits<std::int64_t>::max()},
      {.name = "state",
       .type = one_of,
       .help = "images in this state; deleted ones are shown only if asked for",
       .choices = image_state_names()},
      {.name = "type", .help = "images of this content type: image/png, or image/*", .max_length = 200},
      {.name = "failure_kind", .type = one_of, .help = "images that failed so", .choices = failure_kind_names()},
      {.name = "nsfw", .type = boolean, .help = "true: images of which the source says so; false: all others"},
      {.name = "min_size", .type = integer, .help = "bytes at least", .min = 0, .max = kLargestSize},
      {.name = "max_size", .type = integer, .help = "bytes at most", .min = 0, .max = kLargestSize},
      {.name = "found_after", .type = time, .help = "images found at this time or later"},
      {.name = "found_before", .type = time, .help = "images found before this time"},
      {.name = "q",
       .help = "words, all of which stand in title, description or attribution; the last may be the beginning of one",
       .max_length = 500},
  };
}

std::vector<QueryParameter> image_page_parameters() {
  using enum ParameterType;
  auto parameters = image_filter_parameters();
  parameters.push_back({.name = "sort",
                        .type = one_of,
                        .help = "the order; a minus stands for the newest or the largest first",
                        .choices = sort_names(),
                        .default_value = "-found_at"});
  parameters.push_back({.name = "limit",
                        .type = integer,
                        .help = "images on a page",
                        .min = 1,
                        .max = kMostOnAPage,
                        .default_value = std::to_string(kUsualPage)});
  parameters.push_back({.name = "cursor", .help = "next_cursor of the page before"});
  return parameters;
}

ImageFilter image_filter(const QueryReader& query) {
  ImageFilter filter;
  if (const auto source = query.integer("source")) filter.source = SourceId{*source};
  if (const auto state = query.choice("state")) filter.state = image_state(*state);
  if (const auto kind = query.choice("failure_kind")) filter.failure_kind = failure_kind(*kind);
  filter.type = query.text("type");
  filter.nsfw = query.flag("nsfw");
  filter.min_size_bytes = size_of(query, "min_size");
  filter.max_size_bytes = size_of(query, "max_size");
  filter.found_after = query.time("found_after");
  filter.found_before = query.time("found_before");
  filter.search = query.text("q").value_or("");
  return filter;
}

ImageQuery image_query(const QueryReader& query) {
  return {.filter = image_filter(query),
          .sort = sort_of(query.choice("sort")),
          .limit = static_cast<std::size_t>(query.integer("limit").value_or(kUsualPage)),
          .cursor = query.text("cursor").value_or("")};
}

}  // namespace creel
