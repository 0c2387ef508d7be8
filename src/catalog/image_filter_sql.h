#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "catalog/catalog.h"
#include "catalog/image_library.h"
#include "catalog/search_words.h"

namespace creel {

/// The most facets that one statement walks along.
inline constexpr std::size_t kMaxBranches = 24;

/// What statements about images take in, by name. Statements are bound to its members, so it stays where it is.
/// Threads: one.
struct ImageParameters {
  // The filter.
  long long source = 0;
  long long state = 0;
  long long failure_kind = 0;
  long long nsfw = 0;
  long long min_size = 0;
  long long max_size = 0;
  long long found_low = 0;
  long long found_high = 0;
  long long type_length = 0;
  std::string type;
  std::string match;
  std::string match_tail;
  // Where in the list.
  long long low = 0;
  long long high = 0;
  long long tie_key = 0;
  long long tie_id = 0;
  std::array<long long, kMaxBranches> facets{};
  /// All facets, as a server's array.
  std::string facet_list;

  /// Takes over a filter, but for its words.
  void set(const ImageFilter& filter);
  void set(const SearchWords& words, Dialect dialect);

  /// Calls `bind(name, member)` for each parameter that `sql` names.
  template <class Bind>
  void bind_used(std::string_view sql, Bind bind) const;
};

/// Which conditions of a filter a statement has to look at; the others are met by the index that it walks along.
struct ImageConditions {
  bool source = false;
  /// State, failure kind and nsfw, and the type as well.
  bool facet = false;
  bool type = false;
  bool size = false;
  bool found = false;
  bool words = false;

  static constexpr ImageConditions all() {
    return {.source = true, .facet = true, .type = true, .size = true, .found = true, .words = true};
  }
};

/// The conditions of `filter` among `which` as SQL about `images i`, joined by "and"; empty if there are none.
std::string conditions_sql(const ImageFilter& filter, ImageConditions which, bool has_words, Dialect dialect);

/// That an image has the words, on a server.
std::string server_has_words_sql(std::string_view id);

/// The images whose words match, as a subquery of one column.
std::string matching_ids_sql(Dialect dialect);

/// The name of the parameter of a facet.
std::string facet_parameter(std::size_t index);

/// True if `sql` names the parameter.
bool uses_parameter(std::string_view sql, std::string_view name);

template <class Bind>
void ImageParameters::bind_used(std::string_view sql, Bind bind) const {
  const auto offer = [&](std::string_view name, const auto& member) {
    if (uses_parameter(sql, name)) bind(std::string(name), member);
  };
  offer("source", source);
  offer("state", state);
  offer("failure_kind", failure_kind);
  offer("nsfw", nsfw);
  offer("min_size", min_size);
  offer("max_size", max_size);
  offer("found_low", found_low);
  offer("found_high", found_high);
  offer("type_length", type_length);
  offer("type", type);
  offer("match", match);
  offer("match_tail", match_tail);
  offer("low", low);
  offer("high", high);
  offer("tie_key", tie_key);
  offer("tie_id", tie_id);
  offer("facet_list", facet_list);
  for (std::size_t i = 0; i < facets.size(); ++i) offer(facet_parameter(i), facets.at(i));
}

}  // namespace creel
