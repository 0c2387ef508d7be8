#pragma once

#include <cstddef>
#include <string>

namespace creel::emulator {

/// A random UUID, lower case. Threads: any.
std::string new_uuid();

/// That many random hexadecimal digits, lower case. Threads: any.
std::string random_hex(std::size_t digits);

/// From 0 up to 1. Threads: any.
double random_share();

}  // namespace creel::emulator
