#include "cli/access_token.h"

#include "cli/data_folder.h"

namespace creel {
namespace {

/// What RFC 7518 asks of a key for HS256.
constexpr std::size_t kLeastSecretBytes = 32;

}  // namespace

Secret checking_secret(const ServeConfig& config) {
  const auto& auth = config.auth;
  if (!auth.secret.empty()) {
    if (auth.secret.reveal().size() < kLeastSecretBytes) {
      throw Failure(FailureKind::bad_request, "CREEL_AUTH_SECRET needs at least 32 bytes: see `openssl rand -hex 32`");
    }
    return auth.secret;
  }
  if (!auth.secret_file.empty()) return load_secret(auth.secret_file);
  return auth.jwks_url.empty() ? own_secret(config.server.data) : Secret();
}

Secret signing_secret(const ServeConfig& config) {
  auto secret = checking_secret(config);
  if (secret.empty()) {
    throw Failure(FailureKind::bad_request,
                  "tokens for this backend come from those who keep the keys at auth.jwks_url; with auth.secret_file "
                  "set as well, some can be made here");
  }
  return secret;
}

Secret make_access_token(const ServeConfig& config, Scope scope, std::chrono::seconds lifetime, SystemTime now) {
  return Secret(sign_token(signing_secret(config),
                           {.subject = "creel",
                            .scope = scope,
                            .lifetime = lifetime,
                            .issuer = config.auth.issuer,
                            .audience = config.auth.audience},
                           now));
}

}  // namespace creel
