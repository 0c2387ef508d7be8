// Measures what the backend asks of a catalog of a million images: adding, pages of every kind, counts.
//
//   backend_catalog_bench sqlite FILE [IMAGES]      FILE is made anew
//   backend_catalog_bench postgresql [IMAGES]       a server of the program's own
//   backend_catalog_bench pages URL-OR-FILE         only the pages, of a catalog that was made before

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <soci/soci.h>

#include "base/hash.h"
#include "catalog/catalog.h"
#include "catalog/image_library.h"
#include "catalog/image_repository.h"
#include "support/postgres_cluster.h"

namespace creel {
namespace {

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kSources = 20;
constexpr int kPages = 60;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// The first title word stands in every title, "sunset" in a twentieth, "w12345" in ten of a million.
FoundImage image(std::size_t number) {
  static const std::vector<std::string> words = {
      "sunset", "sea",    "mountain", "harbour", "lighthouse", "cat",    "dog",    "river",  "bridge", "forest",
      "winter", "summer", "portrait", "night",   "street",     "market", "castle", "garden", "flower", "bird"};
  const auto mixed = number * 2654435761U;
  const auto host = fmt::format("images{}.example.org", number % 500);
  return {.image_id = to_hex(sha256(std::to_string(number))).substr(0, 24),
          .url = fmt::format("https://{}/gallery/2024/{:08}.jpeg", host, number),
          .host = host,
          .folder = "gallery",
          .file_name = fmt::format("{:08}.jpeg", number),
          .title = fmt::format("Wallpaper {} w{} {}", words[mixed / 7 % words.size()], mixed % 100'000, number),
          .description = fmt::format("A picture of a {} by the {}", words[mixed / 131 % words.size()],
                                     words[mixed / 3001 % words.size()]),
          .attribution_name = fmt::format("Author {}", mixed % 5000),
          .type = number % 50'000 == 7 ? "image/avif"
                  : number % 4 == 0    ? "image/png"
                                       : "image/jpeg",
          .nsfw = number % 997 == 0};
}

/// Adds images of all sources in turn, a second of the catalog's time for each thousand.
double add(ImageRepository& images, std::size_t begin, std::size_t end) {
  std::vector<std::pair<SourceId, PollId>> polls;
  const SystemTime start{std::chrono::seconds(1'700'000'000)};
  for (std::size_t i = 0; i < kSources; ++i) {
    const auto source = images.source(fmt::format("source {}", i), "feed");
    polls.emplace_back(source, images.begin_poll(source, start));
  }
  double seconds = 0;
  for (std::size_t at = begin; at < end; at += kBatch) {
    std::vector<FoundImage> found;
    for (auto i = at; i < std::min(at + kBatch, end); ++i) found.push_back(image(i));
    const auto [source, poll] = polls[at / kBatch % kSources];
    const Stopwatch watch;
    images.see(source, poll, kBackendQueue, found, {}, start + std::chrono::seconds(at / kBatch));
    seconds += watch.seconds();
  }
  return seconds;
}

/// Most are stored, a few have failed or wait. By SQL, since this is not what is measured.
void settle(Catalog& catalog, std::size_t images) {
  auto& session = catalog.session();
  for (std::size_t begin = 0; begin <= images + kBatch; begin += 50'000) {
    session << fmt::format(
        "update images set state = case when id % 100 < 3 then 3 when id % 100 = 3 then 4 else 2 end,"
        " failure_kind = case when id % 100 < 3 then 11 + id % 3 else null end,"
        " failure_message = case when id % 100 < 3 then 'the server answered with 404' else null end,"
        " key = case when id % 100 < 3 then null else 'gallery/' || file_name end,"
        " final_url = image_url, etag = '9e107d9d372bb6826bd81d3542a419d6',"
        " sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', width = 800, height = 600,"
        " size_bytes = case when id % 100 < 3 then null else 1000 + (id * 7919) % 400000 end,"
        " stored_at = case when id % 100 < 3 then null else found_at + 5000 + (id * 31) % 60000 end,"
        " attempts = 1, updated_at = found_at + 60000"
        " where id > {} and id <= {} and id % 200 <> 5",
        begin, begin + 50'000);
  }
  session << (catalog.dialect() == Dialect::sqlite ? "pragma wal_checkpoint(truncate)" : "vacuum analyze");
}

struct Kind {
  const char* name;
  ImageQuery query;
};

std::vector<Kind> kinds() {
  const SystemTime middle{std::chrono::seconds(1'700'000'500)};
  const SourceId source{3};
  using enum ImageSort;
  return {
      {"newest found", {}},
      {"newest found, one source", {.filter = {.source = source}}},
      {"stored ones", {.filter = {.state = ImageState::stored}}},
      {"waiting ones", {.filter = {.state = ImageState::pending}}},
      {"failed with one kind", {.filter = {.failure_kind = FailureKind::not_found}}},
      {"newest stored", {.sort = newest_stored}},
      {"largest", {.sort = largest}},
      {"smallest of one source", {.filter = {.source = source}, .sort = smallest}},
      {"any image type", {.filter = {.type = "image/*"}}},
      {"a type of 20 images", {.filter = {.type = "image/avif"}}},
      {"a type of no image", {.filter = {.type = "image/bmp"}}},
      {"rare type and nsfw, by size", {.filter = {.type = "image/avif", .nsfw = true}, .sort = largest}},
      {"at least 400,900 bytes, newest found", {.filter = {.min_size_bytes = 400'900}}},
      {"at least 200,000 bytes, newest found", {.filter = {.min_size_bytes = 200'000}}},
      {"found before the middle", {.filter = {.found_before = middle}}},
      {"found before the middle, largest", {.filter = {.found_before = middle}, .sort = largest}},
      {"a word of every title", {.filter = {.search = "wallpaper"}}},
      {"the beginning of that word", {.filter = {.search = "wallpap"}}},
      {"its first letter", {.filter = {.search = "w"}}},
      {"a word of a twentieth", {.filter = {.search = "sunset"}}},
      {"two such words", {.filter = {.search = "sunset harbour"}}},
      {"a rare word", {.filter = {.search = "w12345"}}},
      {"a word of no title", {.filter = {.search = "zeppelin"}}},
      {"a word of every title, largest", {.filter = {.search = "wallpaper"}, .sort = largest}},
      {"a word of a twentieth, largest", {.filter = {.search = "sunset"}, .sort = largest}},
      {"a rare word, largest", {.filter = {.search = "w12345"}, .sort = largest}},
      {"rare type, nsfw and a word of every title",
       {.filter = {.type = "image/avif", .nsfw = false, .search = "wallpaper"}}},
      {"a word of a twentieth, found before the middle", {.filter = {.found_before = middle, .search = "sunset"}}},
  };
}

void measure_pages(Catalog& catalog) {
  ImageLibrary library(catalog);
  fmt::print("| page of 50 | p50 ms | slowest ms | images a page |\n|---|---:|---:|---:|\n");
  for (auto& [name, query] : kinds()) {
    std::vector<double> times;
    std::size_t images = 0;
    library.page(query);
    for (int i = 0; i < kPages; ++i) {
      const Stopwatch watch;
      const auto page = library.page(query);
      times.push_back(watch.seconds() * 1e3);
      images += page.images.size();
      query.cursor = page.next_cursor;
    }
    std::ranges::sort(times);
    fmt::print("| {} | {:.2f} | {:.2f} | {:.1f} |\n", name, times[times.size() / 2], times.back(),
               static_cast<double>(images) / kPages);
    std::fflush(stdout);
  }
  constexpr int kRounds = 2000;
  const Stopwatch watch;
  const double cpu = cpu_seconds();
  for (int i = 0; i < kRounds; ++i) library.page({});
  fmt::print("\nfirst page, {} times: {:.0f} µs each, {:.0f} µs of this program's CPU\n", kRounds,
             watch.seconds() * 1e6 / kRounds, (cpu_seconds() - cpu) * 1e6 / kRounds);
}

template <class Work>
void time_once(const char* what, Work work) {
  const Stopwatch watch;
  work();
  fmt::print("{}: {:.1f} ms\n", what, watch.seconds() * 1e3);
}

void measure_counts(Catalog& catalog) {
  ImageLibrary library(catalog);
  const SystemTime end{std::chrono::seconds(1'700'001'000)};
  time_once("counts of all", [&] { library.counts(); });
  time_once("hours of all", [&] { library.hours(end - std::chrono::hours(24), std::nullopt); });
  time_once("hours of one source", [&] { library.hours(end - std::chrono::hours(24), SourceId{3}); });
  time_once("queue age", [&] { library.queue_age(); });
}

void run(Catalog& catalog, std::size_t total) {
  ImageRepository images(catalog);
  const auto before = total - total / 10;
  fmt::print("{} images added in {:.1f} s\n", before, add(images, 0, before));
  const Stopwatch settling;
  settle(catalog, before);
  fmt::print("settled in {:.1f} s\n", settling.seconds());
  fmt::print("{} more added in {:.2f} s\n\n", total - before, add(images, before, total));
  settle(catalog, total / 2);
  measure_pages(catalog);
  measure_counts(catalog);
}

void run_sqlite(const std::filesystem::path& file, std::size_t total) {
  for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(file.string() + suffix);
  run(*Catalog::open_sqlite(file), total);
}

void run_postgresql(std::size_t total) {
  PostgresCluster cluster;
  cluster.create_database("bench");
  run(*Catalog::open_postgresql(cluster.url("bench")), total);
}

}  // namespace
}  // namespace creel

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto number = [&](std::size_t index) {
    return arguments.size() > index ? static_cast<std::size_t>(std::stoull(arguments[index])) : 1'000'000U;
  };
  if (arguments.size() >= 2 && arguments[0] == "sqlite") {
    creel::run_sqlite(arguments[1], number(2));
  } else if (!arguments.empty() && arguments[0] == "postgresql") {
    creel::run_postgresql(number(1));
  } else if (arguments.size() == 2 && arguments[0] == "pages") {
    const auto catalog = arguments[1].starts_with("postgresql:") ? creel::Catalog::open_postgresql(arguments[1])
                                                                 : creel::Catalog::open_sqlite(arguments[1]);
    creel::measure_pages(*catalog);
    creel::measure_counts(*catalog);
  } else {
    fmt::print(stderr, "usage: backend_catalog_bench sqlite FILE [IMAGES] | postgresql [IMAGES] | pages URL-OR-FILE\n");
    return 2;
  }
}
