#pragma once

#include <string>

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

}  // namespace creel
