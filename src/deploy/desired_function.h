#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace creel::deploy {

/// A role that is there already.
struct RoleArn {
  std::string arn;

  bool operator==(const RoleArn&) const = default;
};

/// A role of the function's own, to be created and kept as it should be.
struct OwnRole {
  std::string name;
  /// The buckets that the function may use.
  std::vector<std::string> buckets{};
  /// What it may do there: "get", "put", "list", "delete".
  std::vector<std::string> bucket_access{};

  bool operator==(const OwnRole&) const = default;
};

/// The web address that a function gets.
struct WantedUrl {
  enum class Auth { none, iam };
  enum class Mode { buffered, response_stream };

  Auth auth = Auth::iam;
  Mode mode = Mode::buffered;

  bool operator==(const WantedUrl&) const = default;
};

/// A wish that may also be that there be none. Without a wish, what is deployed
/// stays as it is.
enum class Absent { absent };
template <class T>
using Wish = std::optional<std::variant<Absent, T>>;

/// The test that a new version is put to.
struct SmokeTest {
  enum class Kind { none, dry_run, call };

  Kind kind = Kind::dry_run;
  /// JSON, for `call`.
  std::string payload{};

  bool operator==(const SmokeTest&) const = default;
};

/// A function as its configuration wants it.
struct DesiredFunction {
  std::string name;
  std::string handler;
  std::string runtime = "provided.al2023";
  /// "x86_64" or "arm64".
  std::string architecture = "x86_64";
  std::optional<std::string> description{};
  int memory_mb = 512;
  int timeout_seconds = 60;
  std::optional<int> ephemeral_storage_mb{};
  std::map<std::string, std::string> environment{};
  /// Variables that others have set stay.
  bool merge_environment = false;
  std::variant<RoleArn, OwnRole> role;
  std::optional<int> log_retention_days{};
  Wish<int> reserved_concurrency{};
  /// Empty: no versions are published, and $LATEST is what is called.
  std::string alias = "live";
  Wish<WantedUrl> url{};
  /// With a value, all other tags go.
  std::optional<std::map<std::string, std::string>> tags{};
  SmokeTest smoke{};
  std::filesystem::path zip;

  /// "/aws/lambda/NAME"
  std::string log_group() const { return "/aws/lambda/" + name; }
};

}  // namespace creel::deploy
