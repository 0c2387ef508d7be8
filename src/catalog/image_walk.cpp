#include "catalog/image_walk.h"

#include <algorithm>
#include <limits>
#include <span>
#include <tuple>

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/persisted_time.h"
#include "catalog/statements.h"

namespace creel {
namespace {

constexpr std::size_t kMaxStatements = 96;
constexpr std::size_t kSampled = 400;
constexpr ImageConditions kAllButWords = {.source = true, .facet = true, .type = true, .size = true, .found = true};
constexpr long long kMin = std::numeric_limits<long long>::min();
constexpr long long kMax = std::numeric_limits<long long>::max();

/// How far the order of numbers and that of times found may differ: several programs add at once, and clocks are set
/// back.
constexpr long long kTimeSlackMilliseconds = 60'000;

/// What a list is ordered by.
struct SortKey {
  const char* column;
  const char* index_by_facet;
  const char* index_by_source;
};
constexpr SortKey kFound = {"found_at", "images_by_facet", "images_by_source"};
constexpr SortKey kStored = {"stored_at", "stored_by_facet", "stored_by_source"};
constexpr SortKey kSize = {"size_bytes", "sizes_by_facet", "sizes_by_source"};

const SortKey& sort_key(ImageSort sort) {
  switch (sort) {
    case ImageSort::newest_found:
    case ImageSort::oldest_found: return kFound;
    case ImageSort::newest_stored:
    case ImageSort::oldest_stored: return kStored;
    case ImageSort::largest:
    case ImageSort::smallest: return kSize;
  }
  return kFound;
}

const SortKey& walked_key(const WalkPlan& plan) {
  return plan.part == ImagePosition::Part::unkeyed ? kFound : sort_key(plan.by);
}

const char* direction(const WalkPlan& plan) {
  return is_descending(plan.by) ? "desc" : "asc";
}

bool waits(ImageState state) {
  return state == ImageState::pending || state == ImageState::storing;
}

/// Key, number, whether it passes, and the key and time of another list.
std::string selected(const WalkPlan& plan, const std::string& key, const std::string& conditions) {
  const auto passes = conditions.empty() ? "1" : fmt::format("case when {} then 1 else 0 end", conditions);
  const auto other = plan.positions_by
                         ? fmt::format("i.{} as other, i.found_at as f", sort_key(*plan.positions_by).column)
                         : "0 as other, 0 as f";
  return fmt::format("select {} as k, i.id as id, {} as passes, {}", key, passes, other);
}

}  // namespace

bool is_descending(ImageSort sort) {
  return sort == ImageSort::newest_found || sort == ImageSort::newest_stored || sort == ImageSort::largest;
}

bool precedes(const ImagePosition& a, const ImagePosition& b, ImageSort sort) {
  if (a.part != b.part) return a.part < b.part;
  const auto first = std::tuple(a.key, a.id);
  const auto second = std::tuple(b.key, b.id);
  return is_descending(sort) ? first > second : first < second;
}

/// A piece of an index that a walk goes along.
struct ImageWalk::Branch {
  enum class What : std::uint8_t { all, waiting, storing, facet };
  What what = What::all;
  ImageFacet facet{0};
  bool leaves_type_open = false;
};

/// A prepared query for candidates or for a number.
class ImageWalk::Statement {
 public:
  Statement(soci::session& session, const std::string& sql, const ImageParameters& in) : statement_(session) {
    statement_.exchange(soci::into(key));
    if (is_of_candidates(sql)) {
      statement_.exchange(soci::into(id));
      statement_.exchange(soci::into(passes));
      statement_.exchange(soci::into(other_key, other_set));
      statement_.exchange(soci::into(found_at));
    }
    in.bind_used(sql,
                 [this](const std::string& name, const auto& value) { statement_.exchange(soci::use(value, name)); });
    statement_.alloc();
    statement_.prepare(sql);
    statement_.define_and_bind();
  }

  /// Others are for one column.
  static bool is_of_candidates(std::string_view sql) {
    return !sql.starts_with("with ") && !sql.starts_with("select count") && !sql.starts_with("select coalesce");
  }

  bool execute() { return statement_.execute(true); }
  bool fetch() { return statement_.fetch(); }

  /// The answer of a query for one number.
  long long number() {
    query_row(statement_);
    return key;
  }

