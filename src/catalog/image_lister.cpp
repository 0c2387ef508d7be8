#include "catalog/image_lister.h"

#include <algorithm>

#include "base/failure.h"

namespace creel {
namespace {

using Along = WalkPlan::Along;
using Part = ImagePosition::Part;

constexpr std::size_t kMaxChunk = 1024;

bool is_by_found(ImageSort sort) {
  return sort == ImageSort::newest_found || sort == ImageSort::oldest_found;
}

bool is_by_size(ImageSort sort) {
  return sort == ImageSort::largest || sort == ImageSort::smallest;
}

bool has_size_range(const ImageFilter& filter) {
  return filter.min_size_bytes || filter.max_size_bytes;
}

bool has_found_range(const ImageFilter& filter) {
  return filter.found_after || filter.found_before;
}

/// True if the filter has a range that the sort does not follow.
bool has_range_across(const ImageQuery& query) {
  return (has_size_range(query.filter) && !is_by_size(query.sort)) ||
         (has_found_range(query.filter) && !is_by_found(query.sort));
}

/// True for lists that are ordered by number: the index of words has no other order.
bool is_numbered(const ImageQuery& query) {
  return is_by_found(query.sort) && !search_words(query.filter.search).empty();
}

/// True if images are told apart by more than their time and size.
bool has_facets(const ImageFilter& filter) {
  return filter.source || filter.state || filter.failure_kind || filter.type || filter.nsfw;
}

/// True if images without the sort key cannot pass the filter.
bool ends_with_keyed(const ImageQuery& query) {
  if (is_by_found(query.sort)) return true;
  return query.filter.state == ImageState::stored || (is_by_size(query.sort) && has_size_range(query.filter));
}

}  // namespace

ImageLister::Page ImageLister::list(const ImageQuery& query, const std::optional<ImagePosition>& after) {
  const auto& filter = query.filter;
  if (after && (after->part == Part::numbered) != is_numbered(query)) {
    throw Failure(FailureKind::bad_request, "this is no cursor: give the next_cursor of the page before");
  }
  const auto words = choose_words(query, after);
  walk_.set(filter, words);
  if (!words.empty()) {
    auto page = list_by_words(query, after);
    if (page.next) page.next->whole_words = !words.last_is_prefix;
    return page;
  }
  if (has_range_across(query)) {
    if (const auto plan = narrow_plan(query, limits_.few)) return gather(query, after, *plan);
  }
  const bool all = is_by_found(query.sort) && !has_facets(filter);
  return walk(query, after, {.along = all ? Along::all : Along::facets, .by = query.sort}, limits_.walked);
}

/// Words with what else there is: by the rarest of them, or in the order of the list.
ImageLister::Page ImageLister::list_by_words(const ImageQuery& query, const std::optional<ImagePosition>& after) {
  const auto& filter = query.filter;
  if (has_facets(filter) || has_size_range(filter) || has_found_range(filter)) {
    if (auto plan = narrow_plan(query, limits_.probed)) {
      plan->looks_for_words = true;
      return gather(query, after, *plan);
    }
  }
  const WalkPlan by_words{
      .along = Along::words, .by = query.sort, .part = Part::numbered, .positions_are_numbers = is_numbered(query)};
  if (is_by_found(query.sort)) return walk(query, after, by_words, limits_.walked);
  if (walk_.count(by_words, limits_.few + 1) <= limits_.few) return gather(query, after, by_words);
  return walk(query, after, {.along = Along::facets, .by = query.sort, .looks_for_words = true}, limits_.probed);
}

/// A plan that comes to all images of the filter but for its words, and to `max` at most, if there is one.
std::optional<WalkPlan> ImageLister::narrow_plan(const ImageQuery& query, std::size_t max) {
  const auto fits = [&](const WalkPlan& plan) { return walk_.count(plan, max + 1) <= max; };
  if (has_size_range(query.filter)) {
    const WalkPlan by_size{.along = Along::facets, .by = ImageSort::largest};
    if (fits(by_size)) return by_size;
  }
  const WalkPlan by_found{.along = Along::facets, .by = ImageSort::newest_found};
  if (fits(by_found)) return by_found;
  return std::nullopt;
}

/// Goes along until the page is full, the end is reached, or enough was looked at.
ImageLister::Page ImageLister::walk(const ImageQuery& query, std::optional<ImagePosition> after, WalkPlan plan,
                                    std::size_t budget) {
  Page page;
  if (after) plan.part = after->part;
  auto chunk = query.limit + 1;
  while (true) {
    chunk = std::min({chunk, budget, kMaxChunk});
    const auto candidates = walk_.next(plan, after, chunk);
    std::size_t passed = 0;
    for (const auto& candidate : candidates) {
      if (!candidate.passes) continue;
      ++passed;
      if (page.images.size() == query.limit) {
        page.next = page.images.back();
        return page;
      }
      page.images.push_back(candidate.position);
    }
    if (!candidates.empty()) after = candidates.back().position;
    budget -= candidates.size();
    if (candidates.size() < chunk) {
      if (plan.part != Part::keyed || ends_with_keyed(query)) return page;
      plan.part = Part::unkeyed;
      after.reset();
    } else if (budget == 0) {
      page.next = after;
      return page;
    } else {
      // Many that do not pass lie here: the facets lead past those that are deleted.
      if (passed * 2 < candidates.size() && plan.along == Along::all && !has_size_range(query.filter)) {
        plan.along = Along::facets;
      }
      chunk *= 4;
    }
  }
}

/// Takes all images of a plan that comes to few, and sorts them as the list is sorted.
ImageLister::Page ImageLister::gather(const ImageQuery& query, const std::optional<ImagePosition>& after,
                                      const WalkPlan& plan) {
  auto all = plan;
  all.positions_by = query.sort;
  all.positions_are_numbers = is_numbered(query);
  auto candidates = walk_.next(all, std::nullopt, std::max(limits_.few, limits_.probed) + 1);
  std::erase_if(candidates, [&](const ImageCandidate& candidate) {
    return !candidate.passes || (after && !precedes(*after, candidate.position, query.sort));
  });
  const auto taken = std::min(query.limit, candidates.size());
  std::ranges::partial_sort(candidates, candidates.begin() + static_cast<std::ptrdiff_t>(taken),
                            [&](const auto& a, const auto& b) { return precedes(a.position, b.position, query.sort); });
  Page page;
  for (std::size_t i = 0; i < taken; ++i) page.images.push_back(candidates[i].position);
  if (taken < candidates.size() && taken > 0) page.next = page.images.back();
  return page;
}

/// How the words are taken stays the same from page to page.
SearchWords ImageLister::choose_words(const ImageQuery& query, const std::optional<ImagePosition>& after) {
  auto words = search_words(query.filter.search);
  if (words.empty()) return words;
  if (after) {
    words.last_is_prefix = !after->whole_words;
  } else if (words.words.back().size() > kIndexedPrefix) {
    words.last_is_prefix = !is_common({.words = {words.words.back()}, .last_is_prefix = false});
  }
  return words;
}

bool ImageLister::is_common(const SearchWords& words) {
  walk_.set({}, words);
  return walk_.count({.along = Along::words}, limits_.common) >= limits_.common;
}

}  // namespace creel
