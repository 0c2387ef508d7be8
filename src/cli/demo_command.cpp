#include "cli/demo_command.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "cli/demo_run.h"

namespace creel {

Command add_demo_command(CLI::App& program, std::span<const WebFile> page) {
  auto* command = program.add_subcommand("demo", "See all of it work on this machine, with sample pictures");
  auto options = std::make_shared<DemoOptions>();
  command->add_option("--data", options->data, "Folder for the catalog and the pictures; each run begins afresh there")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--listen", options->listen, "Where the page is; if the port is in use, any that is free")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  auto* once = command->add_flag("--once", options->once, "Mirror everything once, check it, print a summary and end");
  command->add_flag("--json", options->json, "Print the summary as one JSON object, and nothing else")->needs(once);
  command->footer(
      "An imitation of Imgur, a feed, a JSON API and a list of links run on this machine, some of it slow, some "
      "broken.\n"
      "The backend polls them, and mirrors the pictures through creel's own Lambda function, in the emulator, into a\n"
      "folder. Nothing else is needed, and nothing is asked of the network.\n"
      "--once ends with 0 if every picture is stored, or failed for its right reason; with 1 if not.");
  return {command, [options, page] { return run_demo(*options, page); }};
}

}  // namespace creel
