#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace creel::aws {

/// The surroundings that the AWS settings are read from, passed in so that
/// tests can set them. Immutable.
struct Environment {
  /// The value of an environment variable; nothing if it is not set.
  std::function<std::optional<std::string>(std::string_view name)> variable;

  /// The user's home folder; empty if there is none.
  std::filesystem::path home;

  /// The variable's value; as for the AWS tools, an empty one is not set.
  std::optional<std::string> find(std::string_view name) const {
    auto value = variable ? variable(name) : std::nullopt;
    if (value && value->empty()) return std::nullopt;
    return value;
  }
};

}  // namespace creel::aws
