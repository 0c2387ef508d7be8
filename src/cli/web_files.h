#pragma once

#include <span>

#include "api/web_file.h"

namespace creel {

/// The page's files, which are part of the program; none in one that was built without (CREEL_WEB=OFF).
std::span<const WebFile> web_files();

}  // namespace creel
