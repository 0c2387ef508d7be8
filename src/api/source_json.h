#pragma once

#include <string>
#include <string_view>

#include "api/counts_cache.h"
#include "catalog/source_repository.h"

namespace creel {

class SourceKinds;

/// Appends a source as one line of JSON: the form of the API, of events and of `creel source --json`. Of secrets it shows
/// only whether they are set: "***" or null.
/// @param counts  of the source's images
void append_source_json(std::string& out, const SourceRecord& source, const SourceKinds& kinds,
                        const Counts::ByState& counts);

std::string source_json(const SourceRecord& source, const SourceKinds& kinds, const Counts::ByState& counts);

/// Appends one poll of a source as JSON.
void append_poll_json(std::string& out, const PollRecord& poll);

}  // namespace creel
