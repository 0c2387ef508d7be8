#include "image/test_files.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <span>
#include <sstream>
#include <stdexcept>

namespace creel {
namespace {

std::string side_text(std::optional<std::uint32_t> side) {
  return side ? std::to_string(*side) : "-";
}

std::optional<std::uint32_t> side(const std::string& text) {
  if (text == "-") return std::nullopt;
  return static_cast<std::uint32_t>(std::stoul(text));
}

ImageType type_named(std::string_view name) {
  constexpr std::pair<std::string_view, ImageType> kTypes[] = {
      {"jpeg", ImageType::jpeg}, {"png", ImageType::png},   {"gif", ImageType::gif}, {"webp", ImageType::webp},
      {"avif", ImageType::avif}, {"heic", ImageType::heic}, {"bmp", ImageType::bmp}, {"tiff", ImageType::tiff},
      {"svg", ImageType::svg},   {"ico", ImageType::ico},   {"jxl", ImageType::jxl},
  };
  for (const auto& [type_name, type] : kTypes) {
    if (type_name == name) return type;
  }
  throw std::runtime_error("golden.txt names no known type: " + std::string(name));
}

}  // namespace

bool operator==(const ImageInfo& a, const ImageInfo& b) {
  return a.type == b.type && a.width == b.width && a.height == b.height;
}

std::ostream& operator<<(std::ostream& out, const Dimensions& size) {
  return out << side_text(size.width) << ' ' << side_text(size.height);
}

std::ostream& operator<<(std::ostream& out, const ImageInfo& info) {
  return out << content_type(info.type) << ' ' << Dimensions{info.width, info.height};
}

namespace image_test {

std::filesystem::path test_data() {
  return CREEL_TEST_DATA;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string test_file(std::string_view name) {
  return read_file(test_data() / name);
}

BodyView view_of(std::string_view bytes) {
  return BodyView(std::as_bytes(std::span(bytes)));
}

std::vector<GoldenFile> golden_files() {
  std::vector<GoldenFile> result;
  std::istringstream lines(test_file("golden.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string name, type, width, height;
    fields >> name >> type >> width >> height;
    result.push_back({name, test_file(name), {type_named(type), side(width), side(height)}});
  }
  return result;
}

}  // namespace image_test
}  // namespace creel
