#pragma once

#include <chrono>
#include <string>

#include "api/token_secret.h"
#include "base/clock.h"
#include "base/secret.h"
#include "cli/serve_config.h"

namespace creel {

/// Of the token in the link to the page that is printed.
constexpr std::chrono::hours kLinkLife{24};

/// The secret with which this configuration's tokens are signed: that of [auth], or the data folder's own, which is made
/// if need be.
/// @throws Failure bad_request  tokens come from elsewhere (jwks_url), or the secret cannot be used
Secret signing_secret(const ServeConfig& config);

/// The same for those who check tokens: empty where only others sign them.
Secret checking_secret(const ServeConfig& config);

/// A token for the API of a backend with this configuration.
/// @throws Failure bad_request  as `signing_secret`, or the lifetime is none
Secret make_access_token(const ServeConfig& config, Scope scope, std::chrono::seconds lifetime, SystemTime now);

}  // namespace creel
