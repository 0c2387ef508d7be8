// Measures the catalog as it grows: images seen, leased and recorded a second, and the memory that it takes.
//
//   catalog_bench CATALOG [IMAGES [HOSTS]]     defaults: 2,000,000 images of 1,000 hosts
//
// CATALOG is a file for SQLite, made anew, or the URL of an empty PostgreSQL database.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <fmt/format.h>

#include "base/hash.h"
#include "catalog/catalog.h"
#include "catalog/image_repository.h"

namespace creel {
namespace {

constexpr std::size_t kBatch = 2000;
constexpr std::size_t kLeased = 1000;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Prints a rate each time a tenth of the whole is done.
class Progress {
 public:
  Progress(const char* what, std::size_t total) : what_(what), total_(total) {}

  void add(std::size_t count, double seconds) {
    done_ += count;
    part_ += count;
    seconds_ += seconds;
    part_seconds_ += seconds;
    if (part_ * 10 < total_ && done_ < total_) return;
    fmt::print("{:>16} {:>9} {:>9.0f}/s {:>9.0f}/s in all, peak memory {} KiB\n", what_, done_,
               static_cast<double>(part_) / part_seconds_, static_cast<double>(done_) / seconds_, peak_kib());
    part_ = 0;
    part_seconds_ = 0;
  }

 private:
  static long peak_kib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  }

  const char* what_;
  std::size_t total_;
  std::size_t done_ = 0;
  std::size_t part_ = 0;
  double seconds_ = 0;
  double part_seconds_ = 0;
};

FoundImage image(std::size_t number, std::size_t hosts) {
  const auto host = fmt::format("images{}.example.org", (number * 7919) % hosts);
  const auto url = fmt::format("https://{}/gallery/2024/{:08}.jpeg", host, number);
  return {.image_id = to_hex(sha256(url)).substr(0, 32),
          .url = url,
          .host = host,
          .title = fmt::format("Lighthouse number {} at dusk", number),
          .description =
              fmt::format("Taken from the pier of harbour {}, before the storm of {}", number % 977, number % 60),
          .attribution_name = fmt::format("Photographer {}", number % 4001),
          .type = "image/jpeg",
          .nsfw = false};
}

StoredFacts facts(const LeasedImage& leased) {
  return {.key = leased.image.url.substr(8),
          .final_url = leased.image.url,
          .etag = "9e107d9d372bb6826bd81d3542a419d6",
          .content_type = "image/jpeg",
          .sha256 = std::string(64, 'a'),
          .size_bytes = 60000,
          .width = 800,
          .height = 600};
}

void see_all(ImageRepository& images, SourceId source, PollId poll, std::size_t total, std::size_t hosts,
             const char* what) {
  Progress progress(what, total);
  for (std::size_t begin = 0; begin < total; begin += kBatch) {
    std::vector<FoundImage> found;
    for (auto i = begin; i < std::min(begin + kBatch, total); ++i) found.push_back(image(i, hosts));
    const Stopwatch watch;
    images.see(source, poll, queue_of(poll), found, {}, SystemClock{}.now());
    progress.add(found.size(), watch.seconds());
  }
}

void store_all(ImageRepository& images, PollId poll, std::size_t total) {
  Progress progress("lease and record", total);
  const auto now = SystemClock{}.now();
  while (true) {
    const Stopwatch watch;
    const auto leased = images.lease({.queue = queue_of(poll),
                                      .now = now,
                                      .lease_until = now,
                                      .max_images = kLeased,
                                      .max_new_hosts = kLeased,
                                      .room = {}});
    std::vector<LeaseOutcome> outcomes;
    for (const auto& one : leased.images) outcomes.push_back({one.row, one.attempts, facts(one)});
    images.record(outcomes, "", now);
    if (!leased.images.empty()) progress.add(leased.images.size(), watch.seconds());
    if (!leased.more) return;
  }
}

std::unique_ptr<Catalog> open(const std::string& where) {
  if (where.starts_with("postgresql://")) return Catalog::open_postgresql(where);
  for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(where + suffix);
  return Catalog::open_sqlite(where);
}

void run(const std::string& where, std::size_t total, std::size_t hosts) {
  const auto catalog = open(where);
  ImageRepository images(*catalog);
  const auto source = images.source("bench", "list");

  const auto poll = images.begin_poll(source, SystemClock{}.now());
  see_all(images, source, poll, total, hosts, "see new");
  const Stopwatch due;
  images.next_due(queue_of(poll), SystemClock{}.now());
  fmt::print("{:>16} {:.1f} ms\n", "next due", due.seconds() * 1e3);
  store_all(images, poll, total);
  const Stopwatch counting;
  images.counts(poll);
  fmt::print("{:>16} {:.1f} ms\n", "counts", counting.seconds() * 1e3);

  const auto again = images.begin_poll(source, SystemClock{}.now());
  see_all(images, source, again, total, hosts, "see stored");
}

}  // namespace
}  // namespace creel

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: catalog_bench CATALOG [IMAGES [HOSTS]]\n");
    return 2;
  }
  const auto number = [&](int index, std::size_t otherwise) {
    return argc > index ? static_cast<std::size_t>(std::strtoull(argv[index], nullptr, 10)) : otherwise;
  };
  creel::run(argv[1], number(2, 2'000'000), number(3, 1000));
}
