#include <random>
#include <sstream>

#include <gmock/gmock.h>

#include "base/text.h"
#include "catalog/image_library_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kWords = {"sea", "seaside", "sunset", "cat", "catalog", "harbour"};
const std::vector<std::string> kTypes = {"image/jpeg", "image/png", "image/x-strange", "video/mp4"};

/// Lists against a plain model of them, with limits so low that every way of making a page is taken.
class ImageListPropertyTest : public LibraryFixture {
 protected:
  template <class Value>
  const Value& any(const std::vector<Value>& values) {
    return values.at(number(values.size()));
  }
  std::size_t number(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  bool one_in(std::size_t count) { return number(count) == 0; }

  TestImage random_image() {
    TestImage image{.image_id = std::to_string(next_id_++)};
    image.state = any(std::vector{ImageState::pending, ImageState::storing, ImageState::stored, ImageState::stored,
                                  ImageState::failed, ImageState::deleted});
    if (image.state == ImageState::failed || one_in(10)) {
      image.failure_kind = any(std::vector{FailureKind::dns, FailureKind::not_found, FailureKind::tls});
    }
    if (!one_in(4)) image.type = any(kTypes);
    if (!one_in(3)) image.nsfw = one_in(2);
    if (image.state == ImageState::stored || (image.state == ImageState::deleted && one_in(2))) {
      image.size_bytes = static_cast<long long>(number(8));
      image.stored = static_cast<int>(number(20));
    }
    found_ += static_cast<int>(number(2));
    image.found = found_;
    if (!one_in(3)) image.title = any(kWords) + " " + any(kWords);
    if (one_in(3)) image.description = any(kWords);
    if (one_in(5)) image.attribution_name = any(kWords);
    return image;
  }

  ImageQuery random_query() {
    ImageQuery query;
    auto& filter = query.filter;
    if (one_in(4)) filter.source = one_in(2) ? source_ : other_source_;
    if (one_in(3)) filter.state = static_cast<ImageState>(number(5));
    if (one_in(8)) filter.failure_kind = any(std::vector{FailureKind::dns, FailureKind::not_found});
    if (one_in(5)) filter.type = any(std::vector<std::string>{"image/jpeg", "image/*", "image/x-strange", "image/gif"});
    if (one_in(6)) filter.nsfw = one_in(2);
    if (one_in(5)) filter.min_size_bytes = number(8);
    if (one_in(6)) filter.max_size_bytes = number(8);
    if (one_in(5)) filter.found_after = now_ + std::chrono::seconds(number(static_cast<std::size_t>(found_) + 1));
    if (one_in(6)) filter.found_before = now_ + std::chrono::seconds(number(static_cast<std::size_t>(found_) + 1));
    if (one_in(3)) filter.search = any(kWords).substr(0, 2 + number(5));
    if (one_in(6)) filter.search += " " + any(kWords);
    query.sort = static_cast<ImageSort>(number(6));
    query.limit = 3 + number(20);
    return query;
  }

  static bool has_words(const ImageDetails& image, const std::string& search) {
    std::vector<std::string> words;
    for (const auto* text : {&image.title, &image.description, &image.attribution_name}) {
      std::istringstream stream(text->value_or(""));
      for (std::string word; stream >> word;) words.push_back(word);
    }
    std::vector<std::string> wanted;
    std::istringstream stream(search);
    for (std::string word; stream >> word;) wanted.push_back(word);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const bool is_last = i + 1 == wanted.size();
      if (std::ranges::none_of(
              words, [&](const auto& word) { return is_last ? word.starts_with(wanted[i]) : word == wanted[i]; })) {
        return false;
      }
    }
    return true;
  }

  static bool passes(const ImageDetails& image, const ImageFilter& filter) {
    if (filter.source && image.source != *filter.source) return false;
    if (filter.state ? image.state != *filter.state : image.state == ImageState::deleted) return false;
    if (filter.failure_kind && (!image.failure || image.failure->kind != *filter.failure_kind)) return false;
    if (filter.type == "image/*" ? !image.type.value_or("").starts_with("image/")
                                 : filter.type && image.type != filter.type) {
      return false;
    }
    if (filter.nsfw && image.nsfw.value_or(false) != *filter.nsfw) return false;
    if (filter.min_size_bytes && (!image.size_bytes || *image.size_bytes < *filter.min_size_bytes)) return false;
    if (filter.max_size_bytes && (!image.size_bytes || *image.size_bytes > *filter.max_size_bytes)) return false;
    if (filter.found_after && image.found_at < *filter.found_after) return false;
    if (filter.found_before && image.found_at >= *filter.found_before) return false;
    return has_words(image, filter.search);
  }

