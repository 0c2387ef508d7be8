#pragma once

#include <istream>
#include <memory>
#include <string>

#include "base/file_descriptor.h"

namespace creel {

/// Ends the inputs that were made with it, also one that is waiting for a peer to write. Threads: any.
class InputStop {
 public:
  InputStop();

  void stop();

  int descriptor() const { return event_.number(); }

 private:
  FileDescriptor event_;
};

/// A stream that reads `input` until its end or until `stop`, which must outlive it.
std::unique_ptr<std::istream> open_input(FileDescriptor input, const InputStop& stop);

/// @throws Failure bad_request  the file cannot be read
FileDescriptor open_file(const std::string& path);

}  // namespace creel
