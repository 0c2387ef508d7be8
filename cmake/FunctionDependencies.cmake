# The libraries of the static Lambda artifact, where they are not those of the other builds.
# Debian has no static fmt and spdlog, so their headers are used, and those of Boost.JSON, which become smaller so; the
# others are those that scripts/lib/static_libraries.sh makes.

set(CREEL_STATIC_LIBRARIES ${CMAKE_SOURCE_DIR}/build/static CACHE PATH "Where scripts/lib/static_libraries.sh puts them")
if(NOT EXISTS ${CREEL_STATIC_LIBRARIES}/made-from)
  message(FATAL_ERROR "The function's libraries are not in ${CREEL_STATIC_LIBRARIES}: run scripts/build, which makes them")
endif()

# creel_static_library(TARGET FILE USES...)
function(creel_static_library target file)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${CREEL_STATIC_LIBRARIES}/lib/${file}
    INTERFACE_INCLUDE_DIRECTORIES ${CREEL_STATIC_LIBRARIES}/include
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

creel_static_library(OpenSSL::Crypto libcrypto.a)
creel_static_library(OpenSSL::SSL libssl.a OpenSSL::Crypto)
creel_static_library(ZLIB::ZLIB libz.a)
creel_static_library(creel_unistring libunistring.a)
creel_static_library(creel_idn2 libidn2.a creel_unistring)
set(CREEL_IDN2 creel_idn2)
creel_static_library(pugixml::pugixml libpugixml.a)
target_compile_definitions(pugixml::pugixml INTERFACE PUGIXML_NO_XPATH)
creel_static_library(CURL::libcurl libcurl.a OpenSSL::SSL)
target_compile_definitions(CURL::libcurl INTERFACE CURL_STATICLIB)

set(CREEL_FMT fmt::fmt-header-only)
add_library(creel_spdlog INTERFACE)
target_compile_definitions(creel_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(creel_spdlog INTERFACE fmt::fmt-header-only Threads::Threads)
set(CREEL_SPDLOG creel_spdlog)

file(WRITE ${CMAKE_BINARY_DIR}/boost_json.cpp "#include <boost/json/src.hpp>\n")
add_library(creel_boost_json STATIC ${CMAKE_BINARY_DIR}/boost_json.cpp)
target_compile_options(creel_boost_json PRIVATE -w)
target_link_libraries(creel_boost_json PUBLIC Boost::headers)
add_library(Boost::json ALIAS creel_boost_json)
