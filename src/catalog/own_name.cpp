#include "catalog/own_name.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "image/image_probe.h"

namespace creel {
namespace {

constexpr std::size_t kDigits = 12;
constexpr std::size_t kMaxExtensionBytes = 5;

/// Where the extension begins, with its dot; the end of the name if it has none.
std::size_t extension_at(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return name.size();
  const auto extension = name.substr(dot + 1);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_one = extension.size() <= kMaxExtensionBytes && std::ranges::any_of(extension, is_letter) &&
                      std::ranges::all_of(extension, [&](char c) { return is_letter(c) || is_digit(c); });
  return is_one ? dot : name.size();
}

}  // namespace

std::string default_name(std::string_view image_id, std::string_view url) {
  std::string name(image_id);
  if (extension_at(image_id) != image_id.size()) return name;
  auto file = url.substr(0, url.find_first_of("?#"));
  file.remove_prefix(file.rfind('/') + 1);
  const auto extension = file.substr(extension_at(file));
  if (!extension.empty() && is_image_extension(extension.substr(1))) name += ascii_lower(extension);
  return name;
}

std::string own_name(std::string_view file_name, SourceId source, std::string_view image_id) {
  const auto identity = fmt::format("{}/{}", static_cast<std::int64_t>(source), image_id);
  const auto mark = "-" + to_hex(sha256(identity)).substr(0, kDigits);
  const auto end = extension_at(file_name);
  const auto stem = file_name.substr(0, end);
  if (stem.ends_with(mark)) return std::string(file_name);
  return fmt::format("{}{}{}", stem, mark, file_name.substr(end));
}

}  // namespace creel
