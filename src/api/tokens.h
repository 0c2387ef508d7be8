#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/jwks_source.h"
#include "api/router.h"
#include "api/token_keys.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/secret.h"
#include "base/task.h"

namespace creel {

/// Who may have made a token, and for whom.
struct TokenRules {
  /// The claims `iss` and `aud` that a token must have; not looked at if empty.
  std::string issuer;
  std::string audience;
  /// How far clocks may be apart.
  std::chrono::seconds leeway{30};
};

/// Checks JSON Web Tokens (RFC 7519): HS256 with a secret of our own, RS256 and ES256 with the keys of a JWKS. The keys
/// decide which algorithm is used, never the token. A token that was found good is remembered by its hash until it
/// expires or the keys change. Threads: the API's loop.
class TokenVerifier {
 public:
  static constexpr std::size_t kMaxTokenBytes = 8192;
  static constexpr std::size_t kMaxRemembered = 4096;

  /// @param secret  of HS256; empty if there is none
  /// @param jwks    null if there is none
  TokenVerifier(TokenRules rules, Secret secret, std::unique_ptr<JwksSource> jwks, const Clock& clock);
  ~TokenVerifier();

  /// Whose the token is. One that grants nothing has the scope `none`.
  /// @throws Problem unauthorized (with WWW-Authenticate) | unavailable (no keys could be fetched yet)
  Task<Caller> verify(std::string token);

  /// Tokens that are remembered.
  std::size_t remembered() const { return good_.size(); }

 private:
  struct Good {
    Caller caller;
    std::uint64_t generation = 0;
  };
  struct DigestHash {
    std::size_t operator()(const Sha256Digest& digest) const;
  };

  const Caller* find_good(const Sha256Digest& digest);
  void remember(const Sha256Digest& digest, const Caller& caller);
  Task<void> check_signature(std::string token, TokenHeader header);
  Caller check_claims(std::string_view token) const;
  bool is_expired(SystemTime expires_at) const;
  std::uint64_t generation() const;

  TokenRules rules_;
  VerificationKey secret_;
  std::unique_ptr<JwksSource> jwks_;
  const Clock& clock_;
  std::unordered_map<Sha256Digest, Good, DigestHash> good_;
};

/// A token that says no, or no more: 401 with the header that says so.
Problem token_refused(const std::string& why);

}  // namespace creel
