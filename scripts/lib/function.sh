# shellcheck shell=bash
# Builds the Lambda artifact and its zip. Sourced, after install.sh.

# shellcheck source=scripts/lib/static_libraries.sh
source "$(dirname "${BASH_SOURCE[0]}")/static_libraries.sh"

# build_function: build/function/bootstrap.
build_function() {
  static_libraries
  configure function || die "CMake could not configure the build of the function (see above)."
  cmake --build --preset function --target bootstrap || die "the build of the function failed (see above)."
}

# package_function ZIP: build/function/bootstrap as a zip.
package_function() {
  build/release/creel package --bootstrap build/function/bootstrap --output "$1" ||
    die "the function could not be packaged (see above)."
}

# check_reproducible ZIP: builds the function once more, from the same sources in another folder, at another time in
# another time zone, without the compiler's cache, and compares the zips.
check_reproducible() {
  local zip=$1 place
  place=$(mktemp -d)
  mkdir -p "$place/somewhere/else"
  tar -C "$CREEL_ROOT" -c --exclude=./build --exclude=./.git --exclude=./.venv --exclude=./creel-data \
    --exclude=./web/node_modules . |
    tar -C "$place/somewhere/else" -x
  (
    export TZ=Pacific/Auckland CCACHE_DISABLE=1
    cd "$place/somewhere/else"
    source scripts/lib/install.sh
    source scripts/lib/function.sh
    build_function
  ) || return 1
  build/release/creel package --bootstrap "$place/somewhere/else/build/function/bootstrap" --output "$place/other.zip" ||
    return 1
  cmp "$zip" "$place/other.zip" || {
    say "The function's zip depends on where or when it was built. The other one is in $place"
    return 1
  }
  rm -rf "$place"
  say "Built twice, in two places: the same $(wc -c <"$zip") bytes, sha256 $(sha256sum <"$zip" | cut -d ' ' -f 1)"
}
