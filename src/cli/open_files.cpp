#include "cli/open_files.h"

#include <algorithm>
#include <sys/resource.h>

namespace creel {
namespace {

constexpr std::size_t kKeptForTheRest = 128;

}  // namespace

std::size_t raise_open_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

std::size_t transfers_within(std::size_t open_files) {
  return std::max<std::size_t>(1, (open_files - std::min(open_files, kKeptForTheRest)) / 2);
}

}  // namespace creel
