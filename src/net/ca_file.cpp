#include "net/ca_file.h"

#include <array>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::array kKnownFiles = {
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Amazon Linux, Fedora
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch
    "/etc/ssl/cert.pem",                                  // Alpine, OpenBSD, macOS
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Amazon Linux 2023, Fedora
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/var/lib/ca-certificates/ca-bundle.pem",             // SUSE
    "/usr/local/share/certs/ca-root-nss.crt",             // FreeBSD
    "/etc/ssl/certs/ca-bundle.crt",                       // NixOS
};

enum class Kind { none, file, folder };

/// What lies at `path` and can be read.
Kind kind_of(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0 || access(path.c_str(), R_OK) != 0) return Kind::none;
  if (S_ISDIR(status.st_mode)) return Kind::folder;
  return S_ISREG(status.st_mode) && status.st_size > 0 ? Kind::file : Kind::none;
}

CaRoots roots_at(const std::string& path, Kind kind) {
  return kind == Kind::folder ? CaRoots{.folder = path} : CaRoots{.file = path};
}

/// SSL_CERT_DIR may name several folders.
CaRoots named_roots(std::string_view name, const std::string& value) {
  for (const auto path : split(value, name.ends_with("_DIR") ? ':' : '\0')) {
    const auto kind = kind_of(std::string(path));
    if (kind != Kind::none) return roots_at(std::string(path), kind);
  }
  return {.failure = fmt::format("there are no CA certificates at {}, which {} names", value, name)};
}

}  // namespace

CaRoots find_ca_roots(const std::vector<std::string_view>& variables,
                      const std::function<std::optional<std::string>(std::string_view)>& variable,
                      const std::string& root) {
  for (const auto name : variables) {
    const auto value = variable(name);
    if (value && !value->empty()) return named_roots(name, *value);
  }
  for (const auto* path : kKnownFiles) {
    if (kind_of(root + path) == Kind::file) return {.file = root + path};
  }
  return {.failure = fmt::format("found no CA certificates to check servers by: {} not set, and there is none of {}; "
                                 "name a file of them in {}",
                                 fmt::join(variables, ", "), fmt::join(kKnownFiles, ", "),
                                 variables.empty() ? "the configuration" : variables.front())};
}

}  // namespace creel
