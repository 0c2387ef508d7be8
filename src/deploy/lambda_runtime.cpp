#include "deploy/lambda_runtime.h"

#include <array>
#include <charconv>
#include <elf.h>

namespace creel::deploy {
namespace {

// Amazon Linux 2023 has glibc 2.34 and began with the libraries of GCC 11; updates since 2025 carry those of GCC 14.
constexpr SymbolVersions kAl2023Versions[] = {
    {.family = "GLIBC", .newest = "2.34", .newest_lately = ""},
    {.family = "GLIBCXX", .newest = "3.4.29", .newest_lately = "3.4.33"},
    {.family = "CXXABI", .newest = "1.3.13", .newest_lately = "1.3.15"},
    {.family = "GCC", .newest = "7.0.0", .newest_lately = "14.0.0"},
};

// Amazon Linux 2: glibc 2.26, GCC 7.
constexpr SymbolVersions kAl2Versions[] = {
    {.family = "GLIBC", .newest = "2.26", .newest_lately = ""},
    {.family = "GLIBCXX", .newest = "3.4.24", .newest_lately = ""},
    {.family = "CXXABI", .newest = "1.3.11", .newest_lately = ""},
    {.family = "GCC", .newest = "7.0.0", .newest_lately = ""},
};

// glibc's own, and the two that GCC's C++ needs.
constexpr std::string_view kLibraries[] = {
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
    "libBrokenLocale.so.1",
    "libanl.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libmvec.so.1",
    "libnss_dns.so.2",
    "libnss_files.so.2",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libthread_db.so.1",
    "libutil.so.1",
};

// curl and what it links to are in the smallest image.
constexpr std::string_view kAl2023Incidental[] = {"libcrypto.so.3", "libcurl.so.4", "libnghttp2.so.14", "libssl.so.3",
                                                  "libz.so.1"};
constexpr std::string_view kAl2Incidental[] = {"libcrypto.so.10", "libcurl.so.4", "libnghttp2.so.14", "libssl.so.10",
                                               "libz.so.1"};

constexpr std::string_view kInterpreters[] = {"/bin/bash", "/bin/sh", "/usr/bin/bash", "/usr/bin/sh"};

constexpr LambdaRuntime kRuntimes[] = {
    {.name = "provided.al2023",
     .versions = kAl2023Versions,
     .libraries = kLibraries,
     .incidental_libraries = kAl2023Incidental,
     .interpreters = kInterpreters},
    {.name = "provided.al2",
     .versions = kAl2Versions,
     .libraries = kLibraries,
     .incidental_libraries = kAl2Incidental,
     .interpreters = kInterpreters},
};

/// The number that `text` begins with, which is taken off; 0 if there is none.
std::uint64_t take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return number;
}

}  // namespace

std::string_view to_string(Architecture architecture) {
  return architecture == Architecture::arm64 ? "arm64" : "x86_64";
}

std::optional<Architecture> architecture(std::string_view name) {
  for (const auto known : {Architecture::x86_64, Architecture::arm64}) {
    if (to_string(known) == name) return known;
  }
  return std::nullopt;
}

std::optional<Architecture> architecture_of_machine(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64: return Architecture::x86_64;
    case EM_AARCH64: return Architecture::arm64;
    default: return std::nullopt;
  }
}

const LambdaRuntime* find_runtime(std::string_view name) {
  for (const auto& runtime : kRuntimes) {
    if (runtime.name == name) return &runtime;
  }
  return nullptr;
}

const LambdaRuntime& default_runtime() {
  return kRuntimes[0];
}

std::string_view loader_of(Architecture architecture) {
  return architecture == Architecture::arm64 ? "/lib/ld-linux-aarch64.so.1" : "/lib64/ld-linux-x86-64.so.2";
}

int compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const auto left = take_number(a);
    const auto right = take_number(b);
    if (left != right) return left < right ? -1 : 1;
  }
  return 0;
}

}  // namespace creel::deploy
