# One precompiled header for all rooms: what nearly every file includes anyway.
add_library(creel_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(creel_pch PUBLIC creel_asio ${CREEL_FMT})
target_precompile_headers(creel_pch PRIVATE
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <span> <string>
  <string_view> <unordered_map> <utility> <vector>
  <fmt/format.h>
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
  <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>)
