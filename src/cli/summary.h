#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/tally.h"

namespace creel {

/// The end of a run as one JSON object: {"total","stored","already","failed","bytes","seconds","images_per_second",
/// "failures":{kind:count}}.
std::string summary_json(const Tally& tally, std::chrono::duration<double> took);

/// The same for people.
std::string summary_table(const Tally& tally, std::chrono::duration<double> took, const std::string& destination);

/// What a dry run has found: how much would be fetched, and from which hosts most of it.
std::string dry_run_table(const Tally& tally, const std::vector<WaitingHost>& hosts, const std::string& destination);

}  // namespace creel