  /// Part of the list, key and number.
  static std::tuple<int, long long, long long> place(const ImageDetails& image, const ImageQuery& query) {
    const auto id = static_cast<long long>(image.id);
    const int sign = query.sort == ImageSort::newest_found || query.sort == ImageSort::newest_stored ||
                             query.sort == ImageSort::largest
                         ? -1
                         : 1;
    const bool by_found = query.sort == ImageSort::newest_found || query.sort == ImageSort::oldest_found;
    if (by_found && !query.filter.search.empty()) return {0, 0, sign * id};
    const bool by_size = query.sort == ImageSort::largest || query.sort == ImageSort::smallest;
    const auto found_at = persisted(image.found_at);
    if (by_found) return {0, sign * found_at, sign * id};
    if (by_size && image.size_bytes) return {0, sign * static_cast<long long>(*image.size_bytes), sign * id};
    if (!by_size && image.stored_at) return {0, sign * persisted(*image.stored_at), sign * id};
    return {1, sign * found_at, sign * id};
  }

  std::vector<ImageDetails> everything() {
    std::vector<ImageDetails> all;
    for (int state = 0; state < 5; ++state) {
      library_->for_each({.state = static_cast<ImageState>(state)}, [&](const ImageDetails& image) {
        all.push_back(image);
        return true;
      });
    }
    return all;
  }

  std::vector<std::string> expected(const std::vector<ImageDetails>& all, const ImageQuery& query) {
    std::vector<ImageDetails> kept;
    for (const auto& image : all) {
      if (passes(image, query.filter)) kept.push_back(image);
    }
    std::ranges::sort(kept, [&](const auto& a, const auto& b) { return place(a, query) < place(b, query); });
    std::vector<std::string> found;
    for (const auto& image : kept) found.push_back(image.image_id);
    return found;
  }

  static std::string text(const ImageQuery& query) {
    const auto& filter = query.filter;
    std::ostringstream out;
    out << "sort " << static_cast<int>(query.sort) << " limit " << query.limit << " state "
        << (filter.state ? static_cast<int>(*filter.state) : -1) << " kind " << filter.failure_kind.has_value()
        << " source " << filter.source.has_value() << " type " << filter.type.value_or("-") << " nsfw "
        << filter.nsfw.has_value() << " size " << filter.min_size_bytes.has_value() << filter.max_size_bytes.has_value()
        << " found " << filter.found_after.has_value() << filter.found_before.has_value() << " search "
        << filter.search;
    return out.str();
  }

  static std::vector<ImageListLimits> all_limits() {
    return {{.common = 100'000},
            {.walked = 23, .probed = 11, .few = 1, .common = 100'000},
            {.walked = 40, .probed = 30, .few = 30, .common = 100'000}};
  }

  std::mt19937 random_{20240229};
  int next_id_ = 0;
  int found_ = 0;
};

INSTANTIATE_TEST_SUITE_P(On, ImageListPropertyTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(ImageListPropertyTest, PagesMakeUpTheFilteredListInItsOrder) {
  for (int i = 0; i < 200; ++i) add(random_image(), one_in(3));
  const auto all = everything();
  ASSERT_EQ(all.size(), 200U);
  for (const auto& limits : all_limits()) {
    limit(limits);
    for (int i = 0; i < 80; ++i) {
      const auto query = random_query();
      ASSERT_EQ(walk(query), expected(all, query)) << text(query) << " walked " << limits.walked;
    }
  }
}

TEST_P(ImageListPropertyTest, PagesShowOnceWhatStaysWhileOthersComeAndGo) {
  for (int i = 0; i < 80; ++i) add(random_image(), one_in(3));
  for (const auto& limits : all_limits()) {
    limit(limits);
    for (int i = 0; i < 15; ++i) {
      auto query = random_query();
      const auto before = everything();
      std::vector<std::string> seen;
      do {
        const auto page = library_->page(query);
        for (const auto& image : page.images) seen.push_back(image.image_id);
        query.cursor = page.next_cursor;
        add(random_image(), one_in(3));
        library_->remove(std::vector{any(before).id}, now_);
      } while (!query.cursor.empty());

      // Untouched since the walk began: in both lists, or in none.
      query.cursor.clear();
      const auto now = everything();
      std::map<std::string, ImageState> states;
      for (const auto& image : now) states[image.image_id] = image.state;
      std::vector<ImageDetails> stayed;
      for (const auto& image : before) {
        if (states.at(image.image_id) == image.state) stayed.push_back(image);
      }
      const auto wanted = expected(stayed, query);
      std::vector<std::string> of_those;
      for (const auto& id : seen) {
        if (std::ranges::any_of(stayed, [&](const auto& image) { return image.image_id == id; }))
          of_those.push_back(id);
      }
      ASSERT_EQ(of_those, wanted) << text(query);
      std::ranges::sort(seen);
      ASSERT_EQ(std::ranges::adjacent_find(seen), seen.end()) << text(query);
    }
  }
}

}  // namespace
}  // namespace creel
