#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/image_cursor.h"
#include "catalog/image_facet.h"
#include "catalog/image_filter_sql.h"
#include "catalog/image_library.h"

namespace soci {
class session;
}

namespace creel {

/// An image that a walk has come to.
struct ImageCandidate {
  ImagePosition position;
  /// It passes those conditions that the walk's index does not know.
  bool passes = true;
};

/// How a walk goes.
struct WalkPlan {
  enum class Along : std::uint8_t {
    /// The index of all images as they were found.
    all,
    /// Those of the facets that the filter lets through, and of the waiting images.
    facets,
    /// The numbers of the images that have the words.
    words,
  };
  Along along = Along::facets;
  ImageSort by = ImageSort::newest_found;
  ImagePosition::Part part = ImagePosition::Part::keyed;
  /// The words are looked for in every image that the walk comes to.
  bool looks_for_words = false;
  /// Set if the candidates get positions in a list of another sort than the walk's.
  std::optional<ImageSort> positions_by{};
  /// The list is ordered by number.
  bool positions_are_numbers = false;
};

/// Walks along the catalog's indexes in the order of a list. Statements are prepared once for each form of a filter.
/// Threads: as the session.
class ImageWalk {
 public:
  ImageWalk(soci::session& session, Dialect dialect);
  ~ImageWalk();

  /// Sets the filter of the calls that follow.
  void set(const ImageFilter& filter, const SearchWords& words);

  /// The next `max` images behind `after`; fewer if the walk has come to its end.
  std::vector<ImageCandidate> next(const WalkPlan& plan, const std::optional<ImagePosition>& after, std::size_t max);

  /// How many images the walk would come to, counted up to `max`.
  std::size_t count(const WalkPlan& plan, std::size_t max);

 private:
  class Statement;
  struct Branch;
  struct Sample {
    std::size_t seen;
    std::size_t matching;
  };
  enum class Purpose : std::uint8_t { list, count };

  std::vector<ImageFacet> facets();
  std::vector<Branch> branches(const WalkPlan& plan);
  std::vector<std::vector<Branch>> grouped(const std::vector<Branch>& branches) const;
  void set_facets(const std::vector<Branch>& group);
  std::string conditions(const WalkPlan& plan, const Branch& branch) const;
  std::string branch_sql(const WalkPlan& plan, const Branch& branch, std::size_t index, bool is_tie,
                         Purpose purpose) const;
  std::string walk_sql(const WalkPlan& plan, const std::vector<Branch>& branches, bool has_tie, std::size_t max,
                       Purpose purpose) const;
  std::string server_walk_sql(const WalkPlan& plan, const std::vector<Branch>& branches, bool has_tie, std::size_t max,
                              Purpose purpose) const;
  std::size_t count_words(const WalkPlan& plan, std::size_t max);
  bool looks_at_each(const WalkPlan& plan);
  std::string next_texts_sql(const WalkPlan& plan, std::size_t max) const;
  const char* has_words_sql() const;
  const char* materialized() const;
  std::string words_sql(const WalkPlan& plan, std::size_t max) const;
  std::string each_sql(const WalkPlan& plan, std::size_t max) const;
  /// True if images with the key of `after` may follow it.
  bool set_range(const WalkPlan& plan, const std::optional<ImagePosition>& after);
  void set_number_range();
  long long number_at(const std::string& sql, long long otherwise);
  void run(const std::string& sql, const WalkPlan& plan, std::vector<ImageCandidate>& into);
  Statement& prepared(const std::string& sql);

  soci::session& session_;
  Dialect dialect_;
  ImageFilter filter_;
  bool has_words_ = false;
  bool index_gives_all_ = false;
  /// How many of the images at the place where the walk begins have the words.
  std::optional<Sample> sample_;
  ImageParameters in_;
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
};

/// True for the sorts that begin with the highest key.
bool is_descending(ImageSort sort);

/// True if `a` stands before `b` in a list of that sort.
bool precedes(const ImagePosition& a, const ImagePosition& b, ImageSort sort);

}  // namespace creel
