#pragma once

#include <charconv>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/serve_config.h"

namespace creel {

using ConfigSetter = std::function<void(ServeConfig&, const std::string&, const std::filesystem::path&)>;

[[noreturn]] inline void refuse_value(const std::string& why) {
  throw Failure(FailureKind::bad_request, why);
}

/// Finds one value in a configuration.
template <class Section, class Value>
struct ConfigField {
  Section ServeConfig::* section;
  Value Section::* value;

  Value& operator()(ServeConfig& config) const { return (config.*section).*value; }
};

// Each of these makes what takes the text of one value over into its field.

template <class Field>
ConfigSetter set_text(Field field, std::function<void(const std::string&)> check = {}) {
  return
      [field, check = std::move(check)](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
        if (check && !value.empty()) check(value);
        field(config) = value;
      };
}

template <class Field>
ConfigSetter set_path(Field field) {
  return [field](ServeConfig& config, const std::string& value, const std::filesystem::path& base) {
    field(config) = value.empty() ? std::filesystem::path() : (base / value).lexically_normal();
  };
}

template <class Field>
ConfigSetter set_secret(Field field) {
  return [field](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
    field(config) = Secret(value);
  };
}

template <class Field>
ConfigSetter set_integer(Field field, std::size_t least, std::size_t most) {
  return [field, least, most](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < least || number > most) {
      refuse_value(fmt::format("'{}' is no whole number from {} to {}", value, least, most));
    }
    field(config) = number;
  };
}

template <class Field>
ConfigSetter set_size(Field field, std::uint64_t least) {
  return [field, least](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
    const auto bytes = parse_bytes(value);
    if (bytes < least) refuse_value(fmt::format("'{}' is less than {} bytes", value, least));
    field(config) = bytes;
  };
}

template <class Field>
ConfigSetter set_duration(Field field, std::chrono::milliseconds least = std::chrono::milliseconds(1)) {
  return [field, least](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
    const auto time = parse_duration(value);
    if (time < least) {
      refuse_value(least.count() == 1 ? "it must be more than 0"
                                      : fmt::format("it must be at least {} ms", least.count()));
    }
    field(config) = time;
  };
}

template <class Field>
ConfigSetter set_boolean(Field field) {
  return [field](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
    const auto word = ascii_lower(value);
    const bool is_true = word == "true" || word == "1" || word == "yes" || word == "on";
    const bool is_false = word == "false" || word == "0" || word == "no" || word == "off";
    if (!is_true && !is_false) refuse_value(fmt::format("'{}' is neither true nor false", value));
    field(config) = is_true;
  };
}

template <class Section, class Value>
ConfigSetter set_choice(ConfigField<Section, Value> field,
                        std::vector<std::pair<std::string_view, std::type_identity_t<Value>>> choices) {
  return [field, choices = std::move(choices)](ServeConfig& config, const std::string& value,
                                               const std::filesystem::path&) {
    std::string names;
    for (const auto& [name, meaning] : choices) {
      if (name == value) {
        field(config) = meaning;
        return;
      }
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    refuse_value(fmt::format("'{}' is none of {}", value, names));
  };
}

inline void check_content_type(std::string_view type) {
  const auto slash = type.find('/');
  const bool has_both = type == "*" || (slash != std::string_view::npos && slash > 0 && slash + 1 < type.size());
  if (!has_both || type.find_first_of(", ;") != std::string_view::npos) {
    refuse_value(fmt::format("'{}' is no type: write it like image/png or image/*", type));
  }
}

template <class Field>
ConfigSetter set_content_types(Field field) {
  return [field](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
    std::vector<std::string> types;
    for (const auto item : split(value, ',')) {
      if (trim(item).empty()) continue;
      check_content_type(trim(item));
      types.emplace_back(trim(item));
    }
    if (types.empty()) refuse_value("it names no type");
    field(config) = std::move(types);
  };
}

/// Folders, divided by commas.
template <class Field>
ConfigSetter set_folders(Field field) {
  return [field](ServeConfig& config, const std::string& value, const std::filesystem::path&) {
    std::vector<std::string> folders;
    for (const auto item : split(value, ',')) {
      if (!trim(item).empty()) folders.emplace_back(trim(item));
    }
    field(config) = std::move(folders);
  };
}

}  // namespace creel
