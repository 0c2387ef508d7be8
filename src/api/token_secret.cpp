#include "api/token_secret.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <jwt.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <openssl/rand.h>

#include "api/token_keys.h"
#include "base/failure.h"
#include "base/file_descriptor.h"
#include "base/text.h"

namespace creel {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxFileBytes = 4096;

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw Failure(FailureKind::internal, "the system gives no random bytes");
  }
  return bytes;
}

[[noreturn]] void refuse(const fs::path& file, std::string_view what) {
  throw Failure(FailureKind::bad_request, fmt::format("the token secret {}: {}", file.string(), what));
}

void check_access(const fs::path& file, const FileDescriptor& open_file) {
  struct stat status{};
  if (::fstat(open_file.number(), &status) != 0) refuse(file, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) refuse(file, "is no file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse(file, fmt::format("others can read it; run: chmod 600 '{}'", file.string()));
  }
}

/// Nothing if there is no such file.
std::optional<Secret> read_secret(const fs::path& file) {
  const FileDescriptor open_file(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!open_file) {
    if (errno == ENOENT) return std::nullopt;
    refuse(file, std::strerror(errno));
  }
  check_access(file, open_file);
  std::string text(kMaxFileBytes, '\0');
  const auto count = ::read(open_file.number(), text.data(), text.size());
  if (count < 0) refuse(file, std::strerror(errno));
  text.resize(static_cast<std::size_t>(count));
  const auto secret = trim(text);
  if (secret.size() < kSecretBytes) {
    refuse(file,
           fmt::format("it must have {} characters or more; remove the file, and a new one is made", kSecretBytes));
  }
  return Secret(std::string(secret));
}

void write_all(const fs::path& file, const FileDescriptor& out, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(out.number(), text.data(), text.size());
    if (count < 0) refuse(file, std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(out.number()) != 0) refuse(file, std::strerror(errno));
}

/// Writes the file aside and gives it its name only when it is whole; who comes second finds the other's.
void make_secret(const fs::path& file) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  if (error) refuse(file, error.message());
  const fs::path aside = fmt::format("{}.{}", file.string(), base64url_encode(random_bytes(9)));
  {
    const FileDescriptor out(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!out) refuse(file, fmt::format("cannot be made: {}", std::strerror(errno)));
    write_all(file, out, base64url_encode(random_bytes(kSecretBytes)) + "\n");
  }
  const bool is_linked = ::link(aside.c_str(), file.c_str()) == 0;
  const auto link_error = errno;
  ::unlink(aside.c_str());
  if (!is_linked && link_error != EEXIST) refuse(file, fmt::format("cannot be made: {}", std::strerror(link_error)));
}

}  // namespace

Secret load_or_make_secret(const fs::path& file) {
  if (auto secret = read_secret(file)) return std::move(*secret);
  make_secret(file);
  return load_secret(file);
}

Secret load_secret(const fs::path& file) {
  auto secret = read_secret(file);
  if (!secret) refuse(file, "there is no such file; `creel serve` makes one when it starts");
  return std::move(*secret);
}

std::string sign_token(const Secret& secret, const TokenClaims& claims, SystemTime now) {
  const auto& key = secret.reveal();
  if (key.size() < kSecretBytes) throw Failure(FailureKind::bad_request, "the token secret is too short");
  if (claims.lifetime.count() <= 0)
    throw Failure(FailureKind::bad_request, "a token's lifetime must be more than nothing");
  const auto issued = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  json::object object{{"iat", issued}, {"exp", issued + claims.lifetime.count()}, {"scope", to_string(claims.scope)}};
  if (!claims.subject.empty()) object["sub"] = claims.subject;
  if (!claims.issuer.empty()) object["iss"] = claims.issuer;
  if (!claims.audience.empty()) object["aud"] = claims.audience;

  jwt_t* made = nullptr;
  if (jwt_new(&made) != 0) throw std::bad_alloc();
  const std::unique_ptr<jwt_t, void (*)(jwt_t*)> jwt(made, jwt_free);
  if (jwt_add_grants_json(made, json::serialize(object).c_str()) != 0 ||
      jwt_set_alg(made, JWT_ALG_HS256, reinterpret_cast<const unsigned char*>(key.data()),
                  static_cast<int>(key.size())) != 0) {
    throw Failure(FailureKind::internal, "the token cannot be made");
  }
  const std::unique_ptr<char, void (*)(void*)> text(jwt_encode_str(made), std::free);
  if (!text) throw Failure(FailureKind::internal, "the token cannot be signed");
  return text.get();
}

}  // namespace creel
