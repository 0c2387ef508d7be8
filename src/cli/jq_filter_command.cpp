#include "cli/jq_filter_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "sources/jq_filter.h"

namespace creel {

Command add_jq_filter_command(CLI::App& app) {
  auto* flags = app.add_subcommand("jq-filter", "Runs one jq program; called by creel itself")->group("");
  return {.flags = flags, .run = []() -> int { run_jq_filter(STDIN_FILENO, STDOUT_FILENO); }};
}

}  // namespace creel
