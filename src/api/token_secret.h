#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "api/router.h"
#include "base/clock.h"
#include "base/secret.h"

namespace creel {

/// What is written into a token.
struct TokenClaims {
  std::string subject;
  Scope scope = Scope::read;
  std::chrono::seconds lifetime{std::chrono::hours(24 * 30)};
  /// Not written if empty.
  std::string issuer;
  std::string audience;
};

/// Makes a token, HS256.
/// @throws Failure bad_request  the secret has less than 32 bytes, or the lifetime is none
std::string sign_token(const Secret& secret, const TokenClaims& claims, SystemTime now);

/// The secret in a file. If there is no file, one is made (mode 0600) with a new secret of 256 bits; two programs that do
/// so at one time come to the same secret.
/// @throws Failure bad_request  the file cannot be read or made, others may read it, or its secret is shorter than 32 bytes
Secret load_or_make_secret(const std::filesystem::path& file);
/// The same for a file that must be there.
Secret load_secret(const std::filesystem::path& file);

}  // namespace creel
