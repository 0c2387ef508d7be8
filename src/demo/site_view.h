#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "demo/exhibition.h"
#include "image/image_probe.h"

namespace creel::demo {

/// How much of an exhibition its sites tell of.
enum class Pace : std::uint8_t {
  /// What has come by now.
  as_time_goes_by,
  /// Everything, from the beginning.
  all_at_once,
};

/// A site at one moment, as one that asks it sees it.
struct SiteView {
  const Site& site;
  /// Where the site is: "http://127.0.0.1:8123", without "/" at its end.
  std::string base;
  SystemTime opened_at{};
  SystemTime now{};
  Pace pace = Pace::as_time_goes_by;

  std::string url_of(const Picture& picture) const { return base + "/pictures/" + picture.file_name(); }
  std::string page_of(const Picture& picture) const { return base + "/pages/" + picture.id; }
};

/// A picture that the site tells of.
struct ShownPicture {
  const Picture& picture;
  std::string url;
  SystemTime published_at{};
  std::optional<ImageInfo> info;

  std::string content_type() const;
};

/// What there is to be seen, the newest first. Pictures that were there from the beginning came in the hours before.
std::vector<ShownPicture> shown_pictures(const SiteView& view);

}  // namespace creel::demo
