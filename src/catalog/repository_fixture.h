#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/image_repository.h"
#include "catalog/temporary_folder.h"
#include "support/postgres_cluster.h"

namespace creel {

/// A database that the repository's tests run on.
struct Database {
  std::string name;
  /// Opens the same database each time; what it keeps in files lies in the folder.
  std::function<std::unique_ptr<Catalog>(const std::filesystem::path& folder)> open;
};

inline const Database kSqlite{.name = "Sqlite", .open = [](const std::filesystem::path& folder) {
                                return Catalog::open_sqlite(folder / "creel.db");
                              }};

/// One database for each folder, whose name it has, on the test program's own server. It begins as a copy of one that has
/// been set up.
inline std::string postgresql_url(const std::filesystem::path& folder) {
  constexpr const char* kTemplate = "creel_template";
  auto& cluster = PostgresCluster::shared();
  if (!cluster.has_database(kTemplate)) {
    cluster.create_database(kTemplate);
    Catalog::open_postgresql(cluster.url(kTemplate));
  }
  const auto name = folder.filename().string();
  if (!cluster.has_database(name)) cluster.create_database(name, kTemplate);
  return cluster.url(name);
}

inline const Database kPostgresql{.name = "Postgresql", .open = [](const std::filesystem::path& folder) {
                                    return Catalog::open_postgresql(postgresql_url(folder));
                                  }};

/// A repository with one source and a poll of it that has begun.
class RepositoryFixture : public testing::TestWithParam<Database> {
 protected:
  RepositoryFixture() { open(); }

  /// Opens the database, and again: what was not written is lost, as when a process is killed.
  void open() {
    images_.reset();
    catalog_.reset();
    catalog_ = GetParam().open(folder_.path());
    images_ = std::make_unique<ImageRepository>(*catalog_);
    source_ = images_->source("urls.txt", "list");
  }

  void begin_poll() { poll_ = images_->begin_poll(source_, now_); }

  static FoundImage found(const std::string& id, const std::string& host = "a.example") {
    return {.image_id = id,
            .url = "https://" + host + "/" + id + ".png",
            .host = host,
            .folder = "folder",
            .file_name = id + ".png",
            .fetch_headers = R"({"Accept":"image/png"})",
            .meta = R"({"title":"Sunset"})"};
  }

  Sighting see(const FoundImage& image, RetryFailed retry = {}) {
    return images_->see(source_, poll_, queue_of(poll_), std::vector{image}, retry, now_).front();
  }

  void see(const std::vector<std::string>& ids, const std::string& host) {
    std::vector<FoundImage> list;
    for (const auto& id : ids) list.push_back(found(id, host));
    images_->see(source_, poll_, queue_of(poll_), list, {}, now_);
  }

  LeaseQuery query() const {
    return {
        .queue = queue_of(poll_), .owner = "", .now = now_, .lease_until = now_ + std::chrono::minutes(1), .room = {}};
  }

  LeasedImage lease_one() {
    auto leased = images_->lease(query());
    EXPECT_EQ(leased.images.size(), 1U);
    return leased.images.at(0);
  }

  using Result = decltype(LeaseOutcome::result);

  void record(ImageRow row, Result result, int attempts = 0, const std::string& owner = "") {
    images_->record(std::vector{LeaseOutcome{row, attempts, std::move(result)}}, owner, now_);
  }

  static StoredFacts facts() {
    return {.key = "folder/a.png",
            .final_url = "https://cdn.example/a.png",
            .etag = "abc",
            .content_type = "image/png",
            .sha256 = std::string(64, 'f'),
            .size_bytes = 5'000'000'000,
            .width = 640,
            .height = std::nullopt};
  }

  static FailureFacts failure(FailureKind kind) { return {kind, "why it failed"}; }

  TemporaryFolder folder_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<ImageRepository> images_;
  SystemTime now_{std::chrono::seconds(1'700'000'000)};
  SourceId source_{};
  PollId poll_{};
};

/// The ids of leased images, in order.
inline std::vector<std::string> ids(const Leased& leased) {
  std::vector<std::string> all;
  for (const auto& one : leased.images) all.push_back(one.image.image_id);
  return all;
}

}  // namespace creel
