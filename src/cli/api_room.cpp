#include "cli/api_room.h"

#include "api/api.h"
#include "api/jwks_source.h"
#include "api/tokens.h"
#include "cli/access_token.h"
#include "cli/backend_parts.h"
#include "store/object_store.h"

namespace creel {
namespace {

ApiOptions api_options(const ServeConfig::Server& server, std::span<const WebFile> page) {
  ApiOptions options;
  options.page = page;
  options.version = CREEL_VERSION;
  options.max_connections = server.max_connections;
  options.max_header_bytes = server.max_header_bytes;
  options.first_byte_timeout = server.first_byte_timeout;
  options.transfer_timeout = server.transfer_timeout;
  options.body_timeout = server.body_timeout;
  options.idle_timeout = server.idle_timeout;
  return options;
}

std::unique_ptr<JwksSource> make_keys(const ApiRoomParts& parts, HttpClient& http) {
  const auto& url = parts.config.auth.jwks_url;
  return url.empty() ? nullptr : std::make_unique<JwksSource>(http, url, parts.clock, parts.log);
}

TokenRules token_rules(const ServeConfig::Auth& auth) {
  return {.issuer = auth.issuer,
          .audience = auth.audience,
          .leeway = std::chrono::duration_cast<std::chrono::seconds>(auth.leeway)};
}

}  // namespace

struct ApiRoom::Inside {
  explicit Inside(ApiRoomParts parts)
      : content(std::move(parts.content)),
        http(parts.executor, peer_options(parts.environment), parts.resolver),
        tokens(token_rules(parts.config.auth), checking_secret(parts.config), make_keys(parts, http), parts.clock),
        api({.executor = parts.executor,
             .catalog = parts.catalog,
             .scheduler = parts.scheduler,
             .scheduler_executor = parts.scheduler_executor,
             .kinds = parts.kinds,
             .content = *content,
             .counts = parts.counts,
             .events = parts.events,
             .metrics = parts.metrics,
             .rates = parts.rates,
             .tokens = tokens,
             .clock = parts.clock,
             .log = parts.log,
             .ingest_stats = parts.ingest_stats,
             .images_queued = parts.images_queued},
            api_options(parts.config.server, parts.page)) {}

  std::shared_ptr<ObjectStore> content;
  HttpClient http;
  TokenVerifier tokens;
  Api api;
};

ApiRoom::ApiRoom(ApiRoomParts parts) : inside_(std::make_unique<Inside>(std::move(parts))) {}

ApiRoom::~ApiRoom() = default;

void ApiRoom::listen(const std::string& address, std::uint16_t port) {
  inside_->api.listen(address, port);
}

std::uint16_t ApiRoom::port() const {
  return inside_->api.port();
}

Task<void> ApiRoom::stop(std::chrono::steady_clock::time_point deadline) {
  return inside_->api.stop(deadline);
}

}  // namespace creel
