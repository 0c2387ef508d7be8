#pragma once

#include <boost/asio/awaitable.hpp>

namespace creel {

/// A coroutine that runs on an Asio executor and is always awaited or spawned with a handler that reports.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace creel
