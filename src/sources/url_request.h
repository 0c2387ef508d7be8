#pragma once

#include <vector>

#include "sources/source_kind.h"

namespace creel {

/// The request for what stands at a source's URL, with the headers that its settings `headers` and `authorization` give.
PollRequest url_request(const SourceConfig& source);

/// What is wrong with these two settings.
std::vector<SettingError> check_url_request(const SourceConfig& source);

}  // namespace creel
