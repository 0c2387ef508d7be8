#include "deploy/elf_checks.h"

#include <elf.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel::deploy {
namespace {

constexpr std::size_t kMagicBytes = 4;
/// Where the loader looks in the zip: the service's LD_LIBRARY_PATH ends in these folders.
constexpr std::string_view kLibraryFolders[] = {"", "lib/"};
constexpr std::string_view kTaskRoot = "/var/task/";
/// Asked for by programs with packed relocations; glibc has it since 2.36.
constexpr std::string_view kPackedRelocations = "GLIBC_ABI_DT_RELR";

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string folder_of(std::string_view path) {
  return std::string(path.substr(0, path.rfind('/') + 1));
}

std::string machine_name(std::uint16_t machine) {
  if (const auto known = architecture_of_machine(machine)) return std::string(to_string(*known));
  switch (machine) {
    case EM_386: return "32-bit x86";
    case EM_ARM: return "32-bit ARM";
    case EM_RISCV: return "RISC-V";
    default: return fmt::format("machine {}", machine);
  }
}

/// The folder in the zip that an entry of a search path means, with "/" at its end; nothing for one outside of it.
std::optional<std::string> search_folder(std::string_view entry, std::string_view name) {
  std::string path;
  for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"}) {
    if (entry.starts_with(origin)) path = folder_of(name) + std::string(entry.substr(origin.size()));
  }
  if (path.empty() && entry.starts_with(kTaskRoot)) path = entry.substr(kTaskRoot.size());
  if (path.empty() && !entry.starts_with('$')) return std::nullopt;
  std::vector<std::string_view> parts;
  for (const auto part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  return parts.empty() ? std::string() : fmt::format("{}/", fmt::join(parts, "/"));
}

}  // namespace

ElfChecks::ElfChecks(const ZipReader& zip, const PreflightOptions& options, std::vector<Finding>& findings)
    : zip_(zip), options_(options), findings_(findings), architecture_(options.architecture) {}

void ElfChecks::add(std::string check, const std::string& name, std::string message) {
  findings_.push_back({severity_, std::move(check), name, std::move(message)});
}

void ElfChecks::check_program(const std::string& name) {
  program_ = name;
  waiting_.push_back(name);
  while (!waiting_.empty()) {
    const auto next = std::move(waiting_.back());
    waiting_.pop_back();
    const auto* item = zip_.find(next);
    if (item == nullptr || item->type != ZipEntryType::file || !seen_.insert(next).second) continue;
    check(next, zip_.read(*item), Severity::error);
  }
}

void ElfChecks::check_the_rest() {
  for (const auto& item : zip_.items()) {
    if (item.type != ZipEntryType::file || seen_.contains(item.name)) continue;
    if (is_elf(zip_.read_start(item, kMagicBytes))) check(item.name, zip_.read(item), Severity::warning);
  }
}

void ElfChecks::check(const std::string& name, std::string_view content, Severity severity) {
  severity_ = severity;
  seen_.insert(name);
  if (!is_elf(content)) {
    add("format", name, "is needed as a shared library, but is no ELF file");
    return;
  }
  try {
    const auto elf = parse_elf(content);
    check_type(name, elf);
    check_architecture(name, elf);
    check_loader(name, elf);
    check_libraries(name, elf);
    for (const auto& need : elf.versions) check_version(name, need);
  } catch (const Failure& failure) {
    add("format", name, failure.what());
  }
}

void ElfChecks::check_type(const std::string& name, const ElfFile& elf) {
  if (name != program_ || elf.type == ElfType::program) return;
  add("format", name,
      elf.type == ElfType::shared ? "is a shared library, not a program: link it as a program"
                                  : "is an object file or a core dump, not a program: link it");
}

void ElfChecks::check_architecture(const std::string& name, const ElfFile& elf) {
  const auto own = architecture_of_machine(elf.machine);
  if (!own) {
    add("architecture", name,
        fmt::format("is built for {}; Lambda runs x86_64 and arm64: build it for one of these",
                    machine_name(elf.machine)));
  } else if (!architecture_) {
    if (severity_ == Severity::error) architecture_ = own;
  } else if (own != architecture_) {
    add("architecture", name,
        fmt::format("is built for {}, but the function is for {}: build it for that, or create the function with "
                    "the architecture {}",
                    to_string(*own), to_string(*architecture_), to_string(*own)));
  }
}

