#include "sources/fd_input.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;

/// Reads a descriptor, waiting for it and for the stop at once.
class DescriptorBuffer final : public std::streambuf {
 public:
  DescriptorBuffer(FileDescriptor input, int stop) : input_(std::move(input)), stop_(stop), buffer_(kBufferBytes) {}

 protected:
  int_type underflow() override {
    std::array<pollfd, 2> waited = {pollfd{input_.number(), POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
    while (poll(waited.data(), waited.size(), -1) < 0) {
      if (errno != EINTR) return traits_type::eof();
    }
    if (waited[1].revents != 0) return traits_type::eof();
    ssize_t count = 0;
    do {
      count = read(input_.number(), buffer_.data(), buffer_.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) throw std::ios_base::failure(std::strerror(errno));
    if (count == 0) return traits_type::eof();
    setg(buffer_.data(), buffer_.data(), buffer_.data() + count);
    return traits_type::to_int_type(buffer_.front());
  }

 private:
  FileDescriptor input_;
  int stop_;
  std::vector<char> buffer_;
};

/// Keeps the buffer that it reads from.
class DescriptorStream final : public std::istream {
 public:
  DescriptorStream(FileDescriptor input, int stop) : std::istream(nullptr), buffer_(std::move(input), stop) {
    rdbuf(&buffer_);
  }

 private:
  DescriptorBuffer buffer_;
};

}  // namespace

InputStop::InputStop() : event_(eventfd(0, EFD_CLOEXEC)) {
  if (!event_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void InputStop::stop() {
  const std::uint64_t one = 1;
  while (write(event_.number(), &one, sizeof one) < 0 && errno == EINTR) continue;
}

std::unique_ptr<std::istream> open_input(FileDescriptor input, const InputStop& stop) {
  return std::make_unique<DescriptorStream>(std::move(input), stop.descriptor());
}

FileDescriptor open_file(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (!file || fstat(file.number(), &facts) != 0) {
    throw Failure(FailureKind::bad_request, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  if (S_ISDIR(facts.st_mode)) {
    throw Failure(FailureKind::bad_request, fmt::format("cannot read {}: it is a folder, not a list", path));
  }
  return file;
}

}  // namespace creel
