#pragma once

#include "cli/command.h"

namespace creel {

/// `creel jq-filter`: the child that the backend runs jq programs in. Not for people, so no help names it.
Command add_jq_filter_command(CLI::App& app);

}  // namespace creel
