#pragma once

#include <cstddef>

namespace creel {

struct SandboxLimits {
  /// Address space, what the process has already included.
  std::size_t memory_bytes = 0;
  std::size_t cpu_seconds = 0;
};

/// True if the limit on memory can be kept: a sanitizer needs more address space than any limit leaves.
bool sandbox_limits_memory();

/// Shuts this process in, for good: it may read and write the files that it has open, take memory up to the limit, and
/// end; nothing can be opened, started, connected or asked of the system. Two fences one behind the other: resource limits, and a
/// list of system calls (seccomp), which a kernel without seccomp goes without.
/// @return false if the limits could not be set
bool enter_sandbox(const SandboxLimits& limits);

}  // namespace creel
