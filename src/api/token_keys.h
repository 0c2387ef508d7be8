#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/problem.h"
#include "base/secret.h"

namespace creel {

/// The algorithms that tokens may be signed with. `none` is not among them.
enum class TokenAlgorithm : std::uint8_t { hs256, rs256, es256 };

std::string_view to_string(TokenAlgorithm algorithm);

/// A key that checks signatures, of one algorithm only.
struct VerificationKey {
  std::string id;
  TokenAlgorithm algorithm = TokenAlgorithm::hs256;
  /// A public key as PEM, or the secret itself.
  Secret material;
};

/// What the front of a token says. Nothing of it can be trusted.
struct TokenHeader {
  TokenAlgorithm algorithm = TokenAlgorithm::hs256;
  /// Empty if it has none.
  std::string key_id;
};

/// Takes the front of a token apart.
/// @throws Problem unauthorized  it is no token, its algorithm is not taken, or it has critical extensions
TokenHeader read_token_header(std::string_view token);

/// The JSON text of a token's claims; the signature is not looked at.
/// @throws Problem unauthorized
std::string token_payload(std::string_view token);

/// True if `key` made the token's signature, with the key's own algorithm.
bool is_signed_by(const std::string& token, const VerificationKey& key);

/// The keys of a JSON Web Key Set (RFC 7517) that can be used: RSA of 2048 bits and more for RS256, P-256 for ES256.
/// Others are passed over: secret ones, those for encryption, broken ones.
/// @throws Failure server_error  it is no key set
std::vector<VerificationKey> parse_jwks(std::string_view json);

/// Base64 for URLs, without padding (RFC 4648, section 5).
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace creel