  /// The position of the row in the list.
  ImagePosition position(const WalkPlan& plan) const {
    if (plan.positions_are_numbers) {
      return {.part = ImagePosition::Part::numbered, .key = id, .id = id};
    }
    if (!plan.positions_by) return {.part = plan.part, .key = key, .id = id};
    if (other_set == soci::i_ok) return {.part = ImagePosition::Part::keyed, .key = other_key, .id = id};
    return {.part = ImagePosition::Part::unkeyed, .key = found_at, .id = id};
  }

  long long key = 0;
  long long id = 0;
  int passes = 0;
  long long other_key = 0;
  soci::indicator other_set = soci::i_null;
  long long found_at = 0;

 private:
  soci::statement statement_;
};

ImageWalk::ImageWalk(soci::session& session, Dialect dialect) : session_(session), dialect_(dialect) {}
ImageWalk::~ImageWalk() = default;

void ImageWalk::set(const ImageFilter& filter, const SearchWords& words) {
  filter_ = filter;
  has_words_ = !words.empty();
  in_.set(filter);
  in_.set(words, dialect_);
  sample_.reset();
  // A server's index of words gives all images that have them or none; SQLite's merges all words with a beginning.
  index_gives_all_ = dialect_ == Dialect::postgresql ||
                     (has_words_ && words.last_is_prefix && words.words.back().size() > kIndexedPrefix);
}

std::vector<ImageCandidate> ImageWalk::next(const WalkPlan& plan, const std::optional<ImagePosition>& after,
                                            std::size_t max) {
  std::vector<ImageCandidate> found;
  if (plan.along == WalkPlan::Along::words) {
    set_number_range();
    if (after) (is_descending(plan.by) ? in_.high : in_.low) = after->id + (is_descending(plan.by) ? -1 : 1);
    run(looks_at_each(plan) ? each_sql(plan, max) : words_sql(plan, max), plan, found);
    return found;
  }
  const auto groups = grouped(branches(plan));
  const bool has_tie = set_range(plan, after);
  for (const auto& group : groups) {
    set_facets(group);
    run(walk_sql(plan, group, has_tie, max, Purpose::list), plan, found);
  }
  if (groups.size() > 1) {
    std::ranges::sort(found, [&](const auto& a, const auto& b) { return precedes(a.position, b.position, plan.by); });
    if (found.size() > max) found.erase(found.begin() + static_cast<std::ptrdiff_t>(max), found.end());
  }
  return found;
}

std::size_t ImageWalk::count(const WalkPlan& plan, std::size_t max) {
  if (plan.along == WalkPlan::Along::words) return count_words(plan, max);
  const auto groups = grouped(branches(plan));
  set_range(plan, std::nullopt);
  std::size_t counted = 0;
  for (const auto& group : groups) {
    if (counted >= max) break;
    set_facets(group);
    const auto sql = fmt::format("select count(*) from ({}) as c", walk_sql(plan, group, false, max, Purpose::count));
    counted += static_cast<std::size_t>(prepared(sql).number());
  }
  return std::min(counted, max);
}

std::size_t ImageWalk::count_words(const WalkPlan& plan, std::size_t max) {
  set_number_range();
  if (looks_at_each(plan)) {
    // Reckoned from the sample, unless that was all.
    const auto images =
        static_cast<std::size_t>(std::max(number_at("select coalesce(max(id), 0) from images", 0), 1LL));
    const auto scale = sample_->seen < kSampled ? 1 : std::max<std::size_t>(images / sample_->seen, 1);
    return std::min(max, sample_->matching * scale);
  }
  const auto sql = fmt::format("with m as {} ({}) select count(*) from (select 1 from m limit {}) as c", materialized(),
                               matching_ids_sql(dialect_), max);
  return static_cast<std::size_t>(prepared(sql).number());
}

/// A server would else go through all images in their order, in the hope to find enough soon.
const char* ImageWalk::materialized() const {
  return dialect_ == Dialect::postgresql ? "materialized" : "not materialized";
}

/// True if the words are looked for in one image after the other, since many of the next ones have them.
bool ImageWalk::looks_at_each(const WalkPlan& plan) {
  if (!index_gives_all_ || plan.positions_by) return false;
  if (!sample_) {
    const auto next = fmt::format("from ({}) as i", next_texts_sql(plan, kSampled));
    sample_ = Sample{0, 0};
    sample_->seen = static_cast<std::size_t>(prepared("select count(*) " + next).number());
    sample_->matching =
        static_cast<std::size_t>(prepared(fmt::format("select count(*) {} where {}", next, has_words_sql())).number());
  }
  return sample_->matching * 200 > sample_->seen;
}

std::string ImageWalk::next_texts_sql(const WalkPlan& plan, std::size_t max) const {
  const bool is_sqlite = dialect_ == Dialect::sqlite;
  return fmt::format("select {0} from {1} where {2} >= :low and {2} <= :high order by {2} {3} limit {4}",
                     is_sqlite ? "id, title, description, attribution_name" : "image_id as id, words",
                     is_sqlite ? "images" : "image_words", is_sqlite ? "id" : "image_id", direction(plan), max);
}

/// That a row of `next_texts_sql` has the words.
const char* ImageWalk::has_words_sql() const {
  return dialect_ == Dialect::sqlite ? "creel_has_words(:match, i.title, i.description, i.attribution_name)"
                                     : "words @@ creel_text_query(:match, :match_tail)";
}

/// As many at a time as one statement takes. A server takes all facets as one branch.
std::vector<std::vector<ImageWalk::Branch>> ImageWalk::grouped(const std::vector<Branch>& branches) const {
  std::vector<std::vector<Branch>> groups;
  for (const auto& branch : branches) {
    const bool joins = !groups.empty() && (dialect_ == Dialect::postgresql || groups.back().size() < kMaxBranches);
    if (!joins) groups.emplace_back();
    groups.back().push_back(branch);
  }
  return groups;
}

void ImageWalk::set_facets(const std::vector<Branch>& group) {
  in_.facet_list = "{";
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (i < kMaxBranches) in_.facets.at(i) = group[i].facet.number();
    if (group[i].what != Branch::What::facet) continue;
    in_.facet_list += fmt::format("{}{}", in_.facet_list.size() > 1 ? "," : "", group[i].facet.number());
  }
  in_.facet_list.push_back('}');
}

