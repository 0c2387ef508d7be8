#pragma once

#include <unistd.h>
#include <utility>

namespace creel {

/// An open file, folder or socket, closed when it goes. It does no input or output.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = other.release();
    }
    return *this;
  }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

  /// Gives it away: the caller closes it.
  int release() { return std::exchange(number_, -1); }

  void reset() {
    if (number_ >= 0) ::close(release());
  }

 private:
  int number_;
};

}  // namespace creel
