#include "cli/serve_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <toml++/toml.h>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "cli/config_key.h"
#include "net/address_policy.h"
#include "net/url.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultFile = "creel.toml";
/// What `creel deploy` and `creel emulate` read.
constexpr std::array<std::string_view, 2> kForeignSections{"deploy", "function"};

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Failure(FailureKind::bad_request, fmt::format("{}: {}", where, what));
}

std::string suggestion(std::string_view word, std::span<const std::string_view> words) {
  const auto nearest = nearest_word(word, words);
  return nearest.empty() ? fmt::format("; there are {}", fmt::join(words, ", "))
                         : fmt::format("; did you mean '{}'?", nearest);
}

/// True if the URL of a database holds one: postgresql://USER:PASSWORD@HOST/NAME, or ?password=.
bool has_password(std::string_view url) {
  const auto begin = url.find("://");
  if (begin == std::string_view::npos) return false;
  const auto rest = url.substr(begin + 3);
  // As libpq has it, but a password with a slash that is not encoded is one too.
  const auto end = rest.find_first_of("@/");
  const bool has_user = end != std::string_view::npos && rest[end] == '@';
  const auto query = rest.find('?');
  const auto at = has_user ? end : rest.substr(0, query).rfind('@');
  if (at != std::string_view::npos && rest.find(':') < at) return true;
  return query != std::string_view::npos && rest.find("password=", query) != std::string_view::npos;
}

void set_value(ServeConfig& config, const ConfigKey& key, const std::string& text, const fs::path& base,
               const std::string& where) {
  try {
    key.set(config, text, base);
  } catch (const Failure& failure) {
    refuse(where, failure.what());
  }
}

/// A file may be read by many, and a command line is seen by all on the machine.
void refuse_password(const ConfigKey& key, std::string_view text, const std::string& where) {
  if (key.full_name() != "database.url" || !has_password(text)) return;
  refuse(where,
         "a password does not belong here: put the URL into a file and name that as database.url_file, or set "
         "CREEL_DATABASE_URL");
}

std::string_view expected(ConfigType type) {
  switch (type) {
    case ConfigType::integer: return "a whole number";
    case ConfigType::size: return "a size in quotes, as \"64MiB\", or a number of bytes";
    case ConfigType::duration: return "a time in quotes, as \"30s\", or a number of seconds";
    case ConfigType::boolean: return "true or false";
    case ConfigType::texts: return "a list of texts, as [\"a\", \"b\"]";
    default: return "a text in quotes";
  }
}

/// A value of the file as text; nothing if it has the wrong type.
std::optional<std::string> text_of(const toml::node& node, ConfigType type) {
  const bool takes_number = type == ConfigType::integer || type == ConfigType::size || type == ConfigType::duration;
  if (node.is_integer() && takes_number) return std::to_string(node.as_integer()->get());
  if (node.is_boolean() && type == ConfigType::boolean) return node.as_boolean()->get() ? "true" : "false";
  if (node.is_string() && type != ConfigType::integer && type != ConfigType::boolean) return node.as_string()->get();
  if (!node.is_array() || type != ConfigType::texts) return std::nullopt;
  std::string joined;
  for (const auto& item : *node.as_array()) {
    if (!item.is_string()) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + item.as_string()->get();
  }
  return joined;
}

/// Takes the sections of a file over, value by value.
class FileReader {
 public:
  FileReader(ServeConfig& config, const fs::path& file)
      : config_(config), name_(file.string()), base_(file.parent_path()) {}

  void read(const toml::table& table) {
    for (const auto& [name, node] : table) {
      if (std::ranges::find(kForeignSections, name.str()) != kForeignSections.end()) continue;
      read_section(name, node);
    }
  }

 private:
  std::string place(const toml::source_region& source) const { return fmt::format("{}:{}", name_, source.begin.line); }

  void read_section(const toml::key& name, const toml::node& node) {
    std::vector<std::string_view> sections;
    for (const auto& section : config_sections()) sections.push_back(section.name);
    if (std::ranges::find(sections, name.str()) == sections.end()) {
      const bool is_table = node.is_table();
      refuse(place(name.source()),
             fmt::format("there is no {} '{}'{}", is_table ? "section" : "key outside of a section", name.str(),
                         suggestion(name.str(), sections)));
    }
    if (!node.is_table()) refuse(place(name.source()), fmt::format("'{0}' is a section: write [{0}]", name.str()));
    for (const auto& [key, value] : *node.as_table()) read_value(name.str(), key, value);
  }

  void read_value(std::string_view section, const toml::key& name, const toml::node& node) {
    std::vector<std::string_view> names;
    for (const auto& key : config_keys()) {
      if (key.section != section) continue;
      if (key.name == name.str()) {
        take(key, name, node);
        return;
      }
      if (key.is_in_file()) names.push_back(key.name);
    }
    refuse(place(name.source()),
           fmt::format("[{}] has no key '{}'{}", section, name.str(), suggestion(name.str(), names)));
  }

  void take(const ConfigKey& key, const toml::key& name, const toml::node& node) {
    const auto where = fmt::format("{}: [{}] {}", place(name.source()), key.section, key.name);
    if (!key.is_in_file()) {
      refuse(where, fmt::format("a secret does not belong here: put it into a file and name that as {}_file, or set {}",
                                key.name, key.variable()));
    }
    const auto text = text_of(node, key.type);
    if (!text) refuse(where, fmt::format("it must be {}", expected(key.type)));
    refuse_password(key, *text, where);
    set_value(config_, key, *text, base_, where);
  }

  ServeConfig& config_;
  const std::string name_;
  const fs::path base_;
};

