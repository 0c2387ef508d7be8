#include "api/tokens.h"

#include <cmath>
#include <cstring>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

/// Times beyond this are for ever: clocks of 64 bits count nanoseconds up to the year 2262.
constexpr double kLatestTime = 9e9;
constexpr std::size_t kMaxSubjectBytes = 256;

SystemTime to_time(double seconds) {
  return SystemTime(std::chrono::duration_cast<SystemTime::duration>(
      std::chrono::duration<double>(std::clamp(seconds, 0.0, kLatestTime))));
}

/// A claim that is a time; nothing if it is not there.
std::optional<SystemTime> time_claim(const json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr) return std::nullopt;
  const auto seconds = value->is_number() ? value->to_number<double>() : std::nan("");
  if (!std::isfinite(seconds)) throw token_refused(fmt::format("the token's '{}' is no time", name));
  return to_time(seconds);
}

/// True if the claim is `text`, or an array that has it.
bool claim_has(const json::object& claims, std::string_view name, std::string_view text) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr) return false;
  if (const auto* one = value->if_string()) return std::string_view(*one) == text;
  const auto* many = value->if_array();
  if (many == nullptr) return false;
  return std::ranges::any_of(
      *many, [&](const json::value& item) { return item.is_string() && std::string_view(item.get_string()) == text; });
}

/// True if `scope`, words divided by spaces or an array of words, has that word.
bool has_scope(const json::object& claims, std::string_view word) {
  const auto* value = claims.if_contains("scope");
  if (value == nullptr) return false;
  if (!value->is_string()) return claim_has(claims, "scope", word);
  const auto words = split(value->get_string(), ' ');
  return std::ranges::find(words, word) != words.end();
}

Scope scope_of(const json::object& claims) {
  if (has_scope(claims, "write")) return Scope::write;
  return has_scope(claims, "read") ? Scope::read : Scope::none;
}

json::object parse_claims(std::string_view token) {
  boost::system::error_code error;
  auto value = json::parse(token_payload(token), error);
  if (error || !value.is_object()) throw token_refused("the token's claims are no JSON object");
  return std::move(value.get_object());
}

}  // namespace

Problem token_refused(const std::string& why) {
  return Problem(ProblemKind::unauthorized, why)
      .with("WWW-Authenticate",
            fmt::format("Bearer realm=\"creel\", error=\"invalid_token\", error_description=\"{}\"", why));
}

std::size_t TokenVerifier::DigestHash::operator()(const Sha256Digest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

TokenVerifier::TokenVerifier(TokenRules rules, Secret secret, std::unique_ptr<JwksSource> jwks, const Clock& clock)
    : rules_(std::move(rules)),
      secret_{.id = "", .algorithm = TokenAlgorithm::hs256, .material = std::move(secret)},
      jwks_(std::move(jwks)),
      clock_(clock) {}

TokenVerifier::~TokenVerifier() = default;

Task<Caller> TokenVerifier::verify(std::string token) {
  if (token.size() > kMaxTokenBytes) throw token_refused("the token is too long");
  const auto digest = sha256(token);
  if (const auto* good = find_good(digest)) co_return *good;
  const auto header = read_token_header(token);
  co_await check_signature(token, header);
  auto caller = check_claims(token);
  remember(digest, caller);
  co_return caller;
}

Task<void> TokenVerifier::check_signature(std::string token, TokenHeader header) {
  if (header.algorithm == TokenAlgorithm::hs256) {
    if (!is_signed_by(token, secret_)) throw token_refused("the token's signature is not right");
    co_return;
  }
  if (!jwks_) {
    throw token_refused(fmt::format("tokens signed with {} are not taken", to_string(header.algorithm)));
  }
  const auto keys = co_await jwks_->find(header.algorithm, header.key_id);
  if (keys.empty()) throw token_refused("the token was signed with a key that is not known");
  for (const auto& key : keys) {
    if (is_signed_by(token, key)) co_return;
  }
  throw token_refused("the token's signature is not right");
}

Caller TokenVerifier::check_claims(std::string_view token) const {
  const auto claims = parse_claims(token);
  const auto expires_at = time_claim(claims, "exp");
  if (!expires_at) throw token_refused("the token does not say when it expires");
  if (is_expired(*expires_at)) throw token_refused("the token has expired");
  const auto not_before = time_claim(claims, "nbf");
  if (not_before && *not_before > clock_.now() + rules_.leeway) throw token_refused("the token is not valid yet");
  if (!rules_.issuer.empty()) {
    const auto* issuer = claims.if_contains("iss");
    const bool is_right =
        issuer != nullptr && issuer->is_string() && std::string_view(issuer->get_string()) == rules_.issuer;
    if (!is_right) throw token_refused("the token is from another issuer");
  }
  if (!rules_.audience.empty() && !claim_has(claims, "aud", rules_.audience)) {
    throw token_refused("the token is for another audience");
  }
  const auto* subject = claims.if_contains("sub");
  Caller caller;
  if (subject != nullptr && subject->is_string()) {
    caller.subject = utf8_prefix(subject->get_string(), kMaxSubjectBytes);
  }
  caller.scope = scope_of(claims);
  caller.expires_at = expires_at;
  return caller;
}

bool TokenVerifier::is_expired(SystemTime expires_at) const {
  return expires_at + rules_.leeway <= clock_.now();
}

std::uint64_t TokenVerifier::generation() const {
  return jwks_ ? jwks_->generation() : 0;
}

const Caller* TokenVerifier::find_good(const Sha256Digest& digest) {
  const auto found = good_.find(digest);
  if (found == good_.end()) return nullptr;
  const auto& good = found->second;
  if (good.generation == generation() && !is_expired(*good.caller.expires_at)) return &good.caller;
  good_.erase(found);
  return nullptr;
}

void TokenVerifier::remember(const Sha256Digest& digest, const Caller& caller) {
  if (good_.size() >= kMaxRemembered) {
    std::erase_if(good_, [this](const auto& entry) {
      return entry.second.generation != generation() || is_expired(*entry.second.caller.expires_at);
    });
  }
  // All of them good, and still too many: any one makes room.
  if (good_.size() >= kMaxRemembered) good_.erase(good_.begin());
  good_.insert_or_assign(digest, Good{.caller = caller, .generation = generation()});
}

}  // namespace creel
