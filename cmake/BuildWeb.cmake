# cmake -DSOURCE=web -DDIST=folder -DOUTPUT=web_files.cpp -DLOCK=file -P BuildWeb.cmake
#
# Installs the page's packages if they are not those of package-lock.json, has npm build the page into DIST, and writes
# OUTPUT: C++ with every file of it, compressed. The bytes stand in the code itself, where the compiler's cache sees them.

cmake_minimum_required(VERSION 3.25)

file(LOCK ${LOCK} TIMEOUT 1800 RESULT_VARIABLE locked)
if(NOT locked STREQUAL "0")
  message(FATAL_ERROR "${LOCK} cannot be locked: ${locked}")
endif()

find_program(NPM npm)
find_program(NODE node)
if(NOT NPM OR NOT NODE)
  message(FATAL_ERROR "The page is built with npm, which is not here. Install nodejs (18 or newer) and npm, as "
    "scripts/build does, or build without the page: cmake -DCREEL_WEB=OFF")
endif()

# web_run(WHAT command...): prints what the command says if it fails.
function(web_run what)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE result)
  if(NOT result STREQUAL "0")
    message(FATAL_ERROR "${said}\n${what}: '${ARGN}' failed (${result}) in ${SOURCE}")
  endif()
endfunction()

execute_process(COMMAND ${NODE} tools/packages_are_installed.mjs WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE missing)
if(NOT missing STREQUAL "0")
  web_run("The page's packages could not be installed: are the network and npm's registry there?" ${NPM} ci)
endif()
web_run("The page could not be built" ${NPM} run --silent build -- --outDir ${DIST} --emptyOutDir --logLevel warn)

set(type_html "text/html; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_json "application/json")
set(type_webmanifest "application/manifest+json")
set(type_txt "text/plain; charset=utf-8")
set(type_svg "image/svg+xml")
set(type_png "image/png")
set(type_ico "image/vnd.microsoft.icon")
set(type_webp "image/webp")
set(type_woff2 "font/woff2")

file(GLOB_RECURSE files RELATIVE ${DIST} LIST_DIRECTORIES false ${DIST}/*)
list(SORT files)
list(LENGTH files count)
set(entries "")
foreach(file IN LISTS files)
  string(REGEX MATCH "[^.]*$" ending ${file})
  if(NOT DEFINED type_${ending})
    message(FATAL_ERROR "The page has a file ${file}, whose media type is not known: add it to cmake/BuildWeb.cmake")
  endif()
  # Without name and time, so that the same page gives the same bytes.
  execute_process(COMMAND gzip -9 -n -c ${DIST}/${file} OUTPUT_FILE ${OUTPUT}.gz COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${OUTPUT}.gz hex HEX)
  file(SIZE ${OUTPUT}.gz bytes)
  file(SHA256 ${DIST}/${file} hash)
  string(SUBSTRING ${hash} 0 32 etag)
  string(REGEX REPLACE "(..)" "\\\\x\\1" literal ${hex})
  string(APPEND entries "    {\"${file}\", \"${type_${ending}}\", {\"${literal}\", ${bytes}}, \"${etag}\"},\n")
endforeach()
file(REMOVE ${OUTPUT}.gz)

file(WRITE ${OUTPUT} "// Made by cmake/BuildWeb.cmake.
#include \"cli/web_files.h\"

#include <array>

namespace creel {
namespace {

constexpr std::array<WebFile, ${count}> kFiles{{
${entries}}};

}  // namespace

std::span<const WebFile> web_files() { return kFiles; }

}  // namespace creel
")
