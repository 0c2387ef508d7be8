#pragma once

#include <span>

#include "api/web_file.h"
#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel serve`: the backend.
/// @param page  the files of its page, which must outlive the command
Command add_serve_command(CLI::App& program, const aws::Environment& environment, std::span<const WebFile> page);

}  // namespace creel
