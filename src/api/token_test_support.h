#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "api/token_keys.h"
#include "base/hash.h"

namespace creel::testing {

/// Token text with any signature.
inline std::string token_text(std::string_view header, std::string_view claims, std::string_view signature) {
  return fmt::format("{}.{}.{}", base64url_encode(header), base64url_encode(claims), base64url_encode(signature));
}

/// A token signed with HMAC-SHA-256, whatever its header says.
inline std::string hmac_token(std::string_view key, std::string_view header, std::string_view claims) {
  const auto signed_text = fmt::format("{}.{}", base64url_encode(header), base64url_encode(claims));
  const auto mac = hmac_sha256(std::span(reinterpret_cast<const std::uint8_t*>(key.data()), key.size()), signed_text);
  return fmt::format("{}.{}", signed_text,
                     base64url_encode(std::string_view(reinterpret_cast<const char*>(mac.data()), mac.size())));
}

/// A pair of keys of an identity provider that a test is.
class TestKey {
 public:
  static TestKey rsa(unsigned bits = 2048) { return TestKey(EVP_RSA_gen(bits)); }
  static TestKey ec(const char* curve = "P-256") { return TestKey(EVP_EC_gen(curve)); }

  bool is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }

  /// The public key as a JSON Web Key.
  std::string jwk(std::string_view id, std::string_view more = "") const {
    if (is_rsa()) {
      return fmt::format(R"({{"kty":"RSA","kid":"{}","n":"{}","e":"{}"{}}})", id, number(OSSL_PKEY_PARAM_RSA_N),
                         number(OSSL_PKEY_PARAM_RSA_E), more);
    }
    return fmt::format(R"({{"kty":"EC","kid":"{}","crv":"P-256","x":"{}","y":"{}"{}}})", id,
                       number(OSSL_PKEY_PARAM_EC_PUB_X, 32), number(OSSL_PKEY_PARAM_EC_PUB_Y, 32), more);
  }

  std::string public_pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_PUBKEY(out.get(), key_.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }

  /// A token signed with RS256 or ES256, whatever its header says.
  std::string token(std::string_view header, std::string_view claims) const {
    const auto text = fmt::format("{}.{}", base64url_encode(header), base64url_encode(claims));
    const auto signature = sign(text);
    return fmt::format("{}.{}", text, base64url_encode(is_rsa() ? signature : to_pair(signature)));
  }

 private:
  explicit TestKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {
    if (!key_) throw std::runtime_error("OpenSSL makes no key");
  }

  std::string number(const char* name, int bytes = 0) const {
    BIGNUM* value = nullptr;
    if (EVP_PKEY_get_bn_param(key_.get(), name, &value) != 1) throw std::runtime_error("the key lacks a number");
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> owned(value, BN_free);
    std::string text(static_cast<std::size_t>(bytes == 0 ? BN_num_bytes(value) : bytes), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(text.size()));
    return base64url_encode(text);
  }

  std::string sign(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) !=
        1) {
      throw std::runtime_error("OpenSSL does not sign");
    }
    signature.resize(size);
    return signature;
  }

  /// An ECDSA signature as tokens have it: both numbers, 32 bytes each.
  static std::string to_pair(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    std::string text(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(text.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + 32, 32);
    return text;
  }

  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace creel::testing