std::string read_whole(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input) refuse(file.string(), "the file cannot be read");
  std::ostringstream text;
  text << input.rdbuf();
  return std::move(text).str();
}

fs::path find_file(const fs::path& file, const aws::Environment& environment) {
  if (!file.empty()) return file;
  if (const auto named = environment.find("CREEL_CONFIG")) return *named;
  std::error_code error;
  return fs::exists(kDefaultFile, error) ? fs::path(kDefaultFile) : fs::path();
}

bool is_on_this_machine(const std::string& url) {
  try {
    return !url.empty() && is_loopback_host(Url::parse(url).host());
  } catch (const Failure&) {
    return false;
  }
}

/// Values that may be right by themselves and still do not go together.
void check_together(const ServeConfig& config) {
  const auto wrong = [](const std::string& what) { throw Failure(FailureKind::bad_request, what); };
  if (!config.ingest.via.empty() && !config.store.to.starts_with("s3://") &&
      !is_on_this_machine(config.ingest.lambda_endpoint_url)) {
    wrong(
        "ingest.via sends images through a function, which stores into a bucket: store.to must be s3://bucket/prefix. "
        "Only a function on this machine (ingest.lambda_endpoint_url = \"http://127.0.0.1:9000\") can store into a "
        "folder, if its CREEL_STORE_FOLDER names that");
  }
  if (!config.database.url.empty() && !config.database.url_file.empty()) {
    wrong("database.url and database.url_file are both set: leave one of them out");
  }
  if (config.sources.shortest_interval > config.sources.longest_wait) {
    wrong("sources.shortest_interval is longer than sources.longest_wait");
  }
  if (!config.auth.jwks_url.empty() && config.auth.audience.empty()) {
    wrong(
        "auth.jwks_url is set without auth.audience: every token that the provider makes for anybody would open this "
        "backend. Set auth.audience to what stands as `aud` in tokens that are meant for it");
  }
  if (!config.has_auth() && !parse_listen(config.server.listen).is_loopback) {
    wrong(fmt::format(
        "server.listen is {}, which others can reach, and nothing says who may use the API: set auth.secret_file or "
        "auth.jwks_url, or listen on 127.0.0.1 (see docs/guide/tokens.md)",
        config.server.listen));
  }
}

}  // namespace

bool ServeConfig::has_auth() const {
  return !auth.secret_file.empty() || !auth.secret.empty() || !auth.jwks_url.empty();
}

Secret ServeConfig::database_url() const {
  if (!database.url.empty()) return database.url;
  if (!database.url_file.empty()) return Secret(std::string(trim(read_whole(database.url_file))));
  return Secret(fmt::format("sqlite:{}", (server.data / "creel.db").string()));
}

std::string ServeConfig::store_to() const {
  return store.to.empty() ? (server.data / "images").string() : store.to;
}

void apply_config_text(ServeConfig& config, std::string_view text, const fs::path& file) {
  try {
    FileReader(config, file).read(toml::parse(text, file.string()));
  } catch (const toml::parse_error& error) {
    refuse(fmt::format("{}:{}", file.string(), error.source().begin.line), std::string(error.description()));
  }
}

ServeConfig load_serve_config(const fs::path& file, const aws::Environment& environment, const ConfigFlags& flags) {
  ServeConfig config;
  const auto found = find_file(file, environment);
  if (!found.empty()) apply_config_text(config, read_whole(found), found);
  for (const auto& key : config_keys()) {
    if (const auto value = environment.find(key.variable())) set_value(config, key, *value, {}, key.variable());
  }
  for (const auto& key : config_keys()) {
    const auto value = flags.find(key.full_name());
    if (value == flags.end()) continue;
    refuse_password(key, value->second, key.flag());
    set_value(config, key, value->second, {}, key.flag());
  }
  check_together(config);
  return config;
}

std::string config_template(const ConfigFlags& flags) {
  std::string text =
      "# The configuration of `creel serve`. Every key is here, with its default. Each can be said in the environment\n"
      "# too, as CREEL_SECTION_KEY, and as a flag, --section-key: flag over environment over this file.\n"
      "# Relative paths are relative to this file. Secrets do not stand here but in files or in the environment.\n";
  ServeConfig checked;
  for (const auto& section : config_sections()) {
    text += fmt::format("\n# {}\n[{}]\n", section.help, section.name);
    for (const auto& key : config_keys()) {
      if (key.section != section.name) continue;
      if (!key.is_in_file()) {
        text += fmt::format("# {}: not here, but in the environment: {}\n", key.help, key.variable());
        continue;
      }
      const auto given = flags.find(key.full_name());
      if (given != flags.end()) {
        refuse_password(key, given->second, key.flag());
        set_value(checked, key, given->second, {}, key.flag());
      }
      text += fmt::format("# {}\n{} = {}\n", key.help, key.name,
                          config_literal(key, given == flags.end() ? key.default_value : given->second));
    }
  }
  return text;
}

ListenAddress parse_listen(std::string_view text) {
  const auto refuse_text = [text] {
    throw Failure(FailureKind::bad_request,
                  fmt::format("'{}' is no address to listen on: write it like 127.0.0.1:8080 or [::1]:8080", text));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse_text();
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  const auto port_text = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc() || end != port_text.data() + port_text.size() || port > 65'535) refuse_text();
  boost::system::error_code bad;
  const auto address = boost::asio::ip::make_address(std::string(host), bad);
  if (bad) refuse_text();
  return {
      .address = address.to_string(), .port = static_cast<std::uint16_t>(port), .is_loopback = address.is_loopback()};
}

}  // namespace creel
