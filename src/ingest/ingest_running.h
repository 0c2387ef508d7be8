#pragma once

#include <utility>

#include <boost/asio/cancellation_signal.hpp>

#include "ingest/ingest.h"

namespace creel {

/// A transfer under way.
struct Ingest::Running {
  explicit Running(LeasedImage leased) : image(std::move(leased)) {}

  LeasedImage image;
  boost::asio::cancellation_signal cancel;
  bool is_over = false;
};

}  // namespace creel
