#pragma once

#include <optional>
#include <vector>

#include "catalog/image_walk.h"

namespace creel {

/// Finds the images of a page. Threads: as the session.
///
/// A page costs a bounded number of steps in indexes and looks at a bounded number of images. Which way is taken can
/// differ from page to page, since every way has the same order:
/// * along the index of the sort, merged over the facets that pass;
/// * if the words, or a range of sizes or times that the sort does not follow, leave few images: all of these, sorted.
class ImageLister {
 public:
  ImageLister(soci::session& session, Dialect dialect) : walk_(session, dialect) {}

  void set_limits(const ImageListLimits& limits) { limits_ = limits; }

  struct Page {
    std::vector<ImagePosition> images;
    /// Nothing after the last page.
    std::optional<ImagePosition> next;
  };

  Page list(const ImageQuery& query, const std::optional<ImagePosition>& after);

 private:
  Page walk(const ImageQuery& query, std::optional<ImagePosition> after, WalkPlan plan, std::size_t budget);
  Page gather(const ImageQuery& query, const std::optional<ImagePosition>& after, const WalkPlan& plan);
  Page list_by_words(const ImageQuery& query, const std::optional<ImagePosition>& after);
  std::optional<WalkPlan> narrow_plan(const ImageQuery& query, std::size_t max);
  bool is_common(const SearchWords& words);
  SearchWords choose_words(const ImageQuery& query, const std::optional<ImagePosition>& after);

  ImageWalk walk_;
  ImageListLimits limits_;
};

}  // namespace creel
