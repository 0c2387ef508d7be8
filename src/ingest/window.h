#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "catalog/image_repository.h"

namespace creel {

/// The leased images that wait for a transfer, a short queue a host, served in turn. Bounded: no host has more than a
/// few, and the number of hosts is limited; everything else waits in the catalog. Threads: the ingest loop.
class Window {
 public:
  /// @param max_hosts        hosts with waiting images at a time
  /// @param images_per_host  a host's queue is filled up to this length
  Window(std::size_t max_hosts, std::size_t images_per_host)
      : max_hosts_(max_hosts), images_per_host_(images_per_host) {}

  void add(LeasedImage image);

  /// The next image, in turn, of a host that `may_start` agrees to; nothing if there is none.
  std::optional<LeasedImage> take(const std::function<bool(const std::string& host)>& may_start);

  /// Takes out all images of a host.
  std::vector<LeasedImage> take_host(const std::string& host);
  std::vector<LeasedImage> take_all();

  /// Fills in the part of a lease query that says how many images of which hosts there is room for.
  void describe_room(LeaseQuery& query);

  bool empty() const { return hosts_.empty(); }
  /// Hosts with waiting images.
  std::size_t hosts() const { return hosts_.size(); }
  /// Those, and the hosts whose last waiting image was taken since the last query but one: more may be in the catalog.
  std::size_t active_hosts() const { return hosts_.size() + drained_.size() + asked_for_.size(); }
  std::size_t images() const { return images_; }
  /// Memory that the waiting images take, about.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Host {
    std::string name;
    std::deque<LeasedImage> images;
  };
  using Turn = std::list<Host>;

  std::size_t max_hosts_;
  std::size_t images_per_host_;
  /// In the order in which hosts are served; one that was served goes to the end.
  Turn turn_;
  std::unordered_map<std::string, Turn::iterator> hosts_;
  /// Hosts that have no waiting image left: since the last query, and since the one before.
  std::unordered_set<std::string> drained_;
  std::unordered_set<std::string> asked_for_;
  std::size_t images_ = 0;
  std::size_t bytes_ = 0;
};

/// The memory that an image in the queue takes, about.
std::size_t size_in_memory(const LeasedImage& image);

}  // namespace creel
