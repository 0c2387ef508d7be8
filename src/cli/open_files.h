#pragma once

#include <cstddef>

namespace creel {

/// Raises the number of files and sockets that this process may have open as far as it may be raised without rights
/// (the hard limit), and returns it.
std::size_t raise_open_file_limit();

/// How many transfers at a time go with so many open files: each may need two sockets, and some are kept for the rest.
std::size_t transfers_within(std::size_t open_files);

}  // namespace creel
