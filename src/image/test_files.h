#pragma once

// For the tests of this room: the files of testdata/ and what is true of them.

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_buffer.h"
#include "image/dimensions.h"
#include "image/image_probe.h"

namespace creel {

bool operator==(const ImageInfo& a, const ImageInfo& b);
std::ostream& operator<<(std::ostream& out, const Dimensions& size);
std::ostream& operator<<(std::ostream& out, const ImageInfo& info);

}  // namespace creel

namespace creel::image_test {

std::filesystem::path test_data();
std::string read_file(const std::filesystem::path& path);
std::string test_file(std::string_view name);

/// `bytes` must outlive the view.
BodyView view_of(std::string_view bytes);
BodyView view_of(std::string&& bytes) = delete;

struct GoldenFile {
  std::string name;
  std::string bytes;
  ImageInfo info;
};

/// The lines of golden.txt with the files they name.
std::vector<GoldenFile> golden_files();

}  // namespace creel::image_test
