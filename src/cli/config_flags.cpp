#include "cli/config_flags.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/config_key.h"

namespace creel {
namespace {

std::string type_name(ConfigType type) {
  switch (type) {
    case ConfigType::integer: return "N";
    case ConfigType::size: return "SIZE";
    case ConfigType::duration: return "DURATION";
    case ConfigType::path: return "PATH";
    case ConfigType::texts: return "A,B";
    default: return "TEXT";
  }
}

void add_flag(CLI::App& command, const ConfigKey& key, const std::string& names, ConfigFlags& flags) {
  const auto name = key.full_name();
  if (key.type == ConfigType::boolean) {
    command
        .add_flag_function(
            names, [&flags, name](std::int64_t count) { flags[name] = count > 0 ? "true" : "false"; }, key.help)
        ->group(fmt::format("[{}]", key.section));
    return;
  }
  auto* option = command.add_option_function<std::string>(
      names, [&flags, name](const std::string& text) { flags[name] = text; }, key.help);
  // So that a script's flags can be overridden behind them.
  option->take_last();
  option->type_name(type_name(key.type))->default_str(key.default_value)->group(fmt::format("[{}]", key.section));
}

}  // namespace

void add_config_flags(CLI::App& command, ConfigFlags& flags) {
  for (const auto& key : config_keys()) {
    if (!key.is_in_file()) continue;
    const auto names = key.short_flag.empty() ? key.flag() : fmt::format("{},{}", key.short_flag, key.flag());
    add_flag(command, key, names, flags);
  }
}

void add_config_place(CLI::App& command, std::string& file, ConfigFlags& flags) {
  command.add_option("--config", file, "Configuration; else CREEL_CONFIG, or ./creel.toml if there is one")
      ->type_name("FILE");
  command
      .add_option_function<std::string>(
          "--data", [&flags](const std::string& text) { flags["server.data"] = text; }, "The backend's data folder")
      ->type_name("DIR")
      ->default_str("creel-data");
}

}  // namespace creel
