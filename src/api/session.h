#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/router.h"
#include "base/clock.h"

namespace creel {

// The session of the page in the browser: a cookie that holds the token, out of reach of scripts.

/// The cookie's name; over https it is "__Host-" and this.
inline constexpr std::string_view kSessionCookie = "creel_session";

/// The token that a request brings: in its Authorization header, else in the session's cookie.
struct BroughtToken {
  std::string token;
  bool by_cookie = false;
};

/// Nothing if it brings none.
/// @throws Problem unauthorized  the Authorization header has another scheme than Bearer
std::optional<BroughtToken> token_of(const HttpCall& call);

/// Refuses what another site's page might have sent: a request that changes something and is authorized by the cookie
/// must come from a page of our own, as Sec-Fetch-Site or Origin tells.
/// @throws Problem forbidden
void check_same_origin(const HttpCall& call);

/// True if the client spoke https to the proxy in front of us.
bool came_by_https(const HttpCall& call);

/// The Set-Cookie that begins a session, until the token expires.
std::string begin_session(const HttpCall& call, std::string_view token, std::optional<SystemTime> expires_at,
                          SystemTime now);
/// The Set-Cookie that ends it.
std::string end_session(const HttpCall& call);

/// Adds POST, GET and DELETE /session.
void add_session_routes(Router& router, const Clock& clock);

}  // namespace creel
