#pragma once

#include <optional>
#include <string>

namespace creel {

/// Makes `text` UTF-8 without NUL, which is all that PostgreSQL takes, and all that answers in JSON can show.
void clean(std::string& text);
void clean(std::optional<std::string>& text);

}  // namespace creel
