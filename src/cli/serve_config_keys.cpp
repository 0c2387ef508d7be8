#include <array>

#include "base/byte_budget.h"
#include "cli/config_key.h"
#include "cli/config_setters.h"
#include "cli/destination.h"
#include "cli/lambda_route.h"
#include "net/url.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
using enum ConfigType;
using Keys = std::vector<ConfigKey>;

constexpr std::size_t kMany = 100'000;

void check_url(const std::string& value) {
  try {
    Url::parse(value);
  } catch (const Failure& failure) {
    refuse_value(failure.what());
  }
}

void check_database_url(const std::string& value) {
  for (const std::string_view scheme : {"sqlite:", "postgresql://", "postgres://"}) {
    if (value.starts_with(scheme) && value.size() > scheme.size()) return;
  }
  // What was given may hold a password, so it is not shown.
  refuse_value("it must begin with sqlite: or postgresql://");
}

/// A relative path of SQLite is relative to where it was written.
void set_database_url(ServeConfig& config, const std::string& value, const fs::path& base) {
  constexpr std::string_view kFile = "sqlite:";
  if (!value.empty()) check_database_url(value);
  const bool is_file = value.starts_with(kFile);
  config.database.url = Secret(
      is_file ? fmt::format("{}{}", kFile, (base / value.substr(kFile.size())).lexically_normal().string()) : value);
}

/// A relative folder is relative to where it was written.
void set_store(ServeConfig& config, const std::string& value, const fs::path& base) {
  if (value.empty()) {
    config.store.to.clear();
    return;
  }
  const auto destination = parse_destination(value);
  config.store.to = destination.is_bucket() ? value : (base / value).lexically_normal().string();
}

void check_via(const std::string& value) {
  LambdaRouteOptions route;
  parse_via(value, route);
}

void check_listen(const std::string& value) {
  parse_listen(value);
}

void add_server_keys(Keys& keys) {
  using Server = ServeConfig::Server;
  const auto field = [](auto member) { return ConfigField{&ServeConfig::server, member}; };
  keys.insert(
      keys.end(),
      {{"server", "data", path, "creel-data",
        "Folder for the database, the images and the secret, unless told elsewhere", set_path(field(&Server::data)),
        "--data"},
       {"server", "listen", text, "127.0.0.1:8080",
        "Address and port; port 0 for any that is free. Other than loopback only with [auth]",
        set_text(field(&Server::listen), check_listen), "--listen"},
       {"server", "public_url", text, "", "What links begin with, if a proxy stands before the server",
        set_text(field(&Server::public_url), check_url)},
       {"server", "max_connections", integer, "1024", "Clients at a time",
        set_integer(field(&Server::max_connections), 1, kMany)},
       {"server", "max_header_bytes", size, "32KiB", "Largest head of a request",
        set_size(field(&Server::max_header_bytes), 1024)},
       {"server", "first_byte_timeout", duration, "10s", "How long a new connection may be silent",
        set_duration(field(&Server::first_byte_timeout))},
       {"server", "transfer_timeout", duration, "30s", "How long a request's head, and each piece of a body, may take",
        set_duration(field(&Server::transfer_timeout))},
       {"server", "body_timeout", duration, "2m", "How long all of a request's body may take",
        set_duration(field(&Server::body_timeout))},
       {"server", "idle_timeout", duration, "60s", "How long a connection may wait for its next request",
        set_duration(field(&Server::idle_timeout))},
       {"server", "stop_grace", duration, "10s", "How long what is under way may go on when the server is stopped",
        set_duration(field(&Server::stop_grace), std::chrono::milliseconds(0))}});
}

void add_database_keys(Keys& keys) {
  using Database = ServeConfig::Database;
  const auto field = [](auto member) { return ConfigField{&ServeConfig::database, member}; };
  keys.insert(keys.end(),
              {{"database", "url", text, "",
                "sqlite:FILE or postgresql://USER@HOST/NAME; empty: creel.db in the data folder", set_database_url},
               {"database", "url_file", path, "", "A file with the URL, if it has a password in it",
                set_path(field(&Database::url_file))},
               {"database", "readers", integer, "4", "Connections that read, beside the one that writes",
                set_integer(field(&Database::readers), 1, 64)}});
}

