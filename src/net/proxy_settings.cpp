#include "net/proxy_settings.h"

#include "base/text.h"

namespace creel {
namespace {

/// True if the entry "example.com" or ".example.com" stands for `host`.
bool covers(std::string_view entry, std::string_view host) {
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty() || host.size() < entry.size()) return false;
  if (!ascii_iequals(host.substr(host.size() - entry.size()), entry)) return false;
  return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

}  // namespace

std::string ProxySettings::proxy_for(const Url& url) const {
  const auto& own = url.is_https() ? https_proxy : http_proxy;
  const auto& proxy = own.empty() ? all_proxy : own;
  if (proxy.empty()) return {};
  for (const auto part : split(no_proxy, ',')) {
    const auto entry = trim(part);
    if (entry == "*" || covers(entry, url.host()) || ascii_iequals(entry, url.authority())) return {};
  }
  return proxy;
}

ProxySettings proxies_from(const std::function<std::optional<std::string>(std::string_view)>& variable) {
  const auto either = [&variable](std::string_view lower, std::string_view upper) {
    return variable(lower).value_or(variable(upper).value_or(""));
  };
  return {.http_proxy = variable("http_proxy").value_or(""),
          .https_proxy = either("https_proxy", "HTTPS_PROXY"),
          .all_proxy = either("all_proxy", "ALL_PROXY"),
          .no_proxy = either("no_proxy", "NO_PROXY")};
}

}  // namespace creel
