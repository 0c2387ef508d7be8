#pragma once

#include <string>

#include "cli/serve_config.h"

namespace CLI {
class App;
}

namespace creel {

/// Declares a flag for every key of the configuration; what is given lands in `flags`, which must outlive the command.
void add_config_flags(CLI::App& command, ConfigFlags& flags);

/// Declares --config and --data, for commands that look at a backend's configuration.
void add_config_place(CLI::App& command, std::string& file, ConfigFlags& flags);

}  // namespace creel