/// The facets that the catalog holds and the filter lets through. One step in the index for each that there is.
std::vector<ImageFacet> ImageWalk::facets() {
  const auto from = filter_.state.value_or(ImageState::stored);
  const auto to = filter_.state.value_or(ImageState::failed);
  in_.low = ImageFacet::first_of(std::max(from, ImageState::stored)).number();
  in_.high = ImageFacet::first_of(to).number() + 4095;
  std::vector<ImageFacet> found;
  if (in_.low > in_.high) return found;
  const auto images = fmt::format(
      "from images{} where state >= 2{}",
      dialect_ == Dialect::sqlite ? (filter_.source ? " indexed by images_by_source" : " indexed by images_by_facet")
                                  : "",
      filter_.source ? " and source_id = :source" : "");
  const auto sql = fmt::format(
      "with recursive f (v) as (select min(facet) {0} and facet >= :low"
      " union all select (select min(facet) {0} and facet > f.v) from f where f.v is not null and f.v < :high)"
      " select v from f where v is not null and v <= :high",
      images);
  auto& statement = prepared(sql);
  for (bool row = statement.execute(); row; row = statement.fetch()) {
    const ImageFacet facet(statement.key);
    if (facet.may_pass(filter_)) found.push_back(facet);
  }
  return found;
}

std::vector<ImageWalk::Branch> ImageWalk::branches(const WalkPlan& plan) {
  if (plan.along == WalkPlan::Along::all) return {Branch{}};
  std::vector<Branch> found;
  const bool by_found = &walked_key(plan) == &kFound;
  if (by_found && filter_.state == ImageState::storing) return {Branch{.what = Branch::What::storing}};
  if (by_found && (!filter_.state || waits(*filter_.state))) found.push_back({.what = Branch::What::waiting});
  for (const auto facet : facets()) {
    // What is stored has every key.
    if (plan.part == ImagePosition::Part::unkeyed && facet.state() == ImageState::stored) continue;
    found.push_back({Branch::What::facet, facet, facet.leaves_type_open(filter_)});
  }
  return found;
}

/// What an image of the branch has to meet beyond what its index knows.
std::string ImageWalk::conditions(const WalkPlan& plan, const Branch& branch) const {
  const auto& key = walked_key(plan);
  const bool is_facet = branch.what == Branch::What::facet;
  const auto sql = conditions_sql(filter_,
                                  {.facet = !is_facet,
                                   .type = branch.leaves_type_open,
                                   .size = &key != &kSize,
                                   .found = &key != &kFound,
                                   .words = plan.looks_for_words && dialect_ == Dialect::sqlite},
                                  has_words_, dialect_);
  if (plan.part != ImagePosition::Part::unkeyed || !is_facet) return sql;
  return fmt::format("{}{}i.{} is null", sql, sql.empty() ? "" : " and ", sort_key(plan.by).column);
}

