# Two precompiled headers: what nearly every file of the rooms includes anyway, and that with GoogleTest for the tests.
set(creel_often_included
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <span> <string>
  <string_view> <unordered_map> <utility> <vector>
  <fmt/format.h>
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
  <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>)

add_library(creel_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(creel_pch PUBLIC creel_asio ${CREEL_FMT})
target_precompile_headers(creel_pch PRIVATE ${creel_often_included})

if(NOT CREEL_FUNCTION)
  # What a test asks for is compiled without optimisation in every build: that takes half the time, and only the rooms
  # themselves are shipped.
  add_library(creel_test_pch OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
  target_compile_options(creel_test_pch PRIVATE -O0)
  target_link_libraries(creel_test_pch PUBLIC creel_asio ${CREEL_FMT} GTest::gtest GTest::gmock)
  target_precompile_headers(creel_test_pch PRIVATE ${creel_often_included} <gmock/gmock.h> <gtest/gtest.h>)
endif()
