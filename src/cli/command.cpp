#include "cli/command.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sources/setting_check.h"

namespace creel {
namespace {

constexpr int kWrongUsage = 2;

/// "creel image" for a command and those it belongs to.
std::string full_name(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : fmt::format("{} {}", full_name(*parent), command.get_name());
}

std::vector<std::string> shown_commands(const CLI::App& group) {
  std::vector<std::string> names;
  for (const auto* command : group.get_subcommands([](const CLI::App* app) { return !app->get_group().empty(); })) {
    names.push_back(command->get_name());
  }
  return names;
}

}  // namespace

int refuse_command(const CLI::App& group) {
  const auto name = full_name(group);
  const auto commands = shown_commands(group);
  const auto given = group.remaining();
  std::string what = "no command is given";
  if (!given.empty() && given.front().starts_with('-')) {
    what = fmt::format("there is no option '{}' before a command", given.front());
  } else if (!given.empty()) {
    const auto meant = nearest_name(given.front(), commands);
    what = fmt::format("there is no command '{}'{}", given.front(),
                       meant ? fmt::format("; did you mean '{}'?", *meant) : "");
  }
  fmt::print(stderr, "{}: {}\nCommands: {}\nRun {} --help for more.\n", name, what, fmt::join(commands, ", "), name);
  return kWrongUsage;
}

}  // namespace creel
