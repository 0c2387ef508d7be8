#include "ingest/window.h"

#include <algorithm>
#include <utility>

namespace creel {

std::size_t size_in_memory(const LeasedImage& leased) {
  const auto& image = leased.image;
  return sizeof leased + image.image_id.size() + image.url.size() + image.host.size() + image.folder.size() +
         image.file_name.size() + image.fetch_headers.size() + image.meta.size();
}

void Window::add(LeasedImage image) {
  auto found = hosts_.find(image.image.host);
  if (found == hosts_.end()) {
    turn_.push_back({.name = image.image.host});
    found = hosts_.emplace(image.image.host, std::prev(turn_.end())).first;
    drained_.erase(image.image.host);
    asked_for_.erase(image.image.host);
  }
  bytes_ += size_in_memory(image);
  ++images_;
  found->second->images.push_back(std::move(image));
}

std::optional<LeasedImage> Window::take(const std::function<bool(const std::string& host)>& may_start) {
  for (auto host = turn_.begin(); host != turn_.end(); ++host) {
    if (!may_start(host->name)) continue;
    auto image = std::move(host->images.front());
    host->images.pop_front();
    --images_;
    bytes_ -= size_in_memory(image);
    if (host->images.empty()) {
      hosts_.erase(host->name);
      drained_.insert(host->name);
      turn_.erase(host);
    } else {
      turn_.splice(turn_.end(), turn_, host);
    }
    return image;
  }
  return std::nullopt;
}

std::vector<LeasedImage> Window::take_host(const std::string& host) {
  std::vector<LeasedImage> images;
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return images;
  std::ranges::move(found->second->images, std::back_inserter(images));
  images_ -= images.size();
  for (const auto& image : images) bytes_ -= size_in_memory(image);
  turn_.erase(found->second);
  hosts_.erase(found);
  return images;
}

std::vector<LeasedImage> Window::take_all() {
  std::vector<LeasedImage> images;
  for (auto& host : turn_) std::ranges::move(host.images, std::back_inserter(images));
  turn_.clear();
  hosts_.clear();
  images_ = 0;
  bytes_ = 0;
  return images;
}

void Window::describe_room(LeaseQuery& query) {
  asked_for_ = std::exchange(drained_, {});
  query.max_new_hosts = max_hosts_ > hosts_.size() ? max_hosts_ - hosts_.size() : 0;
  query.room_per_new_host = images_per_host_;
  for (const auto& host : turn_) {
    query.room[host.name] = images_per_host_ - std::min(images_per_host_, host.images.size());
  }
}

}  // namespace creel
