#include "catalog/image_filter_sql.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "catalog/image_facet.h"
#include "catalog/persisted_time.h"

namespace creel {
namespace {

constexpr long long kMin = std::numeric_limits<long long>::min();
constexpr long long kMax = std::numeric_limits<long long>::max();

long long as_number(std::uint64_t bytes) {
  return static_cast<long long>(std::min<std::uint64_t>(bytes, kMax));
}

bool may_continue_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string type_condition(const std::string& type) {
  if (type.empty()) return "coalesce(i.content_type, '') = :type";
  return is_type_pattern(type) ? "substr(i.content_type, 1, :type_length) = :type" : "i.content_type = :type";
}

}  // namespace

std::string facet_parameter(std::size_t index) {
  return fmt::format("f{}", index);
}

bool uses_parameter(std::string_view sql, std::string_view name) {
  const auto wanted = fmt::format(":{}", name);
  for (auto at = sql.find(wanted); at != std::string_view::npos; at = sql.find(wanted, at + 1)) {
    const auto end = at + wanted.size();
    if (end == sql.size() || !may_continue_name(sql[end])) return true;
  }
  return false;
}

void ImageParameters::set(const ImageFilter& filter) {
  source = filter.source ? static_cast<long long>(*filter.source) : 0;
  state = filter.state ? static_cast<long long>(*filter.state) : 0;
  failure_kind = filter.failure_kind ? static_cast<long long>(*filter.failure_kind) : 0;
  nsfw = filter.nsfw.value_or(false) ? 1 : 0;
  min_size = as_number(filter.min_size_bytes.value_or(0));
  max_size = as_number(filter.max_size_bytes.value_or(kMax));
  found_low = filter.found_after ? persisted_not_before(*filter.found_after) : kMin;
  found_high = filter.found_before ? persisted_not_before(*filter.found_before) - 1 : kMax;
  type = filter.type.value_or("");
  if (is_type_pattern(type)) type.pop_back();
  type_length = static_cast<long long>(type.size());
}

void ImageParameters::set(const SearchWords& words, Dialect dialect) {
  match = dialect == Dialect::sqlite ? words.fts5() : words.plain();
  match_tail = words.last_is_prefix ? ":*" : "";
}

std::string conditions_sql(const ImageFilter& filter, ImageConditions which, bool has_words, Dialect dialect) {
  std::vector<std::string> parts;
  if (which.source && filter.source) parts.emplace_back("i.source_id = :source");
  if (which.facet) parts.emplace_back(filter.state ? "i.state = :state" : "i.state <> 4");
  if (which.facet && filter.failure_kind) parts.emplace_back("i.failure_kind = :failure_kind");
  if (which.facet && filter.nsfw) parts.emplace_back("coalesce(i.nsfw, 0) = :nsfw");
  if (which.facet && filter.type) parts.push_back(type_condition(*filter.type));
  if (!which.facet && which.type && filter.type) {
    parts.push_back(
        fmt::format("(i.facet / 4 % 32 <> {} or {})", ImageFacet::kOtherType, type_condition(*filter.type)));
  }
  if (which.size && filter.min_size_bytes) parts.emplace_back("i.size_bytes >= :min_size");
  if (which.size && filter.max_size_bytes) parts.emplace_back("i.size_bytes <= :max_size");
  if (which.found && filter.found_after) parts.emplace_back("i.found_at >= :found_low");
  if (which.found && filter.found_before) parts.emplace_back("i.found_at <= :found_high");
  if (which.words && has_words) {
    parts.emplace_back(dialect == Dialect::sqlite
                           ? "creel_has_words(:match, i.title, i.description, i.attribution_name)"
                           : server_has_words_sql("i.id"));
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

// A scalar, since "exists" lets the server look for all images that have the words.
std::string server_has_words_sql(std::string_view id) {
  return fmt::format(
      "coalesce((select w.words @@ creel_text_query(:match, :match_tail) from image_words w"
      " where w.image_id = {}), false)",
      id);
}

std::string matching_ids_sql(Dialect dialect) {
  if (dialect == Dialect::sqlite) return "select rowid as id from image_words where image_words match :match";
  return "select image_id as id from image_words where words @@ creel_text_query(:match, :match_tail)";
}

}  // namespace creel
