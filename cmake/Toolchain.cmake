# Compiler, warnings, sanitizers, compiler cache and linker for every target.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "creel is built with clang 19 (g++ 12 miscompiles coroutines); "
    "use a preset, e.g. cmake --preset release. Found: "
    "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
endif()

# A designated initialiser may leave fields at their defaults: that is what it is for.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-missing-designated-field-initializers)
option(CREEL_WARNINGS_AS_ERRORS "Treat warnings as errors" ON)
if(CREEL_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1 -fno-omit-frame-pointer")

# The Lambda artifact: one small static file, whose bytes do not depend on where and when it was built.
if(CREEL_FUNCTION)
  set(CMAKE_CXX_FLAGS_RELEASE "-Oz -DNDEBUG")
  add_compile_options(-flto=thin -ffunction-sections -fdata-sections -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
  add_link_options(-static -flto=thin LINKER:--gc-sections LINKER:--icf=all LINKER:-O2 LINKER:--strip-all)
endif()

set(CREEL_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(CREEL_SANITIZE)
  add_compile_options(-fsanitize=${CREEL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CREEL_SANITIZE})
endif()
if(CREEL_SANITIZE MATCHES address)
  # So that the fuzz targets see which code an input reaches.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

add_link_options(-fuse-ld=lld-19)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The precompiled header is part of what ccache hashes, so its time stamps must not be.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_MAXSIZE=2G ${CCACHE_PROGRAM})
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()