void ElfChecks::check_loader(const std::string& name, const ElfFile& elf) {
  if (elf.interpreter.empty()) return;
  if (elf.interpreter.find("musl") != std::string::npos) {
    add("interpreter", name,
        fmt::format("is linked with musl's loader {}, which {} does not have: link it statically (-static)",
                    elf.interpreter, options_.runtime->name));
    return;
  }
  const auto own = architecture_of_machine(elf.machine);
  if (own && elf.interpreter == loader_of(*own)) return;
  if (elf.interpreter.starts_with(kTaskRoot)) {
    const auto inside = elf.interpreter.substr(kTaskRoot.size());
    if (zip_.find(inside) != nullptr) return;
    add("interpreter", name, fmt::format("names the loader {}, but the zip has no {}", elf.interpreter, inside));
    return;
  }
  add("interpreter", name,
      fmt::format("names the loader {}, which {} does not have: link it with the loader {}, or statically",
                  elf.interpreter, options_.runtime->name, loader_of(own.value_or(Architecture::x86_64))));
}

void ElfChecks::check_libraries(const std::string& name, const ElfFile& elf) {
  for (const auto& library : elf.needed) check_library(name, elf, library);
}

std::optional<std::string> ElfChecks::place_of(const std::string& library, const std::string& name,
                                               const ElfFile& elf) const {
  std::vector<std::string> folders;
  for (const auto& entry : elf.search_path) {
    if (const auto folder = search_folder(entry, name)) folders.push_back(*folder);
  }
  for (const auto folder : kLibraryFolders) folders.emplace_back(folder);
  for (const auto& folder : folders) {
    auto path = folder + library;
    // Links within a folder of libraries are common; each must lead to a file.
    for (int links = 0; links < 8; ++links) {
      const auto* item = zip_.find(path);
      if (item == nullptr) break;
      if (item->type == ZipEntryType::file) return path;
      if (item->type == ZipEntryType::folder) break;
      path = search_folder("$ORIGIN/" + zip_.read(*item), path).value_or("");
      if (!path.empty()) path.pop_back();
    }
  }
  return std::nullopt;
}

void ElfChecks::check_library(const std::string& name, const ElfFile& elf, const std::string& library) {
  if (const auto place = place_of(library, name, elf)) {
    bundled_.insert(library);
    if (severity_ == Severity::error) waiting_.push_back(*place);
    return;
  }
  const auto& runtime = *options_.runtime;
  if (std::ranges::find(runtime.libraries, library) != runtime.libraries.end()) return;
  if (std::ranges::find(runtime.incidental_libraries, library) != runtime.incidental_libraries.end()) {
    findings_.push_back({Severity::warning, "library", name,
                         fmt::format("needs {}, which {} has today but does not promise: put it into the zip's lib/ "
                                     "(--include FILE:lib/), or link it statically",
                                     library, runtime.name)});
    return;
  }
  for (const auto& item : zip_.items()) {
    if (file_name(item.name) != file_name(library)) continue;
    add("library", name,
        fmt::format("needs {}, which is in the zip as {}; it is looked for in lib/: put it there", library, item.name));
    return;
  }
  add("library", name,
      fmt::format("needs {}, which neither the zip nor {} has: put it into the zip's lib/ (--include FILE:lib/), or "
                  "link it statically",
                  library, runtime.name));
}

void ElfChecks::check_version(const std::string& name, const ElfVersionNeed& need) {
  // A library that the zip brings along was built together with its users.
  if (bundled_.contains(need.library)) return;
  const auto& runtime = *options_.runtime;
  const auto symbols = need.symbols.empty() ? std::string() : fmt::format(" ({})", fmt::join(need.symbols, ", "));
  if (need.version == kPackedRelocations) {
    add("glibc", name,
        fmt::format("is linked with packed relative relocations ({}), which glibc 2.36 brought; {} has glibc {}: link "
                    "it with -Wl,-z,nopack-relative-relocs, on an older system, or statically",
                    need.version, runtime.name, runtime.versions.front().newest));
    return;
  }
  for (const auto& known : runtime.versions) {
    const auto prefix = fmt::format("{}_", known.family);
    if (!need.version.starts_with(prefix)) continue;
    const auto wanted = std::string_view(need.version).substr(prefix.size());
    if (wanted.empty() || wanted.front() < '0' || wanted.front() > '9') return;
    if (compare_versions(wanted, known.newest) <= 0) return;
    const bool is_glibc = known.family == "GLIBC";
    if (!known.newest_lately.empty() && compare_versions(wanted, known.newest_lately) <= 0) {
      findings_.push_back({Severity::warning, "libstdc++", name,
                           fmt::format("needs {}{} of {}; {} has that only since 2025, and {}_{} before: build it with "
                                       "an older compiler, or with -static-libstdc++ -static-libgcc",
                                       need.version, symbols, need.library, runtime.name, known.family, known.newest)});
      return;
    }
    add(is_glibc ? "glibc" : "libstdc++", name,
        fmt::format("needs {}{} of {}, which is newer than what {} has, {}_{}: {}", need.version, symbols, need.library,
                    runtime.name, known.family, known.newest,
                    is_glibc ? "build it on a system with that glibc or an older one, or link it statically (-static)"
                             : "build it with an older compiler, or with -static-libstdc++ -static-libgcc"));
    return;
  }
}

}  // namespace creel::deploy
