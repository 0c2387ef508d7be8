#pragma once

#include <fstream>
#include <string>

#include "ingest/image_report.h"

namespace creel {

/// The report's line for one image, without the line end:
/// {"url","status","key","size","content_type","sha256","width","height","attempts","seconds","error"}; null where
/// nothing is known, "error" is {"type","message"} or null.
std::string report_line(const ImageReport& report);

/// Writes a report line by line into a file, which is emptied first. Threads: one.
class ReportWriter {
 public:
  /// @throws Failure bad_request  the file cannot be written
  explicit ReportWriter(const std::string& path);

  void write(const ImageReport& report);

  /// @throws Failure internal  the report could not be written whole
  void close();

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace creel
