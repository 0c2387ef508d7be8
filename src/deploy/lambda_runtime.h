#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace creel::deploy {

enum class Architecture : std::uint8_t { x86_64, arm64 };

/// "x86_64" or "arm64", as the service writes them.
std::string_view to_string(Architecture architecture);

/// The architecture of that name, or nothing.
std::optional<Architecture> architecture(std::string_view name);

/// The architecture of an EM_ number; nothing for one that Lambda does not have.
std::optional<Architecture> architecture_of_machine(std::uint16_t machine);

/// The newest version of a family of symbols: "GLIBC" "2.34".
struct SymbolVersions {
  std::string_view family;
  std::string_view newest;
  /// What the image has since some update, on which one should not count everywhere; empty if there is no difference.
  std::string_view newest_lately;
};

/// What is known of the system that one of the service's runtimes offers to native programs.
struct LambdaRuntime {
  std::string_view name;
  std::span<const SymbolVersions> versions;
  /// Shared libraries that can be counted on.
  std::span<const std::string_view> libraries;
  /// Shared libraries that are in the image since other parts of it need them.
  std::span<const std::string_view> incidental_libraries;
  /// Programs that can interpret a script.
  std::span<const std::string_view> interpreters;
};

/// "provided.al2023" or "provided.al2"; nullptr for another.
const LambdaRuntime* find_runtime(std::string_view name);

/// The one to choose: provided.al2023.
const LambdaRuntime& default_runtime();

/// The dynamic loader that programs for it name.
std::string_view loader_of(Architecture architecture);

/// Compares "2.9" and "2.34" by their numbers: less than, equal to or greater than 0.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace creel::deploy