std::string ImageWalk::branch_sql(const WalkPlan& plan, const Branch& branch, std::size_t index, bool is_tie,
                                  Purpose purpose) const {
  const auto& key = walked_key(plan);
  const auto* by_source = filter_.source ? "_by_source" : "";
  std::string index_name;
  std::string where;
  switch (branch.what) {
    case Branch::What::all: index_name = "images_found"; break;
    case Branch::What::storing:
      index_name = "images_storing";
      where = "i.state = 1 and ";
      break;
    case Branch::What::waiting:
      index_name = fmt::format("images_waiting{}", by_source);
      where = "i.state < 2 and ";
      break;
    case Branch::What::facet:
      index_name = filter_.source ? key.index_by_source : key.index_by_facet;
      where = fmt::format("i.state >= 2 and i.facet = {} and ",
                          dialect_ == Dialect::sqlite ? ":" + facet_parameter(index) : "t.facet");
      break;
  }
  if (filter_.source) where += "i.source_id = :source and ";
  std::string place = fmt::format("i.{0} is not null and i.{0} >= :low and i.{0} <= :high", key.column);
  const auto* before = is_descending(plan.by) ? "<" : ">";
  if (is_tie && dialect_ == Dialect::sqlite) {
    place = fmt::format("i.{} = :tie_key and i.id {} :tie_id", key.column, before);
  } else if (is_tie) {
    place += fmt::format(" and (i.{}, i.id) {} (:tie_key, :tie_id)", key.column, before);
  }
  return fmt::format("{} from images i{} where {}{}",
                     purpose == Purpose::count
                         ? "select 1"
                         : selected(plan, fmt::format("i.{}", key.column), conditions(plan, branch)),
                     dialect_ == Dialect::sqlite ? fmt::format(" indexed by {}", index_name) : "", where, place);
}

std::string ImageWalk::walk_sql(const WalkPlan& plan, const std::vector<Branch>& branches, bool has_tie,
                                std::size_t max, Purpose purpose) const {
  if (dialect_ == Dialect::postgresql) return server_walk_sql(plan, branches, has_tie, max, purpose);
  // SQLite merges sorted branches as far as rows are asked for. It seeks by the first column of a row value only, so
  // that images with the key of the position make a branch of their own.
  std::string sql;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if (has_tie) sql.append(sql.empty() ? "" : " union all ").append(branch_sql(plan, branches[i], i, true, purpose));
    sql.append(sql.empty() ? "" : " union all ").append(branch_sql(plan, branches[i], i, false, purpose));
  }
  if (purpose == Purpose::count) return fmt::format("{} limit {}", sql, max);
  return fmt::format("{0} order by 1 {1}, 2 {1} limit {2}", sql, direction(plan), max);
}

/// One subquery for all facets: a server plans anew each time, which costs more than the work if there are many.
std::string ImageWalk::server_walk_sql(const WalkPlan& plan, const std::vector<Branch>& branches, bool has_tie,
                                       std::size_t max, Purpose purpose) const {
  const auto order = fmt::format(" order by i.{0} {1}, i.id {1}", walked_key(plan).column, direction(plan));
  const auto end = fmt::format("{} limit {}", purpose == Purpose::count ? "" : order, max);
  std::string sql;
  std::optional<Branch> facet;
  for (const auto& branch : branches) {
    if (branch.what == Branch::What::facet) {
      const bool is_open = branch.leaves_type_open || (facet && facet->leaves_type_open);
      facet = branch;
      facet->leaves_type_open = is_open;
      continue;
    }
    sql.append(sql.empty() ? "" : " union all ");
    sql.append(fmt::format("({}{})", branch_sql(plan, branch, 0, has_tie, purpose), end));
  }
  if (facet) {
    sql.append(sql.empty() ? "" : " union all ");
    sql.append(
        fmt::format("(select c.* from unnest(cast(:facet_list as integer[])) as t (facet)"
                    " cross join lateral ({}{}) as c)",
                    branch_sql(plan, *facet, 0, has_tie, purpose), end));
  }
  if (purpose == Purpose::count) return fmt::format("select 1 from ({}) as u limit {}", sql, max);
  sql = fmt::format("select * from ({0}) as u order by 1 {1}, 2 {1} limit {2}", sql, direction(plan), max);
  if (!plan.looks_for_words) return sql;
  // In those images alone that the merged walk comes to.
  return fmt::format(
      "select k, id, case when passes = 1 and {0} then 1 else 0 end, other, f from ({1}) as v"
      " order by 1 {2}, 2 {2}",
      server_has_words_sql("v.id"), sql, direction(plan));
}

