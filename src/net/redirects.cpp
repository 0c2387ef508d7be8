#include "net/redirects.h"

#include <array>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel {
namespace {

constexpr std::size_t kMaxDiscardedBytes = 64 * 1024;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Url target_of(const Url& from, std::string_view location) {
  try {
    return from.resolve(location);
  } catch (const Failure& reason) {
    throw Failure(FailureKind::redirected, fmt::format("redirected to a URL that cannot be used: {}", reason.what()));
  }
}

}  // namespace

Task<FollowedResponse> get_following_redirects(HttpClient& client, HttpRequest request) {
  static constexpr std::array kForOneOrigin = {"Authorization", "Cookie", "Proxy-Authorization"};
  for (int redirects = 0;; ++redirects) {
    auto response = co_await client.send(request);
    const auto location = response.headers().find("Location");
    if (!is_redirect(response.status()) || !location) {
      co_return FollowedResponse{std::move(response), std::move(request.url), redirects};
    }
    if (redirects == kMaxRedirects) {
      throw Failure(FailureKind::redirected, fmt::format("redirected more than {} times", kMaxRedirects));
    }
    auto target = target_of(request.url, *location);
    if (target.origin() != request.url.origin()) {
      for (const auto* name : kForOneOrigin) request.headers.remove(name);
    }
    co_await response.discard(kMaxDiscardedBytes);
    request.url = std::move(target);
  }
}

}  // namespace creel
