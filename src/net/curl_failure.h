#pragma once

#include <cstdint>

#include <curl/curl.h>

#include "base/failure.h"

namespace creel {

/// How far a transfer had come when it failed.
enum class TransferPhase : std::uint8_t { connecting, waiting_for_headers, receiving_body };

/// What libcurl's error means for an image.
/// @param detail    libcurl's message for people, may be empty
/// @param os_error  errno of the failed connection, 0 if none
Failure to_failure(CURLcode code, TransferPhase phase, long os_error, std::string_view detail);

}  // namespace creel
