#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/url.h"

namespace creel {

/// Proxies as the environment variables name them: http_proxy, https_proxy, all_proxy, no_proxy.
/// A proxy looks names up and connects by itself, so the address policy cannot check what it reaches.
struct ProxySettings {
  std::string http_proxy;
  std::string https_proxy;
  std::string all_proxy;
  /// Hosts that are reached without a proxy: comma-separated names, which stand for their subdomains too, or "*".
  std::string no_proxy;

  /// The proxy for `url`; empty if it is reached directly.
  std::string proxy_for(const Url& url) const;
};

/// http_proxy, https_proxy, all_proxy and no_proxy; all but the first in upper case as well, as curl has it: a web
/// server would let strangers set HTTP_PROXY.
/// @param variable  the value of an environment variable; nothing if it is not set or empty
ProxySettings proxies_from(const std::function<std::optional<std::string>(std::string_view)>& variable);

}  // namespace creel
