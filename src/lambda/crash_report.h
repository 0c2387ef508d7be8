#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "lambda/settings.h"

namespace creel::lambda {

/// From now on std::terminate and fatal signals are reported to the Runtime API before they end the process: for each
/// invocation under way, or as an init error if there is none. `slots` is how many may be under way. Once a process.
void install_crash_reports(const ApiAddress& api, std::size_t slots);

/// An invocation that is under way while this lives. Nothing happens before install_crash_reports.
class UnderWay {
 public:
  /// @param slot  from 0; no other may use it meanwhile
  UnderWay(std::size_t slot, std::string_view request_id, std::string_view invocation_id);
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  std::size_t slot_;
};

/// Says that this thread works on the invocation of `slot`, so that a crash on it is put down to that one.
class ThreadWorksOn {
 public:
  explicit ThreadWorksOn(std::size_t slot);
  ~ThreadWorksOn();
  ThreadWorksOn(const ThreadWorksOn&) = delete;
  ThreadWorksOn& operator=(const ThreadWorksOn&) = delete;
};

/// A stack for this thread's signal handlers, so that running out of the thread's own can be reported too. Belongs to
/// the thread that makes it.
class SignalStack {
 public:
  SignalStack();
  ~SignalStack();
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  void* memory_;
};

}  // namespace creel::lambda
