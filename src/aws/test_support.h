#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aws/credentials_source.h"
#include "aws/environment.h"
#include "aws/s3_options.h"
#include "base/clock.h"
#include "net/http_client.h"
#include "net/resolver.h"

/// What the tests of this room and of those that use it share.
namespace creel::aws::testing {

/// The time of day as a test sets it; deadlines go by the machine's clock, since the HTTP client's do.
class TestClock final : public Clock {
 public:
  SystemTime now() const override { return now_; }
  SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
  void set(SystemTime now) { now_ = now; }
  void advance(std::chrono::seconds by) { now_ += by; }

 private:
  SystemTime now_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(12)};
};

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "creel-aws-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file below the folder and returns its path.
  std::string write(const std::filesystem::path& name, std::string_view text) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  std::filesystem::path path_;
};

/// Credentials that a test sets; counts how often it was asked and told that they were refused.
class FixedCredentials final : public CredentialsProvider {
 public:
  Task<Credentials> get() override {
    ++asked;
    co_return credentials;
  }
  void refuse(const Credentials& refused_credentials) override {
    static_cast<void>(refused_credentials);
    ++refused;
    credentials.access_key_id += "-renewed";
  }

  Credentials credentials{.access_key_id = "AKID", .secret_access_key = Secret("secret")};
  int asked = 0;
  int refused = 0;
};

/// An event loop with an HTTP client, and variables, files and a clock of its own.
struct Surroundings {
  Surroundings() {
    environment.home = folder.path();
    environment.variable = [this](std::string_view name) -> std::optional<std::string> {
      const auto entry = variables.find(name);
      return entry == variables.end() ? std::nullopt : std::optional(entry->second);
    };
  }

  TemporaryFolder folder;
  std::map<std::string, std::string, std::less<>> variables;
  Environment environment;
  TestClock clock;
  boost::asio::io_context loop;
  boost::asio::thread_pool threads{1};
  Resolver resolver{clock, system_lookup};
  HttpClient http{loop.get_executor(), http_client_options(S3Options{}, {}), resolver};
  /// No waits: the jitter is always nothing.
  CredentialsContext context{environment, http, threads, clock, [] { return 0.0; }};
};

}  // namespace creel::aws::testing
