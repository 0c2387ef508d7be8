#pragma once

#include <cstdint>
#include <map>

#include "ingest/image_report.h"

namespace creel {

/// Counts what became of the images of one run. Threads: the main loop.
class Tally {
 public:
  /// Images, and lines that are none, that were read from the lists.
  void count_listed(std::uint64_t images) { total_ += images; }

  void count(const ImageReport& report);

  /// Of those that failed, how many did so for good in an earlier run and were not tried again.
  void count_failed_before(std::uint64_t images) { failed_before_ += images; }

  std::uint64_t failed_before() const { return failed_before_; }
  std::uint64_t total() const { return total_; }
  std::uint64_t stored() const { return stored_; }
  std::uint64_t already() const { return already_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t done() const { return stored_ + already_ + failed_; }
  std::uint64_t stored_bytes() const { return stored_bytes_; }
  const std::map<FailureKind, std::uint64_t>& failures() const { return failures_; }

 private:
  std::uint64_t total_ = 0;
  std::uint64_t stored_ = 0;
  std::uint64_t already_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t failed_before_ = 0;
  std::uint64_t stored_bytes_ = 0;
  std::map<FailureKind, std::uint64_t> failures_;
};

}  // namespace creel
