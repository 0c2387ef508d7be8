#pragma once

#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace creel {

/// An event loop on a thread of its own. What is made for a loop is used and destroyed on it, or after it has stopped.
class EventLoop {
 public:
  EventLoop() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {}
  ~EventLoop() { stop(); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  boost::asio::io_context::executor_type executor() { return context_.get_executor(); }

  /// Ends the thread; what was still to run is dropped.
  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  // One thread runs the loop, so Asio can do without some of its locks.
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace creel
