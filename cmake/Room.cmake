# creel_room(NAME SOURCES file... [TESTS file...] [USES target...] [PRIVATE_USES target...] [TEST_USES target...]
#            [STANDALONE])
#
# Makes the library creel::NAME of one folder under src/ and, if it has tests, the program NAME_test, known to ctest
# test by test. Source lists are explicit; a *.cpp in the folder that no list names is an error, so that a test
# cannot fall out of the build unnoticed. A STANDALONE room is installed by itself, so it gets nothing of the house's.
function(creel_room name)
  cmake_parse_arguments(room "STANDALONE" "" "SOURCES;TESTS;USES;PRIVATE_USES;TEST_USES" ${ARGN})

  file(GLOB present RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS *.cpp)
  foreach(file IN LISTS present)
    if(NOT file IN_LIST room_SOURCES AND NOT file IN_LIST room_TESTS AND NOT file STREQUAL "main.cpp")
      message(FATAL_ERROR "src/${name}/${file} is in no list of src/${name}/CMakeLists.txt: add it to SOURCES or TESTS")
    endif()
  endforeach()

  add_library(creel_${name} STATIC ${room_SOURCES})
  add_library(creel::${name} ALIAS creel_${name})
  target_link_libraries(creel_${name} PUBLIC ${room_USES} PRIVATE ${room_PRIVATE_USES})
  if(room_STANDALONE)
    target_include_directories(creel_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>)
  else()
    target_include_directories(creel_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(creel_${name} PUBLIC creel_asio ${CREEL_FMT})
    target_precompile_headers(creel_${name} REUSE_FROM creel_pch)
  endif()

  if(room_TESTS AND NOT CREEL_FUNCTION)
    add_executable(${name}_test ${room_TESTS})
    target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(${name}_test PRIVATE creel::${name} ${room_TEST_USES} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_options(${name}_test PRIVATE -O0)
    target_precompile_headers(${name}_test REUSE_FROM creel_test_pch)
    target_compile_definitions(${name}_test PRIVATE CREEL_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata")
    if("creel_test_postgres" IN_LIST room_TEST_USES)
      # Those that need a PostgreSQL server run in one go: each run of the program starts a server of its own.
      set(test_filter TEST_FILTER -*Postgresql*)
      add_test(NAME ${name}.postgresql COMMAND ${name}_test --gtest_filter=*Postgresql*)
      set_tests_properties(${name}.postgresql PROPERTIES TIMEOUT 600)
    endif()
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. ${test_filter} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
  endif()
endfunction()
