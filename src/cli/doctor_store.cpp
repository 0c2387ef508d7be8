#include <random>
#include <unistd.h>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/log.h"
#include "cli/backend_parts.h"
#include "cli/destination.h"
#include "cli/doctor_checks.h"
#include "cli/doctor_loop.h"
#include "cli/upload_progress.h"

namespace creel {
namespace {

using Verdict = Finding::Verdict;

constexpr std::string_view kBytes = "creel doctor was here, and should have taken this away again\n";

/// The steps, each with what it showed. Threads: the loop of the store.
class StoreCheck {
 public:
  StoreCheck(ObjectStore& store, std::string place) : store_(store), place_(std::move(place)) {}

  Task<void> run() {
    if (co_await step("put", put(PutCondition::absent_only))) {
      co_await step("conditional put", put_again());
      co_await step("get", get());
      co_await step("delete", remove());
    }
  }

  Findings take() { return std::move(findings_); }

 private:
  Task<bool> step(std::string name, Task<std::string> work) {
    auto check = fmt::format("store: {}", name);
    try {
      auto found = co_await std::move(work);
      findings_.push_back({.check = std::move(check), .found = std::move(found)});
      co_return true;
    } catch (const Failure& failure) {
      findings_.push_back(wrong(std::move(check), failure, advice(failure)));
    }
    co_return false;
  }

  Task<PutResult> store_it(PutCondition condition) {
    ObjectMetadata metadata{.content_type = "text/plain", .user = {}};
    return store_.put(key_, BodyView(std::as_bytes(std::span(kBytes))), sha256(kBytes), std::move(metadata), condition);
  }

  Task<std::string> put(PutCondition condition) {
    const auto result = co_await store_it(condition);
    co_return fmt::format("{}{}", place_, result.already_there ? " had such an object already" : " takes objects");
  }

  Task<std::string> put_again() {
    const auto result = co_await store_it(PutCondition::absent_only);
    if (!result.already_there) {
      throw Failure(FailureKind::store_error,
                    "an object was replaced that was to be kept: the store does not heed "
                    "If-None-Match");
    }
    co_return "an object that is there is kept";
  }

  Task<std::string> get() {
    const auto bytes = co_await store_.get(key_, 4096);
    if (!bytes) throw Failure(FailureKind::store_error, "the object that was put is not there");
    if (*bytes != kBytes) throw Failure(FailureKind::store_error, "what comes back is not what was put");
    co_return "what was put comes back";
  }

  Task<std::string> remove() {
    co_await store_.remove(key_);
    if (co_await store_.get(key_, 4096)) throw Failure(FailureKind::store_error, "the object is still there");
    co_return "the object is gone";
  }

  std::string advice(const Failure& failure) const {
    switch (failure.kind()) {
      case FailureKind::store_denied:
      case FailureKind::bad_auth:
      case FailureKind::forbidden:
        return "Look at the bucket's name and region, and let these credentials put, get and delete objects "
               "(docs/guide/bucket.md); for a folder, at who owns it";
      case FailureKind::dns:
      case FailureKind::connect:
      case FailureKind::tls:
      case FailureKind::timeout: return "Look at store.endpoint_url, and whether this machine reaches it";
      default: return "See docs/guide/bucket.md for what a store must be able to do";
    }
  }

  ObjectStore& store_;
  const std::string place_;
  const ObjectKey key_{fmt::format("creel-doctor/{:08x}{:08x}.txt", std::random_device()(), std::random_device()())};
  Findings findings_;
};

/// A folder that is not there yet is not made for a look at it.
Finding check_missing(const std::filesystem::path& folder) {
  const auto above = nearest_existing(folder);
  std::error_code error;
  if (std::filesystem::is_directory(above, error) && ::access(above.c_str(), W_OK | X_OK) == 0) {
    return {.check = "store", .found = fmt::format("{} is not there, and can be made", folder.string())};
  }
  return {.check = "store",
          .verdict = Verdict::wrong,
          .found = fmt::format("{} is not there, and cannot be made in {}", folder.string(), above.string()),
          .advice = "Name another folder as store.to, or let the user that runs creel write there"};
}

}  // namespace

Findings check_store(const DoctorParts& parts) {
  try {
    DoctorLoop loop;
    Resolver resolver(parts.clock, system_lookup);
    const auto log = silent_log();
    UploadProgress uploads(log);
    auto options = stores_options(parts.config, parts.environment);
    // A store that is not there is to be told of soon.
    options.s3.retry.max_attempts = 2;
    const auto place = options.destination.text();
    std::error_code error;
    if (!options.destination.is_bucket() && !std::filesystem::is_directory(options.destination.folder, error)) {
      return {check_missing(options.destination.folder)};
    }
    Stores stores(std::move(options), parts.environment, resolver, parts.clock, log, uploads);
    const auto store = stores.make(loop.executor());
    StoreCheck check(*store, place);
    loop.run(check.run());
    return check.take();
  } catch (const Failure& failure) {
    return {wrong("store", failure, "See docs/guide/bucket.md")};
  }
}

}  // namespace creel
