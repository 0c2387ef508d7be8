#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "sources/source_kind.h"

namespace creel {

inline constexpr std::size_t kMaxSourceNameBytes = 100;

/// What the kinds of sources need from outside.
struct SourceKindsOptions {
  /// The program that runs jq filters for sources of type `json`: this one, as it can be started again.
  std::string jq_program_path;
  /// A folder with presets beside those that are part of the program; none if empty.
  std::filesystem::path presets;
  /// Secrets for sources that have none of their own, by type and setting: "imgur.client_id".
  std::map<std::string, Secret> fallback_secrets;
  /// Folders in which lists that are files may be: see `ListKindOptions`.
  std::vector<std::filesystem::path> list_folders{};
  std::vector<std::filesystem::path> closed_list_folders{};
  /// Whoever may make sources is who runs this program.
  bool is_for_itself = false;
};

/// The kinds of sources that there are. Immutable. Threads: any.
class SourceKinds {
 public:
  /// All of this program.
  explicit SourceKinds(SourceKindsOptions options = {});
  /// These, and no others.
  explicit SourceKinds(std::vector<std::unique_ptr<const SourceKind>> kinds);
  ~SourceKinds();

  std::span<const std::unique_ptr<const SourceKind>> all() const { return kinds_; }

  /// The kind of that name, or null.
  const SourceKind* find(std::string_view name) const;

  /// Checks a source and completes it: defaults are put in, secrets are moved from `settings` to `secrets`, text that a
  /// user typed is trimmed; what is null or empty counts as not given. Returns all that is wrong, none if it is right.
  std::vector<SettingError> check(SourceConfig& source) const;

 private:
  std::vector<std::unique_ptr<const SourceKind>> kinds_;
};

}  // namespace creel