void add_store_keys(Keys& keys) {
  using Store = ServeConfig::Store;
  const auto field = [](auto member) { return ConfigField{&ServeConfig::store, member}; };
  keys.insert(
      keys.end(),
      {{"store", "to", text, "", "Where images go: a folder, or s3://bucket/prefix; empty: images in the data folder",
        set_store, "--to"},
       {"store", "endpoint_url", text, "", "Address of an S3-compatible store other than AWS",
        set_text(field(&Store::endpoint_url), check_url), "--endpoint-url"},
       {"store", "region", text, "", "Region of the bucket and the function; empty: as the AWS tools find it",
        set_text(field(&Store::region)), "--region"},
       {"store", "profile", text, "", "Profile in the AWS configuration files", set_text(field(&Store::profile)),
        "--profile"},
       {"store", "key_mode", text, "named",
        "Keys after names, or after the bytes (equal images are stored once): content",
        set_choice(field(&Store::key_mode), {{"named", KeyMode::named}, {"content", KeyMode::content}}), "--key-mode"},
       {"store", "if_exists", text, "overwrite", "What to do when a key is taken by other bytes: overwrite, skip",
        set_choice(field(&Store::if_exists), {{"overwrite", IfExists::overwrite}, {"skip", IfExists::skip}})},
       {"store", "connect_timeout", duration, "5s", "A bucket: making a connection",
        set_duration(field(&Store::connect_timeout))},
       {"store", "socket_timeout", duration, "20s", "A bucket: no byte moves",
        set_duration(field(&Store::socket_timeout))},
       {"store", "request_timeout", duration, "2m", "A bucket: one try of one request",
        set_duration(field(&Store::request_timeout))},
       {"store", "timeout", duration, "5m", "A bucket: all tries of one request, waits included",
        set_duration(field(&Store::timeout))},
       {"store", "attempts", integer, "5", "A bucket: tries of one request, the first included",
        set_integer(field(&Store::attempts), 1, 100)}});
}

