#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aws/environment.h"
#include "base/log.h"
#include "base/log_output.h"
#include "base/secret.h"
#include "functions/store_request.h"
#include "ingest/job_options.h"

namespace creel {

/// How the backend is set up: what creel.toml, the environment and the flags say. The values here are the defaults;
/// serve_config_keys.cpp has the table of them all.
struct ServeConfig {
  struct Server {
    std::filesystem::path data = "creel-data";
    std::string listen = "127.0.0.1:8080";
    /// What links begin with, where a proxy stands before the server; empty if none does.
    std::string public_url;
    std::size_t max_connections = 1024;
    std::uint64_t max_header_bytes = std::uint64_t{32} * 1024;
    std::chrono::milliseconds first_byte_timeout{10'000};
    std::chrono::milliseconds transfer_timeout{30'000};
    std::chrono::milliseconds body_timeout{120'000};
    std::chrono::milliseconds idle_timeout{60'000};
    std::chrono::milliseconds stop_grace{10'000};

    bool operator==(const Server&) const = default;
  };
  struct Database {
    /// May hold a password. Empty: a file in the data folder.
    Secret url;
    std::filesystem::path url_file;
    std::size_t readers = 4;

    bool operator==(const Database&) const = default;
  };
  struct Store {
    /// Empty: a folder in the data folder.
    std::string to;
    std::string endpoint_url;
    std::string region;
    std::string profile;
    KeyMode key_mode = KeyMode::named;
    IfExists if_exists = IfExists::overwrite;
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds socket_timeout{20'000};
    std::chrono::milliseconds request_timeout{120'000};
    std::chrono::milliseconds timeout{300'000};
    std::size_t attempts = 5;

    bool operator==(const Store&) const = default;
  };
  struct Ingest {
    std::size_t concurrency = 256;
    std::size_t per_host = 32;
    std::size_t retries = 8;
    std::chrono::milliseconds timeout{60'000};
    std::uint64_t max_bytes = std::uint64_t{64} * 1024 * 1024;
    std::vector<std::string> accept{"image/*"};
    bool ignore_opt_out = false;
    std::uint64_t memory = std::uint64_t{256} * 1024 * 1024;
    /// 0: as many as there are cores.
    std::size_t threads = 0;
    std::chrono::milliseconds lease{120'000};
    /// "lambda:NAME[:ALIAS]"; empty: images are fetched by this process.
    std::string via;
    std::string lambda_endpoint_url;
    std::size_t batch = 32;
    std::size_t in_flight = 75;
    /// 0: Lambda is asked for it.
    std::chrono::milliseconds function_timeout{0};

    bool operator==(const Ingest&) const = default;
  };
  struct Auth {
    std::filesystem::path secret_file;
    /// From the environment only.
    Secret secret;
    std::string jwks_url;
    std::string issuer;
    std::string audience;
    std::chrono::milliseconds leeway{30'000};

    bool operator==(const Auth&) const = default;
  };
  struct Sources {
    bool allow_private_network = false;
    std::size_t concurrency = 16;
    std::size_t per_host = 2;
    std::chrono::milliseconds shortest_interval{60'000};
    std::chrono::milliseconds longest_wait{86'400'000};
    std::chrono::milliseconds rate_limited_wait{10'800'000};
    std::chrono::milliseconds lease{30'000};
    std::filesystem::path presets;
    std::vector<std::string> list_folders;
    std::filesystem::path imgur_client_id_file;
    /// From the environment only.
    Secret imgur_client_id;

    bool operator==(const Sources&) const = default;
  };
  struct Logging {
    std::string level = "info";
    LogFormat format = LogFormat::text;
    LogOutput::Stream output = LogOutput::Stream::standard_error;
    std::filesystem::path file;
    std::uint64_t rotate_bytes = std::uint64_t{10} * 1024 * 1024;
    std::size_t rotate_files = 5;

    bool operator==(const Logging&) const = default;
  };

  Server server;
  Database database;
  Store store;
  Ingest ingest;
  Auth auth;
  Sources sources;
  Logging log;

  /// Somebody has said who may use the API.
  bool has_auth() const;
  /// Where the database is, in full: "sqlite:PATH" or "postgresql://...".
  /// @throws Failure bad_request  the file with it cannot be read
  Secret database_url() const;
  /// Where images go, in full.
  std::string store_to() const;

  bool operator==(const ServeConfig&) const = default;
};

/// What the command line says: texts by the key's name, "server.listen".
using ConfigFlags = std::map<std::string, std::string, std::less<>>;

/// Puts the configuration together: flags over environment over file over defaults. All layers are checked, those that
/// others hide as well.
/// @param file  empty: CREEL_CONFIG, or creel.toml in the working directory if there is one
/// @throws Failure bad_request  naming file and line, variable or flag: not TOML, an unknown section or key, a value of
///                              a wrong type or out of bounds; values that do not go together
ServeConfig load_serve_config(const std::filesystem::path& file, const aws::Environment& environment,
                              const ConfigFlags& flags);

/// Puts what the text of a configuration file says over `config`. The sections of `creel deploy` belong to others.
/// @param file  for messages, and what relative paths are relative to
void apply_config_text(ServeConfig& config, std::string_view text, const std::filesystem::path& file);

/// A configuration file with every key, a comment for each, and its default unless `flags` has a value.
/// @throws Failure bad_request  a flag's value cannot be
std::string config_template(const ConfigFlags& flags);

/// Numeric address and port.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
  bool is_loopback = false;
};

/// Reads "127.0.0.1:8080", "[::1]:8080", "localhost:0", ":8080" (all addresses).
/// @throws Failure bad_request
ListenAddress parse_listen(std::string_view text);

}  // namespace creel
