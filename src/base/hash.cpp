#include "base/hash.h"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace creel {
namespace {

/// Looked up once: fetching the algorithm anew costs more than hashing a small name.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (algorithm == nullptr) throw std::logic_error("OpenSSL has no SHA256");
  return algorithm;
}

}  // namespace

struct Sha256::Context {
  Context() : evp(EVP_MD_CTX_new()) {
    if (evp == nullptr || EVP_DigestInit_ex(evp, sha256_algorithm(), nullptr) != 1) {
      throw std::logic_error("OpenSSL cannot start SHA256");
    }
  }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* evp;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> data) {
  EVP_DigestUpdate(context_->evp, data.data(), data.size());
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr);
  return digest;
}

Sha256Digest sha256(std::string_view data) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(data)));
  return hash.finish();
}

Md5Digest md5(std::string_view data) {
  Md5Digest digest;
  if (EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1) {
    throw std::logic_error("OpenSSL has no MD5");
  }
  return digest;
}

Sha256Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view data) {
  Sha256Digest digest;
  unsigned int length = 0;
  HMAC(sha256_algorithm(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &length);
  return digest;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string short_hash(std::string_view text) {
  const auto digest = sha256(text);
  return to_hex(std::span(digest).first<4>());
}

}  // namespace creel
