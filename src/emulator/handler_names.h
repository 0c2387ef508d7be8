#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"

namespace creel::emulator {

/// What `bootstrap --list` names; nothing if it is no program of the machine's own kind, or does not know the flag.
Task<std::vector<std::string>> handler_names(boost::asio::any_io_executor executor, std::filesystem::path folder,
                                             std::optional<std::uint32_t> user);

}  // namespace creel::emulator
