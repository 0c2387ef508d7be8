#include "lambda/settings.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

namespace creel::lambda {
namespace {

using std::chrono::milliseconds;

// Keeps the values, which the environment only points to.
Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

TEST(ApiAddress, IsHostAndPortAsTheServiceGivesThem) {
  const auto address = parse_api_address("169.254.100.1:9001");
  EXPECT_EQ(address.endpoint.address().to_string(), "169.254.100.1");
  EXPECT_EQ(address.endpoint.port(), 9001);
  EXPECT_EQ(address.host, "169.254.100.1:9001");
  EXPECT_EQ(address.base_path, "");
}

TEST(ApiAddress, MayBeAUrlWithAPath) {
  const auto address = parse_api_address("http://[::1]:9000/.rt/hello/");
  EXPECT_EQ(address.endpoint.address().to_string(), "::1");
  EXPECT_EQ(address.endpoint.port(), 9000);
  EXPECT_EQ(address.host, "[::1]:9000");
  EXPECT_EQ(address.base_path, "/.rt/hello");
}

TEST(ApiAddress, KnowsLocalhostWithoutAnyFile) {
  EXPECT_EQ(parse_api_address("localhost:1", "/does/not/exist").endpoint.address().to_string(), "127.0.0.1");
}

TEST(ApiAddress, FindsOtherNamesInTheHostsFile) {
  const auto file = testing::TempDir() + "lambda_hosts";
  std::ofstream(file) << "# nothing here\n\n10.0.0.1\tother # emulator\n10.0.0.2 first emulator\n";
  EXPECT_EQ(parse_api_address("emulator:80", file).endpoint.address().to_string(), "10.0.0.2");
  EXPECT_THROW(parse_api_address("nobody:80", file), std::invalid_argument);
}

TEST(ApiAddress, RefusesWhatHasNoUsablePort) {
  for (const auto* text : {"127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:", "127.0.0.1:70000"}) {
    EXPECT_THROW(parse_api_address(text), std::invalid_argument) << text;
  }
}

TEST(Backoff, DoublesUpToTheCap) {
  const Backoff backoff{.base = milliseconds(20), .cap = milliseconds(100)};
  EXPECT_EQ(backoff.wait(1, 1), milliseconds(20));
  EXPECT_EQ(backoff.wait(2, 1), milliseconds(40));
  EXPECT_EQ(backoff.wait(2, 0.5), milliseconds(20));
  EXPECT_EQ(backoff.wait(9, 1), milliseconds(100));
  EXPECT_EQ(backoff.wait(1'000'000, 1), milliseconds(100));
  EXPECT_EQ(backoff.wait(3, 0), milliseconds(0));
}

TEST(Settings, AreNoneOutsideLambda) {
  EXPECT_FALSE(read_settings(environment({})));
}

TEST(Settings, AreReadFromTheEnvironment) {
  const auto settings = read_settings(environment({{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"},
                                                   {"_HANDLER", "hello"},
                                                   {"AWS_LAMBDA_FUNCTION_NAME", "greeter"},
                                                   {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},
                                                   {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"},
                                                   {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/greeter"},
                                                   {"AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]abc"},
                                                   {"AWS_LAMBDA_MAX_CONCURRENCY", "8"}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->handler, "hello");
  EXPECT_EQ(settings->concurrency, 8u);
  EXPECT_EQ(settings->function->name, "greeter");
  EXPECT_EQ(settings->function->version, "$LATEST");
  EXPECT_EQ(settings->function->memory_mib, 256u);
  EXPECT_EQ(settings->function->log_group, "/aws/lambda/greeter");
  EXPECT_EQ(settings->function->log_stream, "2026/01/01/[$LATEST]abc");
}

TEST(Settings, RefuseAConcurrencyThatIsNoNumber) {
  for (const auto* text : {"0", "many", "-1"}) {
    EXPECT_THROW(read_settings(
                     environment({{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"}, {"AWS_LAMBDA_MAX_CONCURRENCY", text}})),
                 std::invalid_argument)
        << text;
  }
}

TEST(Settings, SayHowToLog) {
  EXPECT_EQ(read_log_format(environment({})), LogFormat::text);
  EXPECT_EQ(read_log_format(environment({{"AWS_LAMBDA_LOG_FORMAT", "JSON"}})), LogFormat::json);
  EXPECT_EQ(read_log_level(environment({})), LogLevel::info);
  EXPECT_EQ(read_log_level(environment({{"AWS_LAMBDA_LOG_LEVEL", "debug"}})), LogLevel::debug);
  EXPECT_EQ(read_log_level(environment({{"AWS_LAMBDA_LOG_LEVEL", "FATAL"}})), LogLevel::fatal);
  EXPECT_EQ(read_log_level(environment({{"AWS_LAMBDA_LOG_LEVEL", "LOUD"}})), LogLevel::info);
}

}  // namespace
}  // namespace creel::lambda
