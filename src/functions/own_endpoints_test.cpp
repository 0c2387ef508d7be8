#include "functions/own_endpoints.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

std::vector<Endpoint> endpoints(std::map<std::string, std::string, std::less<>> variables) {
  aws::Environment environment;
  environment.variable = [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return own_endpoints(environment);
}

Endpoint at(const char* address, std::uint16_t port) {
  return {boost::asio::ip::make_address(address), port};
}

TEST(OwnEndpoints, AreThoseThatLambdaNames) {
  const auto found = endpoints({{"AWS_LAMBDA_RUNTIME_API", "169.254.100.1:9001"},
                                {"AWS_LAMBDA_METADATA_API", "[fd00::1]:9002"},
                                {"AWS_XRAY_DAEMON_ADDRESS", "tcp:169.254.79.129:2000 udp:169.254.79.130:2001"},
                                {"_AWS_XRAY_DAEMON_ADDRESS", "169.254.79.131"},
                                {"_AWS_XRAY_DAEMON_PORT", "2002"},
                                {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:81/v1/credentials?id=a"}});
  for (const auto& endpoint : {at("169.254.100.1", 9001), at("fd00::1", 9002), at("169.254.79.129", 2000),
                               at("169.254.79.130", 2001), at("169.254.79.131", 2002), at("127.0.0.1", 81)}) {
    EXPECT_THAT(found, Contains(endpoint));
  }
}

TEST(OwnEndpoints, MayHaveNames) {
  EXPECT_TRUE(is_among(at("127.0.0.1", 9001), endpoints({{"AWS_LAMBDA_RUNTIME_API", "localhost:9001"}})));
}

TEST(OwnEndpoints, AreNoneWhereNothingIsNamed) {
  EXPECT_THAT(endpoints({}), IsEmpty());
  EXPECT_THAT(endpoints({{"AWS_LAMBDA_RUNTIME_API", "???"}}), IsEmpty());
}

}  // namespace
}  // namespace creel
