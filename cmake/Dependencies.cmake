# Libraries from Debian 12; scripts/lib/packages.txt names the packages, docs/decisions/ says why each.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)

# Asio without its deprecated parts.
add_library(creel_asio INTERFACE)
target_link_libraries(creel_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(creel_asio INTERFACE BOOST_ASIO_NO_DEPRECATED)

if(CREEL_FUNCTION)
  find_package(Boost 1.81 REQUIRED)
  include(FunctionDependencies)
  return()
endif()

find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
set(CREEL_FMT fmt::fmt)
set(CREEL_SPDLOG spdlog::spdlog)
set(CREEL_IDN2 idn2)
find_package(spdlog REQUIRED)
find_package(CURL REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(LIBJWT REQUIRED IMPORTED_TARGET libjwt)
find_package(prometheus-cpp REQUIRED)
find_path(JQ_INCLUDE_DIR jq.h REQUIRED)
find_library(JQ_LIBRARY jq REQUIRED)
add_library(creel_jq INTERFACE IMPORTED)
target_include_directories(creel_jq INTERFACE ${JQ_INCLUDE_DIR})
target_link_libraries(creel_jq INTERFACE ${JQ_LIBRARY})
include(GoogleTest)

# SOCI with its SQLite and PostgreSQL backends; Debian's package has no CMake configuration. The static libraries, since
# the shared ones do not export the type information that UndefinedBehaviorSanitizer looks at.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
find_library(SOCI_CORE_LIBRARY libsoci_core.a REQUIRED)
find_library(SOCI_SQLITE3_LIBRARY libsoci_sqlite3.a REQUIRED)
find_library(SOCI_POSTGRESQL_LIBRARY libsoci_postgresql.a REQUIRED)
find_library(SQLITE3_LIBRARY sqlite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
add_library(creel_soci INTERFACE IMPORTED)
target_include_directories(creel_soci INTERFACE ${SOCI_INCLUDE_DIR})
target_link_libraries(creel_soci INTERFACE
  ${SOCI_SQLITE3_LIBRARY} ${SOCI_POSTGRESQL_LIBRARY} ${SOCI_CORE_LIBRARY} ${SQLITE3_LIBRARY} PostgreSQL::PostgreSQL
  ${CMAKE_DL_LIBS})
