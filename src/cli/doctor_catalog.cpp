#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "catalog/source_repository.h"
#include "cli/access_token.h"
#include "cli/api_client.h"
#include "cli/api_pages.h"
#include "cli/api_text.h"
#include "cli/backend_parts.h"
#include "cli/data_folder.h"
#include "cli/doctor_checks.h"
#include "sources/source_kinds.h"
#include "sources/source_state.h"

namespace creel {
namespace {

namespace json = boost::json;
using Verdict = Finding::Verdict;
using namespace std::chrono_literals;

constexpr std::size_t kPage = 500;
constexpr auto kTokenLife = 5min;

/// A source, as far as its health goes.
struct SourceHealth {
  std::string name;
  std::string type;
  std::string state;
  std::string reason;
  std::string blocked_until;
  /// What is wrong with its settings.
  std::vector<SettingError> errors;
  std::optional<FailureFacts> last_failure;
};

Finding judge(const SourceHealth& source) {
  Finding finding{.check = fmt::format("source {}", source.name),
                  .found = fmt::format("{}, {}", source.type, source.state)};
  if (!source.errors.empty()) {
    finding.verdict = Verdict::wrong;
    for (const auto& error : source.errors) finding.found += fmt::format("; {}: {}", error.pointer, error.message);
    finding.advice = fmt::format("Set it right: creel source edit {} --set NAME=VALUE", source.name);
    return finding;
  }
  if (!source.blocked_until.empty()) finding.found += " until " + source.blocked_until;
  if (!source.reason.empty()) finding.found += "; " + source.reason;
  if (!source.last_failure) return finding;
  const auto kind = source.last_failure->kind;
  finding.found += fmt::format("; last poll: {}: {}", to_string(kind), source.last_failure->message);
  // A source that its credentials stopped does nothing more by itself; all else is tried again.
  const bool needs_somebody =
      kind == FailureKind::bad_auth || kind == FailureKind::forbidden || kind == FailureKind::not_found;
  finding.verdict = needs_somebody ? Verdict::wrong : Verdict::note;
  finding.advice = advice_for_poll(kind, source.name);
  return finding;
}

SourceHealth health_of(const SourceRecord& record, const SourceKinds& kinds, SourceRepository& sources) {
  SourceHealth health{.name = record.definition.name,
                      .type = record.definition.type,
                      .state = std::string(to_string(record.status.state)),
                      .reason = record.status.reason,
                      .blocked_until = {},
                      .errors = {},
                      .last_failure = {}};
  SourceConfig config{.name = record.definition.name,
                      .type = record.definition.type,
                      .url = record.definition.url,
                      .settings = record.definition.settings,
                      .secrets = record.definition.secrets};
  if (kinds.find(config.type) == nullptr) {
    health.errors.push_back({.pointer = "type", .message = "this program knows no such type"});
  } else {
    health.errors = kinds.check(config);
  }
  const auto polls = sources.polls(record.id, 1);
  if (!polls.empty()) health.last_failure = polls.front().failure;
  return health;
}

Findings look_at_sources(Catalog& catalog, const SourceKinds& kinds) {
  SourceRepository sources(catalog);
  Findings findings;
  SourceId after{0};
  for (;;) {
    const auto page = sources.list(after, kPage);
    if (page.empty()) break;
    for (const auto& record : page) findings.push_back(judge(health_of(record, kinds, sources)));
    after = page.back().id;
  }
  return findings;
}

/// A write that changes nothing which matters: the end of a rest of a host that nobody asks.
void write_something(Catalog& catalog, SystemTime now) {
  ImageRepository images(catalog);
  images.block_host("creel-doctor.invalid", now - 1s);
}

Findings look_directly(const DoctorParts& parts) {
  Findings findings;
  const auto catalog = open_catalog(parts.config);
  findings.push_back({.check = "database", .found = fmt::format("{}: connected, schema up to date", catalog->name())});
  write_something(*catalog, parts.clock.now());
  findings.push_back({.check = "database: write", .found = "it takes what is written"});
  const SourceKinds kinds(source_kinds_options(parts.config));
  auto sources = look_at_sources(*catalog, kinds);
  std::ranges::move(sources, std::back_inserter(findings));
  return findings;
}

SourceHealth health_of(const json::object& source, ApiClient& client) {
  SourceHealth health{.name = member_text(source, "name"),
                      .type = member_text(source, "type"),
                      .state = member_text(source, "state"),
                      .reason = member_text(source, "reason"),
                      .blocked_until = time_text(source, "blocked_until"),
                      .errors = {},
                      .last_failure = {}};
  const auto polls = client.get(fmt::format("/sources/{}/polls?limit=1", member_text(source, "id")));
  const auto& items = polls.at("items").as_array();
  if (items.empty()) return health;
  const auto* failure = items.front().as_object().if_contains("failure");
  if (failure == nullptr || !failure->is_object()) return health;
  const auto kind = failure_kind(member_text(failure->get_object(), "kind"));
  health.last_failure = FailureFacts{.kind = kind.value_or(FailureKind::internal),
                                     .message = member_text(failure->get_object(), "message")};
  return health;
}

ApiClient client_of(const DoctorParts& parts, const RunningBackend& running) {
  const auto token = make_access_token(parts.config, Scope::read, kTokenLife, parts.clock.now());
  return {{.base = Url::parse(running.url), .token = token}, parts.environment, parts.clock};
}

Findings ask_backend(const DoctorParts& parts, const RunningBackend& running) {
  Findings findings;
  auto client = client_of(parts, running);
  client.get("/healthz");
  findings.push_back({.check = "database", .found = "the backend that runs says that all is well with it"});
  for (const auto& source : all_pages(client, "/sources"))
    findings.push_back(judge(health_of(source.as_object(), client)));
  return findings;
}

/// Whether the backend that runs gets rid of its images. Nothing where none runs.
Findings look_at_images(const DoctorParts& parts) {
  const auto running = find_running(parts.config.server.data);
  if (!running) return {};
  try {
    // Its health is for everybody, also where tokens come from elsewhere.
    ApiClient client({.base = Url::parse(running->url), .token = Secret()}, parts.environment, parts.clock);
    if (member_text(client.get("/healthz").as_object(), "images") != "waiting") return {};
  } catch (const Failure& failure) {
    return {wrong("backend", failure, "It runs, but does not say that it is well: look into its log")};
  }
  return {{.check = "images",
           .verdict = Verdict::wrong,
           .found = "they wait: the backend that runs cannot reach its store, function or database",
           .advice = "Its log says which, and why"}};
}

/// Where the catalog can be looked at.
struct CatalogPlace {
  /// It is a file that is yet to be made.
  std::optional<std::filesystem::path> missing_file;
  /// Set if a backend has it for itself.
  std::optional<RunningBackend> running;
};

CatalogPlace find_catalog(const ServeConfig& config) {
  constexpr std::string_view kFile = "sqlite:";
  const auto url = config.database_url().reveal();
  if (!url.starts_with(kFile)) return {};
  const std::filesystem::path file(url.substr(kFile.size()));
  std::error_code error;
  if (!std::filesystem::exists(file, error) && std::filesystem::is_directory(nearest_existing(file), error)) {
    return {.missing_file = file, .running = {}};
  }
  return {.missing_file = {}, .running = find_running(config.server.data)};
}

/// Where a source of this type asks: its URL, or what its settings of type url say.
/// @param settings  JSON texts by name
void add_servers(std::vector<std::string>& servers, const SourceKind* kind, const std::string& url,
                 const std::map<std::string, std::string>& settings) {
  if (!url.empty()) servers.push_back(url);
  if (kind == nullptr) return;
  for (const auto& spec : kind->settings()) {
    if (spec.type != SettingType::url) continue;
    const auto given = settings.find(spec.name);
    boost::system::error_code error;
    const auto value = json::parse(given == settings.end() ? spec.default_value : given->second, error);
    if (!error && value.is_string()) servers.emplace_back(value.get_string());
  }
}

/// Whether a source in this state may ask its server.
bool may_ask(std::string_view state) {
  return state == to_string(SourceState::idle) || state == to_string(SourceState::fetching);
}

std::vector<std::string> servers_in_catalog(const DoctorParts& parts, const SourceKinds& kinds) {
  const auto catalog = open_catalog(parts.config);
  SourceRepository sources(*catalog);
  std::vector<std::string> servers;
  for (const auto& record : sources.list(SourceId{0}, kPage)) {
    if (!may_ask(to_string(record.status.state))) continue;
    const auto& source = record.definition;
    add_servers(servers, kinds.find(source.type), source.url, source.settings);
  }
  return servers;
}

std::vector<std::string> servers_by_backend(const DoctorParts& parts, const RunningBackend& running,
                                            const SourceKinds& kinds) {
  auto client = client_of(parts, running);
  std::vector<std::string> servers;
  for (const auto& item : all_pages(client, "/sources")) {
    const auto& source = item.as_object();
    if (!may_ask(member_text(source, "state"))) continue;
    std::map<std::string, std::string> settings;
    for (const auto& [name, value] : source.at("settings").as_object()) settings[name] = json::serialize(value);
    add_servers(servers, kinds.find(member_text(source, "type")), member_text(source, "url"), settings);
  }
  return servers;
}

std::string database_advice(const ServeConfig& config) {
  return config.database_url().reveal().starts_with("sqlite:")
             ? "Look at who owns the file, and at the disk; docs/guide/backup.md tells how a damaged one is replaced"
             : "Look at database.url, and whether the server runs and lets this user in: docs/guide/postgresql.md";
}

}  // namespace

Findings check_catalog(const DoctorParts& parts) {
  try {
    const auto catalog = find_catalog(parts.config);
    if (catalog.missing_file) {
      return {{.check = "database",
               .found = fmt::format("{} is not there: it is made on the first start", catalog.missing_file->string())}};
    }
    auto findings = catalog.running ? ask_backend(parts, *catalog.running) : look_directly(parts);
    std::ranges::move(look_at_images(parts), std::back_inserter(findings));
    return findings;
  } catch (const Failure& failure) {
    return {wrong("database", failure, database_advice(parts.config))};
  }
}

std::vector<std::string> source_servers(const DoctorParts& parts) {
  const auto catalog = find_catalog(parts.config);
  if (catalog.missing_file) return {};
  const SourceKinds kinds(source_kinds_options(parts.config));
  return catalog.running ? servers_by_backend(parts, *catalog.running, kinds) : servers_in_catalog(parts, kinds);
}

}  // namespace creel
