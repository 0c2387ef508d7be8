#include "net/proxy_settings.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

std::string proxy_without(std::string_view no_proxy, std::string_view url) {
  const ProxySettings settings{
      .http_proxy = "http://p:1", .https_proxy = "http://p:2", .no_proxy = std::string(no_proxy)};
  return settings.proxy_for(Url::parse(url));
}

TEST(ProxySettings, NamesNoProxyWhenNoneIsSet) {
  EXPECT_EQ(ProxySettings().proxy_for(Url::parse("http://a/")), "");
  EXPECT_EQ(ProxySettings().proxy_for(Url::parse("https://a/")), "");
}

TEST(ProxySettings, ChoosesByScheme) {
  EXPECT_EQ(proxy_without("", "http://a/"), "http://p:1");
  EXPECT_EQ(proxy_without("", "https://a/"), "http://p:2");
  const ProxySettings only_http{.http_proxy = "http://p:1"};
  EXPECT_EQ(only_http.proxy_for(Url::parse("https://a/")), "");
}

TEST(ProxySettings, FallsBackToTheOneForAll) {
  const ProxySettings settings{.https_proxy = "http://own", .all_proxy = "socks5://all"};
  EXPECT_EQ(settings.proxy_for(Url::parse("http://a/")), "socks5://all");
  EXPECT_EQ(settings.proxy_for(Url::parse("https://a/")), "http://own");
}

TEST(ProxySettings, ReachesTheNamedHostsAndTheirSubdomainsDirectly) {
  for (const auto* no_proxy :
       {"example.com", ".example.com", "EXAMPLE.COM", "x.test, example.com ,y.test", "*", " * "}) {
    EXPECT_EQ(proxy_without(no_proxy, "http://example.com/"), "") << no_proxy;
    EXPECT_EQ(proxy_without(no_proxy, "https://img.example.com/"), "") << no_proxy;
  }
}

TEST(ProxySettings, ReachesOtherHostsThroughTheProxy) {
  for (const auto* no_proxy : {"example.com", ".example.com", "com.example.com", ",", " ", ".", "example"}) {
    EXPECT_EQ(proxy_without(no_proxy, "http://notexample.com/"), "http://p:1") << no_proxy;
    EXPECT_EQ(proxy_without(no_proxy, "http://example.com.evil.test/"), "http://p:1") << no_proxy;
  }
}

TEST(ProxySettings, TakesAddressesAndPorts) {
  EXPECT_EQ(proxy_without("127.0.0.1,::1", "http://127.0.0.1:8080/"), "");
  EXPECT_EQ(proxy_without("127.0.0.1,::1", "http://[::1]/"), "");
  EXPECT_EQ(proxy_without("a:8080", "http://a:8080/"), "");
  EXPECT_EQ(proxy_without("a:8080", "http://a/"), "http://p:1");
}

}  // namespace
}  // namespace creel
