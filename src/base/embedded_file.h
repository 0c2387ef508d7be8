#pragma once

#include <string_view>

namespace creel {

/// A file that is part of the program; cmake/Embed.cmake puts it there. Its bytes are there as long as the program runs.
struct EmbeddedFile {
  std::string_view name;
  std::string_view bytes;
};

}  // namespace creel
