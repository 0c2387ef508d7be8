#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/failure.h"

namespace creel {

/// A flag whose text is turned into a value by `parse`; what that throws is shown as a fault of the flag.
CLI::Option* add_parsed(CLI::App& command, const std::string& name, const std::string& type,
                        const std::string& default_text, const std::string& description,
                        const std::function<void(const std::string&)>& parse);

/// A flag that takes one of a few words; the first is the default.
template <class T>
CLI::Option* add_choice(CLI::App& command, const std::string& name, T& value,
                        const std::vector<std::pair<std::string, T>>& choices, const std::string& description) {
  std::string names;
  for (const auto& [text, choice] : choices) names += (names.empty() ? "" : "|") + text;
  return add_parsed(command, name, names, choices.front().first, description,
                    [&value, choices, names](const auto& text) {
                      for (const auto& [name_of_choice, choice] : choices) {
                        if (name_of_choice == text) {
                          value = choice;
                          return;
                        }
                      }
                      throw Failure(FailureKind::bad_request, fmt::format("'{}' is none of {}", text, names));
                    });
}

/// A flag for a time that must be more than nothing.
CLI::Option* add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& default_text, const std::string& description);

/// Says what is wrong with the address of a service; nothing if it can be used.
std::string is_web_address(const std::string& text);

}  // namespace creel
