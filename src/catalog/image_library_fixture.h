#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "catalog/image_library.h"
#include "catalog/persisted_time.h"
#include "catalog/repository_fixture.h"

namespace creel {

/// An image as a test wants it to be in the catalog.
struct TestImage {
  std::string image_id;
  ImageState state = ImageState::stored;
  std::optional<FailureKind> failure_kind{};
  std::optional<std::string> type{};
  std::optional<bool> nsfw{};
  std::optional<long long> size_bytes{};
  /// Seconds after the fixture's time.
  int found = 0;
  std::optional<int> stored{};
  std::optional<std::string> title{};
  std::optional<std::string> description{};
  std::optional<std::string> attribution_name{};
};

/// A library with two sources, into which images are put in whatever state a test needs.
class LibraryFixture : public RepositoryFixture {
 protected:
  LibraryFixture() {
    begin_poll();
    library_ = std::make_unique<ImageLibrary>(*catalog_);
    other_source_ = images_->source("other.txt", "list");
    other_poll_ = images_->begin_poll(other_source_, now_);
  }

  /// The library anew, with other limits.
  void limit(ImageListLimits limits) { library_ = std::make_unique<ImageLibrary>(*catalog_, limits); }

  ImageRow add(const TestImage& image, bool to_other_source = false) {
    auto seen = found(image.image_id);
    seen.title = image.title;
    seen.description = image.description;
    seen.attribution_name = image.attribution_name;
    seen.type = image.type;
    seen.nsfw = image.nsfw;
    const auto source = to_other_source ? other_source_ : source_;
    const auto poll = to_other_source ? other_poll_ : poll_;
    images_->see(source, poll, kBackendQueue, std::vector{seen}, {}, now_ + std::chrono::seconds(image.found));
    const auto row = row_of(source, image.image_id);
    set_state(row, image);
    return row;
  }

  ImageRow row_of(SourceId source, const std::string& image_id) {
    long long id = 0;
    const auto number = static_cast<long long>(source);
    catalog_->session() << "select id from images where source_id = :source and image_id = :image_id",
        soci::use(number, "source"), soci::use(image_id, "image_id"), soci::into(id);
    return ImageRow{id};
  }

  void set_state(ImageRow row, const TestImage& image) {
    const auto id = static_cast<long long>(row);
    const int state = static_cast<int>(image.state);
    const int kind = image.failure_kind ? static_cast<int>(*image.failure_kind) : 0;
    const auto stored = persisted(now_ + std::chrono::seconds(image.stored.value_or(0)));
    const long long size = image.size_bytes.value_or(0);
    const auto set = [](bool is_set) { return is_set ? soci::i_ok : soci::i_null; };
    soci::indicator kind_set = set(image.failure_kind.has_value());
    soci::indicator stored_set = set(image.stored.has_value());
    soci::indicator size_set = set(image.size_bytes.has_value());
    catalog_->session() << "update images set state = :state, failure_kind = :kind, stored_at = :stored,"
                           " size_bytes = :size where id = :id",
        soci::use(state, "state"), soci::use(kind, kind_set, "kind"), soci::use(stored, stored_set, "stored"),
        soci::use(size, size_set, "size"), soci::use(id, "id");
  }

  /// The ids of all pages, one behind the other.
  std::vector<std::string> walk(ImageQuery query) {
    std::vector<std::string> found;
    do {
      const auto page = library_->page(query);
      EXPECT_LE(page.images.size(), query.limit);
      for (const auto& image : page.images) found.push_back(image.image_id);
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty() && found.size() < 100'000);
    return found;
  }

  std::vector<std::string> walk(const ImageFilter& filter, ImageSort sort = ImageSort::oldest_found) {
    return walk(ImageQuery{.filter = filter, .sort = sort, .limit = 2});
  }

  std::unique_ptr<ImageLibrary> library_;
  SourceId other_source_{};
  PollId other_poll_{};
};

}  // namespace creel
