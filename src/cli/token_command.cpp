#include "cli/token_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/access_token.h"
#include "cli/config_flags.h"
#include "cli/flags.h"

namespace creel {
namespace {

struct TokenOptions {
  std::string config;
  ConfigFlags flags;
  Scope scope = Scope::read;
  std::chrono::milliseconds life = std::chrono::hours(30 * 24);
};

int print_token(const TokenOptions& options, const aws::Environment& environment) {
  const auto config = load_serve_config(options.config, environment, options.flags);
  const auto life = std::chrono::ceil<std::chrono::seconds>(options.life);
  fmt::print("{}\n", make_access_token(config, options.scope, life, SystemClock().now()).reveal());
  return 0;
}

}  // namespace

Command add_token_command(CLI::App& program, const aws::Environment& environment) {
  auto* flags = program.add_subcommand("token", "Print a token for the API of the backend, and nothing else");
  auto options = std::make_shared<TokenOptions>();
  add_config_place(*flags, options->config, options->flags);
  add_choice<Scope>(*flags, "--scope", options->scope, {{"read", Scope::read}, {"write", Scope::write}},
                    "What it allows; write is read as well");
  add_duration(*flags, "--ttl", options->life, "30d", "How long it is good for");
  flags->footer("curl -H \"Authorization: Bearer $(creel token --scope read)\" http://127.0.0.1:8080/images");
  return {flags, [options, &environment] { return print_token(*options, environment); }};
}

}  // namespace creel
