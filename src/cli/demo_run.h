#pragma once

#include <span>
#include <string>

#include "api/web_file.h"

namespace creel {

struct DemoOptions {
  std::string data = "creel-data/demo";
  std::string listen = "127.0.0.1:8080";
  bool once = false;
  bool json = false;
};

/// Runs the demonstration: until a signal, or until every picture has its fate.
/// @param page  the files of the page
/// @return  the exit code
/// @throws Failure  it cannot begin, or cannot go on
int run_demo(const DemoOptions& options, std::span<const WebFile> page);

}  // namespace creel
