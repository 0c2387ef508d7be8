#pragma once

#include <string>

#include "sources/poll_fetcher.h"

namespace creel {

/// What a source's polls remember from one to the next, kept with the source in the catalog:
/// {"validators":{"https://a.example/feed":{"etag":"\"1\"","last_modified":"..."}},"kind":"..."}
struct PollMemory {
  PollValidators validators;
  /// The kind's own.
  std::string kind;

  bool operator==(const PollMemory&) const = default;
};

/// Text that cannot be read is an empty memory: the next poll then asks for everything, which harms nothing.
PollMemory poll_memory(const std::string& text);

/// Empty for an empty memory.
std::string to_text(const PollMemory& memory);

/// What the poll after one that was broken off gets of a memory: all but that nothing is missing behind images which are
/// known (`SeenMemory::is_whole`).
std::string memory_after_broken_poll(const std::string& text);

}  // namespace creel
