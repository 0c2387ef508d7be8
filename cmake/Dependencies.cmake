# Libraries from Debian 12; scripts/lib/packages.txt names the packages, docs/decisions/ says why each.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
find_package(GTest REQUIRED)
include(GoogleTest)

# SOCI with its SQLite backend; Debian's package has no CMake configuration. The static libraries, since the shared ones
# do not export the type information that UndefinedBehaviorSanitizer looks at.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
find_library(SOCI_CORE_LIBRARY libsoci_core.a REQUIRED)
find_library(SOCI_SQLITE3_LIBRARY libsoci_sqlite3.a REQUIRED)
find_library(SQLITE3_LIBRARY sqlite3 REQUIRED)
add_library(creel_soci INTERFACE IMPORTED)
target_include_directories(creel_soci INTERFACE ${SOCI_INCLUDE_DIR})
target_link_libraries(creel_soci INTERFACE
  ${SOCI_SQLITE3_LIBRARY} ${SOCI_CORE_LIBRARY} ${SQLITE3_LIBRARY} ${CMAKE_DL_LIBS})

# Asio without its deprecated parts.
add_library(creel_asio INTERFACE)
target_link_libraries(creel_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(creel_asio INTERFACE BOOST_ASIO_NO_DEPRECATED)

# One precompiled header for all rooms: what nearly every file includes anyway.
add_library(creel_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(creel_pch PUBLIC creel_asio fmt::fmt)
target_precompile_headers(creel_pch PRIVATE
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <span> <string>
  <string_view> <unordered_map> <utility> <vector>
  <fmt/format.h>
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
  <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>)
