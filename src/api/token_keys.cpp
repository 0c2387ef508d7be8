#include "api/token_keys.h"

#include <array>
#include <jwt.h>
#include <memory>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "api/tokens.h"
#include "base/base64.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kMaxKeys = 100;

template <auto Free>
struct Freed {
  void operator()(auto* pointer) const { Free(pointer); }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using Jwt = std::unique_ptr<jwt_t, Freed<jwt_free>>;

jwt_alg_t library_name(TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::hs256: return JWT_ALG_HS256;
    case TokenAlgorithm::rs256: return JWT_ALG_RS256;
    case TokenAlgorithm::es256: return JWT_ALG_ES256;
  }
  throw std::logic_error("an algorithm that is none");
}

std::optional<TokenAlgorithm> algorithm_of(std::string_view name) {
  for (const auto algorithm : {TokenAlgorithm::hs256, TokenAlgorithm::rs256, TokenAlgorithm::es256}) {
    if (name == to_string(algorithm)) return algorithm;
  }
  return std::nullopt;
}

/// One of the three parts of a token, decoded.
std::string part_of(std::string_view token, std::size_t number) {
  const auto parts = split(token, '.');
  if (parts.size() != 3) throw token_refused("this is no token");
  auto decoded = base64url_decode(parts[number]);
  if (!decoded) throw token_refused("this is no token");
  return std::move(*decoded);
}

/// The text of a member, or "".
std::string_view text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::string to_pem(const Key& key) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) return {};
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Key make_key(const char* type, const Builder& builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

BigNumber number_of(const json::object& jwk, std::string_view name) {
  const auto bytes = base64url_decode(text_of(jwk, name));
  if (!bytes || bytes->empty() || bytes->size() > 2048) return nullptr;
  return BigNumber(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()), static_cast<int>(bytes->size()), nullptr));
}

/// The public key as PEM; empty if it is none that may be used.
std::string rsa_pem(const json::object& jwk) {
  const auto n = number_of(jwk, "n");
  const auto e = number_of(jwk, "e");
  if (!n || !e || BN_num_bits(n.get()) < kLeastRsaBits) return {};
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const auto key = make_key("RSA", builder);
  return key ? to_pem(key) : std::string();
}

std::string p256_pem(const json::object& jwk) {
  const auto x = base64url_decode(text_of(jwk, "x"));
  const auto y = base64url_decode(text_of(jwk, "y"));
  if (text_of(jwk, "crv") != "P-256" || !x || !y || x->size() != kP256Bytes || y->size() != kP256Bytes) return {};
  const auto point = "\x04" + *x + *y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const auto key = make_key("EC", builder);
  return key ? to_pem(key) : std::string();
}

std::optional<VerificationKey> key_of(const json::object& jwk) {
  const auto use = text_of(jwk, "use");
  const auto algorithm = text_of(jwk, "alg");
  if (!use.empty() && use != "sig") return std::nullopt;
  VerificationKey key;
  key.id = std::string(text_of(jwk, "kid"));
  std::string pem;
  if (text_of(jwk, "kty") == "RSA") {
    key.algorithm = TokenAlgorithm::rs256;
    pem = rsa_pem(jwk);
  } else if (text_of(jwk, "kty") == "EC") {
    key.algorithm = TokenAlgorithm::es256;
    pem = p256_pem(jwk);
  }
  if (pem.empty() || (!algorithm.empty() && algorithm != to_string(key.algorithm))) return std::nullopt;
  key.material = Secret(std::move(pem));
  return key;
}

}  // namespace

std::string_view to_string(TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::hs256: return "HS256";
    case TokenAlgorithm::rs256: return "RS256";
    case TokenAlgorithm::es256: return "ES256";
  }
  throw std::logic_error("an algorithm that is none");
}

std::string base64url_encode(std::string_view bytes) {
  auto text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string padded;
  padded.reserve(text.size() + 3);
  for (const auto c : text) {
    if (c == '+' || c == '/' || c == '=') return std::nullopt;
    padded += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  padded.append((4 - padded.size() % 4) % 4, '=');
  auto bytes = base64_decode(padded);
  // Bits that belong to no byte would let one token be written in several ways.
  if (bytes && base64url_encode(*bytes) != text) return std::nullopt;
  return bytes;
}

TokenHeader read_token_header(std::string_view token) {
  boost::system::error_code error;
  const auto value = json::parse(part_of(token, 0), error);
  const auto* header = error ? nullptr : value.if_object();
  if (header == nullptr) throw token_refused("this is no token");
  if (header->contains("crit")) throw token_refused("the token has extensions that are not known here");
  const auto type = text_of(*header, "typ");
  if (!type.empty() && !ascii_iequals(type, "JWT") && !ascii_iequals(type, "at+jwt")) {
    throw token_refused("this is no token for access");
  }
  const auto algorithm = algorithm_of(text_of(*header, "alg"));
  if (!algorithm) throw token_refused("the token's algorithm is not taken; HS256, RS256 and ES256 are");
  return {.algorithm = *algorithm, .key_id = std::string(text_of(*header, "kid"))};
}

std::string token_payload(std::string_view token) {
  return part_of(token, 1);
}

bool is_signed_by(const std::string& token, const VerificationKey& key) {
  const auto& material = key.material.reveal();
  // Without a key the library would take every signature for good.
  if (material.empty() || token.find('\0') != std::string::npos) return false;
  jwt_t* decoded = nullptr;
  const auto error = jwt_decode(&decoded, token.c_str(), reinterpret_cast<const unsigned char*>(material.data()),
                                static_cast<int>(material.size()));
  const Jwt jwt(decoded);
  // What OpenSSL has noted of a bad signature is not to be found by whoever uses it next on this thread.
  ERR_clear_error();
  return error == 0 && jwt && jwt_get_alg(jwt.get()) == library_name(key.algorithm);
}

std::vector<VerificationKey> parse_jwks(std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse(text, error);
  const auto* set = error ? nullptr : value.if_object();
  const auto* list = set == nullptr ? nullptr : set->if_contains("keys");
  if (list == nullptr || !list->is_array()) {
    throw Failure(FailureKind::server_error, "this is no JSON Web Key Set: it has no array 'keys'");
  }
  std::vector<VerificationKey> keys;
  for (const auto& jwk : list->get_array()) {
    auto key = jwk.is_object() && keys.size() < kMaxKeys ? key_of(jwk.get_object()) : std::nullopt;
    if (key) keys.push_back(std::move(*key));
  }
  ERR_clear_error();
  return keys;
}

}  // namespace creel
