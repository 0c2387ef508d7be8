#include "zip/zip_names.h"

#include <climits>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

constexpr std::size_t kMaxNameBytes = PATH_MAX - 256;

Failure bad_zip(const std::string& message) {
  return {FailureKind::bad_request, message};
}

}  // namespace

std::string clean_zip_name(std::string_view name) {
  if (name.starts_with('/')) throw bad_zip(fmt::format("the archive holds '{}', an absolute path", name));
  if (name.size() > kMaxNameBytes) {
    throw bad_zip(fmt::format("the archive holds a name of {} bytes, more than {}", name.size(), kMaxNameBytes));
  }
  std::string cleaned;
  for (const auto part : split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") throw bad_zip(fmt::format("the archive holds '{}', which leads out of its root", name));
    if (part.size() > NAME_MAX) {
      throw bad_zip(
          fmt::format("the archive holds a name with a part of {} bytes, more than {}", part.size(), NAME_MAX));
    }
    if (!cleaned.empty()) cleaned += '/';
    cleaned += part;
  }
  return cleaned;
}

void check_symlink(std::string_view name, std::string_view target) {
  const auto refuse = [&](std::string_view why) {
    return bad_zip(fmt::format("the archive's symbolic link '{}' {}", name, why));
  };
  if (target.empty()) throw refuse("has no target");
  if (target.size() >= PATH_MAX) throw refuse("has a target that is too long");
  if (target.find('\0') != std::string_view::npos) throw refuse("has a NUL in its target");
  if (target.starts_with('/')) throw refuse(fmt::format("points to '{}', an absolute path", target));

  auto depth = static_cast<std::size_t>(std::ranges::count(name, '/'));
  bool descended = false;
  for (const auto part : split(target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      descended = true;
      continue;
    }
    if (descended || depth == 0) throw refuse(fmt::format("points to '{}', which may lead out of its root", target));
    --depth;
  }
}

bool ZipNames::add(const std::string& name, ZipEntryType type) {
  const auto [there, added] = types_.emplace(name, type);
  if (added) return true;
  if (type == ZipEntryType::folder && there->second == type) return false;
  throw bad_zip(fmt::format("the archive holds '{}' twice", name));
}

void ZipNames::check_parents() const {
  for (const auto& [name, type] : types_) {
    for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      const auto parent = types_.find(std::string_view(name).substr(0, slash));
      if (parent == types_.end() || parent->second == ZipEntryType::folder) continue;
      throw bad_zip(fmt::format("the archive holds '{}' inside of '{}', which is no folder", name, parent->first));
    }
  }
}

}  // namespace creel
