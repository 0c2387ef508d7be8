#include "base/failure.h"

#include <array>

namespace creel {
namespace {

struct KindFacts {
  FailureKind kind;
  std::string_view name;
  bool retryable;
  int status_code;
};

using enum FailureKind;

constexpr std::array kFacts = {
    KindFacts{bad_url, "bad_url", false, 400},
    KindFacts{blocked_address, "blocked_address", false, 403},
    KindFacts{dns, "dns", true, 502},
    KindFacts{connect, "connect", true, 502},
    KindFacts{tls, "tls", false, 502},
    KindFacts{timeout, "timeout", true, 504},
    KindFacts{redirected, "redirected", false, 502},
    KindFacts{bad_request, "bad_request", false, 400},
    KindFacts{bad_auth, "bad_auth", false, 401},
    KindFacts{forbidden, "forbidden", false, 403},
    KindFacts{not_found, "not_found", false, 404},
    KindFacts{rate_limited, "rate_limited", true, 429},
    KindFacts{server_error, "server_error", true, 502},
    KindFacts{truncated, "truncated", true, 502},
    KindFacts{too_large, "too_large", false, 413},
    KindFacts{not_an_image, "not_an_image", false, 415},
    KindFacts{placeholder, "placeholder", false, 404},
    KindFacts{opted_out, "opted_out", false, 451},
    KindFacts{store_denied, "store_denied", false, 403},
    KindFacts{store_throttled, "store_throttled", true, 503},
    KindFacts{store_error, "store_error", true, 502},
    KindFacts{function_error, "function_error", false, 500},
    KindFacts{function_timeout, "function_timeout", true, 504},
    KindFacts{function_throttled, "function_throttled", true, 429},
    KindFacts{cancelled, "cancelled", true, 499},
    KindFacts{internal, "internal", false, 500},
};

constexpr auto kKinds = [] {
  std::array<FailureKind, kFacts.size()> kinds{};
  for (std::size_t i = 0; i < kFacts.size(); ++i) kinds[i] = kFacts[i].kind;
  return kinds;
}();

constexpr bool numbered_from_one() {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (static_cast<std::size_t>(kFacts[i].kind) != i + 1) return false;
  }
  return true;
}
static_assert(numbered_from_one(), "kFacts is indexed by the kind's number");

const KindFacts& facts(FailureKind kind) {
  return kFacts[static_cast<std::size_t>(kind) - 1];
}

}  // namespace

std::span<const FailureKind> all_failure_kinds() {
  return kKinds;
}

std::string_view to_string(FailureKind kind) {
  return facts(kind).name;
}

std::optional<FailureKind> failure_kind(std::string_view name) {
  for (const auto& entry : kFacts) {
    if (entry.name == name) return entry.kind;
  }
  return std::nullopt;
}

std::optional<FailureKind> failure_kind(int number) {
  if (number < 1 || number > static_cast<int>(kFacts.size())) return std::nullopt;
  return static_cast<FailureKind>(number);
}

bool is_retryable(FailureKind kind) {
  return facts(kind).retryable;
}

int status_code(FailureKind kind) {
  return facts(kind).status_code;
}

}  // namespace creel
