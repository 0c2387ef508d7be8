#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/router.h"
#include "base/clock.h"

namespace creel {

// The session of the page in the browser: a cookie that holds the token, out of reach of scripts.

/// The cookie's name. Browsers send it whatever the port, so where the address names one it is part of the name that is
/// set, "creel_session_8080": two backends on one machine do not sign each other out. Over https "__Host-" comes first.
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
/// The Set-Cookies that end it: one for each that the request brings, and at least one.
std::vector<std::string> end_session(const HttpCall& call);

/// Adds POST, GET and DELETE /session.
void add_session_routes(Router& router, const Clock& clock);

}  // namespace creel