/// The images that have the words, in the order of their numbers.
std::string ImageWalk::words_sql(const WalkPlan& plan, std::size_t max) const {
  const auto conditions = conditions_sql(filter_, kAllButWords, has_words_, dialect_);
  const auto* order = direction(plan);
  if (dialect_ == Dialect::sqlite) {
    return fmt::format(
        "{0} from ({1} and rowid >= :low and rowid <= :high order by rowid {2} limit {3}) as c"
        " join images i on i.id = c.id order by 1 {2}",
        selected(plan, "i.id", conditions), matching_ids_sql(dialect_), order, max);
  }
  return fmt::format(
      "{0} from (with m as materialized ({1}) select id from m where id >= :low and id <= :high"
      " order by id {2} limit {3}) as c join images i on i.id = c.id order by 1 {2}",
      selected(plan, "i.id", conditions), matching_ids_sql(dialect_), order, max);
}

/// The next images, which pass only if they have the words.
std::string ImageWalk::each_sql(const WalkPlan& plan, std::size_t max) const {
  const auto conditions = conditions_sql(filter_, kAllButWords, has_words_, dialect_);
  return fmt::format("{} from ({}) as c join images i on i.id = c.id order by 1 {}",
                     selected(plan, "i.id", fmt::format("{} and {}", conditions, has_words_sql())),
                     next_texts_sql(plan, max), direction(plan));
}

bool ImageWalk::set_range(const WalkPlan& plan, const std::optional<ImagePosition>& after) {
  in_.low = kMin;
  in_.high = kMax;
  if (&walked_key(plan) == &kFound) std::tie(in_.low, in_.high) = std::tie(in_.found_low, in_.found_high);
  if (&walked_key(plan) == &kSize) std::tie(in_.low, in_.high) = std::tie(in_.min_size, in_.max_size);
  if (!after) return false;
  const bool has_tie = after->key >= in_.low && after->key <= in_.high;
  in_.tie_key = after->key;
  in_.tie_id = after->id;
  if (dialect_ == Dialect::postgresql) return true;
  if (is_descending(plan.by)) {
    in_.high = std::min(in_.high, after->key == kMin ? kMin : after->key - 1);
  } else {
    in_.low = std::max(in_.low, after->key == kMax ? kMax : after->key + 1);
  }
  return has_tie;
}

/// Numbers between which the images lie that were found in the filter's time.
void ImageWalk::set_number_range() {
  in_.low = 0;
  in_.high = kMax;
  if (filter_.found_after) {
    in_.tie_key = in_.found_low > kMin + kTimeSlackMilliseconds ? in_.found_low - kTimeSlackMilliseconds : kMin;
    in_.low = number_at(
        "select coalesce((select id from images where found_at < :tie_key"
        " order by found_at desc, id desc limit 1), 0)",
        0);
  }
  if (filter_.found_before) {
    in_.tie_key = in_.found_high < kMax - kTimeSlackMilliseconds ? in_.found_high + kTimeSlackMilliseconds : kMax;
    in_.high = number_at(
        "select coalesce((select id from images where found_at > :tie_key"
        " order by found_at, id limit 1), 0)",
        kMax);
  }
}

long long ImageWalk::number_at(const std::string& sql, long long otherwise) {
  const auto number = prepared(sql).number();
  return number == 0 ? otherwise : number;
}

void ImageWalk::run(const std::string& sql, const WalkPlan& plan, std::vector<ImageCandidate>& into) {
  auto& statement = prepared(sql);
  for (bool row = statement.execute(); row; row = statement.fetch()) {
    into.push_back({statement.position(plan), statement.passes != 0});
  }
}

ImageWalk::Statement& ImageWalk::prepared(const std::string& sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return *known->second;
  if (statements_.size() >= kMaxStatements) statements_.clear();
  auto statement = std::make_unique<Statement>(session_, sql, in_);
  return *statements_.emplace(sql, std::move(statement)).first->second;
}

}  // namespace creel
