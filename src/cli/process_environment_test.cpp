#include "cli/process_environment.h"

#include <map>

#include <gtest/gtest.h>

namespace creel {
namespace {

aws::Environment environment_of(std::map<std::string, std::string> variables) {
  return {.variable = [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
            const auto found = variables.find(std::string(name));
            if (found == variables.end()) return std::nullopt;
            return found->second;
          },
          .home = {}};
}

TEST(ProcessEnvironment, NamesNoProxyWhenNoneIsSet) {
  const auto proxies = proxies_from(environment_of({}));
  EXPECT_EQ(proxies.http_proxy + proxies.https_proxy + proxies.all_proxy + proxies.no_proxy, "");
}

TEST(ProcessEnvironment, TakesProxiesInLowerCase) {
  const auto proxies = proxies_from(environment_of(
      {{"http_proxy", "http://p:1"}, {"https_proxy", "http://p:2"}, {"all_proxy", "http://p:3"}, {"no_proxy", "a,b"}}));
  EXPECT_EQ(proxies.http_proxy, "http://p:1");
  EXPECT_EQ(proxies.https_proxy, "http://p:2");
  EXPECT_EQ(proxies.all_proxy, "http://p:3");
  EXPECT_EQ(proxies.no_proxy, "a,b");
}

TEST(ProcessEnvironment, TakesAllButTheFirstInUpperCaseAsWell) {
  const auto proxies = proxies_from(environment_of(
      {{"HTTP_PROXY", "http://p:1"}, {"HTTPS_PROXY", "http://p:2"}, {"ALL_PROXY", "http://p:3"}, {"NO_PROXY", "a,b"}}));
  EXPECT_EQ(proxies.http_proxy, "") << "strangers set it through a web server's \"Proxy\" header";
  EXPECT_EQ(proxies.https_proxy, "http://p:2");
  EXPECT_EQ(proxies.all_proxy, "http://p:3");
  EXPECT_EQ(proxies.no_proxy, "a,b");
}

TEST(ProcessEnvironment, PrefersLowerCase) {
  EXPECT_EQ(proxies_from(environment_of({{"no_proxy", "a"}, {"NO_PROXY", "b"}})).no_proxy, "a");
}

TEST(ProcessEnvironment, KnowsTheFileOfCertificates) {
  EXPECT_EQ(ca_file_from(environment_of({{"SSL_CERT_FILE", "/ca.pem"}})), "/ca.pem");
  EXPECT_EQ(ca_file_from(environment_of({})), "");
}

TEST(ProcessEnvironment, ReadsTheVariablesOfThisProcess) {
  ::setenv("CREEL_TEST_VARIABLE", "here", 1);
  const auto environment = process_environment();
  EXPECT_EQ(environment.find("CREEL_TEST_VARIABLE"), "here");
  ::unsetenv("CREEL_TEST_VARIABLE");
  EXPECT_EQ(environment.find("CREEL_TEST_VARIABLE"), std::nullopt);
}

TEST(ProcessEnvironment, NamesCreelAndItsProjectPageToServers) {
  EXPECT_EQ(user_agent(), "creel/" CREEL_VERSION " (+" CREEL_HOMEPAGE ")");
}

}  // namespace
}  // namespace creel
