#pragma once

#include <string_view>

namespace creel::deploy {

/// Checks that `text` is one JSON value.
/// @param what  where the text is from: "--payload", "events.jsonl:3"
/// @throws Failure bad_request  with the line and the column where it stops
/// being JSON, both from 1
void check_json(std::string_view text, std::string_view what);

}  // namespace creel::deploy
