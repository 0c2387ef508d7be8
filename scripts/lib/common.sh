# shellcheck shell=bash
# For every script: where the project is, and how to speak. Sourced.

CREEL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export CREEL_ROOT

say() { printf '%s\n' "$*"; }

# die MESSAGE [WHAT TO DO]
die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  if [[ $# -gt 1 ]]; then printf '  %s\n' "${@:2}" >&2; fi
  exit 1
}

# configure PRESET [OPTION...]: makes build/PRESET ready to build; prints what CMake says only if it fails.
configure() {
  local said
  said=$(cmake --preset "$1" -DCMAKE_MESSAGE_LOG_LEVEL=WARNING "${@:2}" 2>&1) || {
    printf '%s\n' "$said" >&2
    return 1
  }
}

# The C++ files, one a line.
cpp_files() {
  find "$CREEL_ROOT"/{include,src,cmake,tests,examples} -name '*.h' -o -name '*.cpp' | sort
}
