# shellcheck shell=bash
# Makes the static libraries of the Lambda artifact that Debian has not, or has larger than need be. Sourced, after
# install.sh.
#
#   libcurl     HTTP and HTTPS alone, out of Debian's own source package, which carries Debian's security fixes
#   libpugixml  without XPath, out of Debian's source package as well
#   the others  Debian's, less their unwind tables: no exception passes through code in C

# static_libraries: build/static/lib and build/static/include; made anew only when Debian's packages or this file have
# changed.
static_libraries() {
  local folder=$CREEL_ROOT/build/static stamp log
  stamp=$({ dpkg-query -W libcurl4-openssl-dev libpugixml-dev libssl-dev zlib1g-dev libidn2-dev libunistring-dev clang-19 &&
    cat "$CREEL_ROOT/scripts/lib/static_libraries.sh"; } | sha256sum)
  [[ -f $folder/made-from && $(<"$folder/made-from") == "$stamp" ]] && return

  say "Building the function's libraries from Debian's packages"
  rm -rf "$folder"
  mkdir -p "$folder/lib" "$folder/include"
  local package
  for package in curl pugixml; do
    debian_source "$package" "$folder/$package" ||
      die "apt-get could not get the source package of $package (see above)." \
        "It comes from the archives in /etc/apt/sources.list.d: check the network, then run this again."
  done
  log=$folder/build.log
  { build_curl "$folder" && build_pugixml "$folder" && copy_without_unwind_tables "$folder"; } >"$log" 2>&1 || {
    tail -n 40 "$log" >&2
    die "the function's libraries could not be built (see above and $log)."
  }
  rm -rf "$folder/curl" "$folder/pugixml"
  printf '%s\n' "$stamp" >"$folder/made-from"
}

# Small rather than fast, and such that the linker can leave out what is not used.
small_flags() { # small_flags FOLDER
  printf '%s ' -Oz -DNDEBUG -flto=thin -ffunction-sections -fdata-sections "-ffile-prefix-map=$1=."
}

build_curl() { # build_curl FOLDER
  local launcher=()
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache); fi
  cmake -S "$1/curl/source" -B "$1/curl/build" -G Ninja -DCMAKE_C_COMPILER=clang-19 "${launcher[@]}" \
    -DCMAKE_AR=/usr/bin/llvm-ar-19 -DCMAKE_RANLIB=/usr/bin/llvm-ranlib-19 \
    -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX="$1" -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_C_FLAGS="$(small_flags "$1") -fno-asynchronous-unwind-tables -fno-unwind-tables" -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld-19 \
    -DBUILD_SHARED_LIBS=OFF -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DENABLE_MANUAL=OFF \
    -DHTTP_ONLY=ON -DUSE_NGHTTP2=OFF -DCURL_USE_OPENSSL=ON -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON \
    -DENABLE_THREADED_RESOLVER=OFF -DENABLE_UNIX_SOCKETS=OFF -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none \
    -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DUSE_LIBIDN2=OFF -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF \
    -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_CRYPTO_AUTH=ON -DCURL_DISABLE_DOH=ON \
    -DCURL_DISABLE_GETOPTIONS=ON -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_MIME=ON -DCURL_DISABLE_NETRC=ON \
    -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_PROGRESS_METER=ON &&
    cmake --build "$1/curl/build" --target install
}

build_pugixml() { # build_pugixml FOLDER
  local flags
  read -ra flags <<<"$(small_flags "$1")"
  cp "$1"/pugixml/source/src/*.hpp "$1/include" &&
    clang++-19 "${flags[@]}" -std=c++17 -DPUGIXML_NO_XPATH -c "$1/pugixml/source/src/pugixml.cpp" -o "$1/pugixml/pugixml.o" &&
    llvm-ar-19 rcD "$1/lib/libpugixml.a" "$1/pugixml/pugixml.o"
}

copy_without_unwind_tables() { # copy_without_unwind_tables FOLDER
  local name
  for name in libcrypto libssl libz libidn2 libunistring; do
    llvm-objcopy-19 --remove-section=.eh_frame --remove-section=.rela.eh_frame \
      "$(clang-19 -print-file-name="$name.a")" "$1/lib/$name.a" || return 1
  done
}

# debian_source PACKAGE FOLDER: the source package, patched, in FOLDER/source. The archives are those of the machine,
# asked for sources as well; its own configuration is left as it is.
debian_source() (
  set -e
  apt=$2/apt
  mkdir -p "$apt/sources" "$apt/lists/partial"
  {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true
  } | sed -n 's/^deb[[:space:]]/deb-src /p' >"$apt/sources/all.list"
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -f $file ]] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/sources/$(basename "$file")"
  done
  options=(-qq -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$apt/sources" -o "Dir::State::Lists=$apt/lists"
    -o "Dir::Cache::srcpkgcache=" -o "Dir::Cache::pkgcache=" -o "APT::Sandbox::User=root")
  apt-get "${options[@]}" update
  cd "$apt"
  apt-get "${options[@]}" source --only-source "$1" >/dev/null
  mv "$apt/$1"-*/ "$2/source"
  cd "$2"
  rm -rf "$apt"
)
