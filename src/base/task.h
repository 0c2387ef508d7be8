#pragma once

#include <exception>

#include <boost/asio/awaitable.hpp>

namespace creel {

/// A coroutine that runs on an Asio executor and is always awaited or spawned with a handler that reports.
template <class T>
using Task = boost::asio::awaitable<T>;

/// The handler for work that nobody waits for and that must not fail: what it throws goes out of the loop's `run`, and
/// so ends the program, rather than leave it without that work unnoticed.
inline void must_not_fail(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace creel
