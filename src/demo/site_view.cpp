#include "demo/site_view.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace creel::demo {
namespace {

/// Between the pictures that were there before the site opened.
constexpr std::chrono::minutes kBetween{43};

}  // namespace

std::string ShownPicture::content_type() const {
  return info ? std::string(creel::content_type(info->type)) : "application/octet-stream";
}

std::vector<ShownPicture> shown_pictures(const SiteView& view) {
  std::vector<ShownPicture> shown;
  auto before = view.opened_at;
  for (const auto& picture : view.site.pictures) {
    auto published = view.opened_at + picture.after;
    if (picture.after.count() == 0) {
      before -= kBetween;
      published = before;
    }
    if (view.pace == Pace::as_time_goes_by && published > view.now) continue;
    const BodyView bytes(std::as_bytes(std::span(picture.sample.bytes)));
    shown.push_back({picture, view.url_of(picture), published, probe_image(bytes)});
  }
  // Those of one moment in the order of the exhibition.
  std::vector<std::pair<SystemTime, std::size_t>> order;
  for (const auto& one : shown) order.emplace_back(one.published_at, shown.size() - order.size());
  std::ranges::sort(order, std::greater());
  std::vector<ShownPicture> sorted;
  for (const auto& [published, behind] : order) sorted.push_back(shown[shown.size() - behind]);
  return sorted;
}

}  // namespace creel::demo
