#include "cli/doctor_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/config_flags.h"
#include "cli/doctor_checks.h"

namespace creel {
namespace {

struct DoctorOptions {
  std::string config;
  ConfigFlags flags;
  bool json = false;
};

int examine(const DoctorOptions& options, const aws::Environment& environment) {
  const auto config = load_serve_config(options.config, environment, options.flags);
  const SystemClock clock;
  const DoctorParts parts{.config = config, .environment = environment, .clock = clock};
  Findings findings;
  for (const auto check :
       {&check_machine, &check_credentials, &check_store, &check_function, &check_clock, &check_catalog}) {
    auto found = check(parts);
    std::ranges::move(found, std::back_inserter(findings));
  }
  fmt::print("{}", options.json ? findings_json(findings) + "\n" : findings_text(findings));
  return is_well(findings) ? 0 : 1;
}

}  // namespace

Command add_doctor_command(CLI::App& program, const aws::Environment& environment) {
  auto* flags = program.add_subcommand(
      "doctor",
      "Check the backend's set-up: store, function, database, credentials, clock, sources; and say what to do");
  auto options = std::make_shared<DoctorOptions>();
  flags->add_option("--config", options->config, "Configuration; else CREEL_CONFIG, or ./creel.toml if there is one")
      ->type_name("FILE");
  add_config_flags(*flags, options->flags);
  flags->add_flag("--json", options->json, "Print one JSON object");
  flags->footer(
      "Takes every flag of creel serve. Ends with 1 if anything is wrong. What it puts into the store it takes away.");
  return {flags, [options, &environment] { return examine(*options, environment); }};
}

}  // namespace creel
