#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace creel {

/// "64MiB", "10 MB", "512k", "123": bytes. KiB, MiB, GiB and K, M, G are powers of 1024; KB, MB, GB of 1000.
/// @throws Failure bad_request
std::uint64_t parse_bytes(std::string_view text);

/// "60s", "500ms", "5m", "2h", "1d", "60" (seconds).
/// @throws Failure bad_request
std::chrono::milliseconds parse_duration(std::string_view text);

/// "1.4 MB", as people read it: powers of 1000.
std::string format_bytes(std::uint64_t bytes);

/// "2h 05m", "3m 10s", "12s".
std::string format_duration(std::chrono::seconds duration);

}  // namespace creel
