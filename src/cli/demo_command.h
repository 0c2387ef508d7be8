#pragma once

#include <span>

#include "api/web_file.h"
#include "cli/command.h"

namespace creel {

/// `creel demo`: the whole system on this machine, with sites of its own to poll.
/// @param page  must outlive it
Command add_demo_command(CLI::App& program, std::span<const WebFile> page);

}  // namespace creel
