#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// Where the CA certificates are that servers are checked by. One of the two places is set, or neither and then
/// `failure`.
struct CaRoots {
  std::string file{};
  /// Certificates one a file, named after the hash of their subject as OpenSSL has it.
  std::string folder{};
  /// Why there are none, with what was tried; for people.
  std::string failure{};
};

/// Finds the CA certificates of this machine, for a program that was built without knowing where it would run: the
/// variables say where they are, or they are in one of the places of Amazon Linux, Debian, Fedora, SUSE, Alpine and the
/// BSDs. What a variable names must be there: nothing else is taken instead.
/// @param variables  that may name a file or a folder, the first that is set counts: "SSL_CERT_FILE"
/// @param variable   the value of an environment variable
/// @param root       before the known places, in tests; "" for this machine's
CaRoots find_ca_roots(const std::vector<std::string_view>& variables,
                      const std::function<std::optional<std::string>(std::string_view)>& variable,
                      const std::string& root = "");

}  // namespace creel