void add_ingest_keys(Keys& keys) {
  using Ingest = ServeConfig::Ingest;
  const auto field = [](auto member) { return ConfigField{&ServeConfig::ingest, member}; };
  keys.insert(keys.end(),
              {{"ingest", "concurrency", integer, "256", "Images under way at a time",
                set_integer(field(&Ingest::concurrency), 1, kMany), "--concurrency"},
               {"ingest", "per_host", integer, "32", "Connections to one host at a time",
                set_integer(field(&Ingest::per_host), 1, kMany), "--per-host"},
               {"ingest", "retries", integer, "8", "Further tries of failures that may pass",
                set_integer(field(&Ingest::retries), 0, 100), "--retries"},
               {"ingest", "timeout", duration, "60s", "Whole transfer of one image from the web",
                set_duration(field(&Ingest::timeout)), "--timeout"},
               {"ingest", "max_bytes", size, "64MiB", "Larger images are refused",
                set_size(field(&Ingest::max_bytes), 1), "--max-bytes"},
               {"ingest", "accept", texts, "image/*", "Types of images to keep",
                set_content_types(field(&Ingest::accept)), "--accept"},
               {"ingest", "ignore_opt_out", boolean, "false",
                "Store images whose server asks in X-Robots-Tag to leave them alone",
                set_boolean(field(&Ingest::ignore_opt_out)), "--ignore-opt-out"},
               {"ingest", "memory", size, "256MiB", "Memory for image bytes",
                set_size(field(&Ingest::memory), ByteBudget::kSmallestCapacity), "--memory"},
               {"ingest", "threads", integer, "0", "Event loops that transfer images; 0: as many as there are cores",
                set_integer(field(&Ingest::threads), 0, 256), "--threads"},
               {"ingest", "lease", duration, "2m",
                "When the images of a backend that has died are taken over by another on the same database",
                set_duration(field(&Ingest::lease), std::chrono::seconds(1))},
               {"ingest", "via", text, "", "lambda:NAME or lambda:NAME:ALIAS: fetch and store through that function",
                set_text(field(&Ingest::via), check_via), "--via"},
               {"ingest", "lambda_endpoint_url", text, "", "Where Lambda is, if not at AWS",
                set_text(field(&Ingest::lambda_endpoint_url), check_url), "--lambda-endpoint-url"},
               {"ingest", "batch", integer, "32", "Images that one invocation carries",
                set_integer(field(&Ingest::batch), 1, 1000), "--batch"},
               {"ingest", "in_flight", integer, "75", "Invocations under way at a time",
                set_integer(field(&Ingest::in_flight), 1, 10'000), "--in-flight"},
               {"ingest", "function_timeout", duration, "0s", "When an invocation is ended; 0: Lambda is asked for it",
                set_duration(field(&Ingest::function_timeout), std::chrono::milliseconds(0)), "--function-timeout"}});
}

void add_auth_keys(Keys& keys) {
  using Auth = ServeConfig::Auth;
  const auto field = [](auto member) { return ConfigField{&ServeConfig::auth, member}; };
  keys.insert(
      keys.end(),
      {{"auth", "secret_file", path, "", "A file with the secret that tokens are signed with (HS256), 32 bytes or more",
        set_path(field(&Auth::secret_file))},
       {"auth", "secret", secret, "", "The secret itself", set_secret(field(&Auth::secret))},
       {"auth", "jwks_url", text, "", "Where the public keys are that tokens are checked with",
        set_text(field(&Auth::jwks_url), check_url)},
       {"auth", "issuer", text, "", "What a token must have as `iss`; empty: anything", set_text(field(&Auth::issuer))},
       {"auth", "audience", text, "", "What a token must have as `aud`; to be set with jwks_url",
        set_text(field(&Auth::audience))},
       {"auth", "leeway", duration, "30s", "How far clocks may be apart",
        set_duration(field(&Auth::leeway), std::chrono::milliseconds(0))}});
}

void add_sources_keys(Keys& keys) {
  using Sources = ServeConfig::Sources;
  const auto field = [](auto member) { return ConfigField{&ServeConfig::sources, member}; };
  keys.insert(
      keys.end(),
      {{"sources", "allow_private_network", boolean, "false",
        "Poll sources, and fetch images, at loopback and private addresses too",
        set_boolean(field(&Sources::allow_private_network)), "--allow-private-network"},
       {"sources", "concurrency", integer, "16", "Polls at a time", set_integer(field(&Sources::concurrency), 1, 1000)},
       {"sources", "per_host", integer, "2", "Requests of polls to one host at a time",
        set_integer(field(&Sources::per_host), 1, 1000)},
       {"sources", "shortest_interval", duration, "60s", "No source is polled more often",
        set_duration(field(&Sources::shortest_interval), std::chrono::seconds(1))},
       {"sources", "longest_wait", duration, "24h", "No source or peer can put a poll off for longer",
        set_duration(field(&Sources::longest_wait), std::chrono::seconds(1))},
       {"sources", "rate_limited_wait", duration, "3h",
        "How long a source rests that refuses and does not say for how long",
        set_duration(field(&Sources::rate_limited_wait), std::chrono::seconds(1))},
       {"sources", "lease", duration, "30s",
        "When the sources of a backend that has died are taken over by another on the same database",
        set_duration(field(&Sources::lease), std::chrono::seconds(1))},
       {"sources", "presets", path, "", "A folder with presets of your own (*.toml)",
        set_path(field(&Sources::presets))},
       {"sources", "list_folders", texts, "",
        "Folders in which lists that are files may be; without any: all that creel can read where neither [auth] nor "
        "public_url is set, else none",
        set_folders(field(&Sources::list_folders))},
       {"sources", "imgur_client_id_file", path, "",
        "A file with the client id for sources of type imgur that have none",
        set_path(field(&Sources::imgur_client_id_file))},
       {"sources", "imgur_client_id", secret, "", "The client id itself",
        set_secret(field(&Sources::imgur_client_id))}});
}

void add_log_keys(Keys& keys) {
  using Logging = ServeConfig::Logging;
  using Stream = LogOutput::Stream;
  const auto field = [](auto member) { return ConfigField{&ServeConfig::log, member}; };
  keys.insert(
      keys.end(),
      {{"log", "level", text, "info", "Least level that is logged: trace, debug, info, warn, error, off",
        set_choice(field(&Logging::level), {{"trace", "trace"},
                                            {"debug", "debug"},
                                            {"info", "info"},
                                            {"warn", "warn"},
                                            {"error", "error"},
                                            {"off", "off"}})},
       {"log", "format", text, "text", "text, or json: an object a line",
        set_choice(field(&Logging::format), {{"text", LogFormat::text}, {"json", LogFormat::json}})},
       {"log", "output", text, "stderr", "stderr or stdout",
        set_choice(field(&Logging::output), {{"stderr", Stream::standard_error}, {"stdout", Stream::standard_output}})},
       {"log", "file", path, "", "Log into this file instead", set_path(field(&Logging::file))},
       {"log", "rotate_bytes", size, "10MiB", "The file is put aside when it has become so large",
        set_size(field(&Logging::rotate_bytes), 1024)},
       {"log", "rotate_files", integer, "5", "Files that are kept aside",
        set_integer(field(&Logging::rotate_files), 1, 1000)}});
}

constexpr std::array<ConfigSection, 7> kSections{{
    {"server", "The backend and its HTTP server."},
    {"database", "Where everything is remembered."},
    {"store", "Where images go, and how patient to be with a bucket."},
    {"ingest", "How images are fetched and stored."},
    {"auth", "Who may use the API. With nothing said here a secret is made on the first start."},
    {"sources", "How sources are polled."},
    {"log", "What is said about all of it."},
}};

}  // namespace

std::span<const ConfigSection> config_sections() {
  return kSections;
}

std::span<const ConfigKey> config_keys() {
  static const auto keys = [] {
    Keys made;
    add_server_keys(made);
    add_database_keys(made);
    add_store_keys(made);
    add_ingest_keys(made);
    add_auth_keys(made);
    add_sources_keys(made);
    add_log_keys(made);
    return made;
  }();
  return keys;
}

}  // namespace creel
