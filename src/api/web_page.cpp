#include "api/web_page.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "api/byte_range.h"
#include "api/content_coding.h"
#include "api/problem.h"
#include "base/base64.h"
#include "base/failure.h"

namespace creel {
namespace {

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kAssets = "assets/";
/// Stands in index.html where the nonce is to be.
constexpr std::string_view kNoncePlace = "__CREEL_NONCE__";
constexpr std::size_t kNonceBytes = 16;

constexpr std::string_view kWelcome =
    "This is creel, built without its page. Its API is described at /openapi.json; /healthz says whether it is well.\n"
    "Requests need a token, which `creel token` makes: Authorization: Bearer TOKEN\n";

/// The page runs its own scripts and nobody else's, and speaks to this server alone. Its pictures may come from anywhere:
/// those of a bucket are answered with a redirect to it, and what a source would give is shown from where it is. Styles
/// that the page makes while it runs carry the nonce.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' https: http: data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

/// The name of an asset changes with its bytes, so that it is never asked for again. Other files keep their names.
constexpr std::string_view kKeepForever = "public, max-age=31536000, immutable";
constexpr std::string_view kAskEachTime = "no-cache";

std::string fresh_nonce() {
  std::array<std::uint8_t, kNonceBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw Failure(FailureKind::internal, "the system gives no random bytes");
  }
  return base64_encode(bytes);
}

std::string with_nonce(std::string_view page, std::string_view nonce) {
  std::string text;
  for (auto place = page.find(kNoncePlace); place != std::string_view::npos; place = page.find(kNoncePlace)) {
    text += page.substr(0, place);
    text += nonce;
    page.remove_prefix(place + kNoncePlace.size());
  }
  text += page;
  return text;
}

bool takes_gzip(const HttpCall& call) {
  return prefers_gzip(fmt::format("{}", fmt::join(call.headers().find_all("Accept-Encoding"), ",")));
}

HttpReply file_reply(const HttpCall& call, const WebFile& file, std::string_view caching) {
  const bool is_compressed = takes_gzip(call);
  // The bytes differ, so their tags have to.
  const auto etag = fmt::format("\"{}{}\"", file.etag, is_compressed ? "-gzip" : "");
  HttpReply reply{.headers = {{"Cache-Control", std::string(caching)}, {"ETag", etag}, {"Vary", "Accept-Encoding"}}};
  const auto known = call.header("If-None-Match");
  if (!known.empty() && matches_etag(known, etag)) {
    reply.status = 304;
    return reply;
  }
  reply.headers.add("Content-Type", std::string(file.media_type));
  if (is_compressed) reply.headers.add("Content-Encoding", "gzip");
  reply.body = is_compressed ? std::string(file.gzip) : gunzip(file.gzip);
  return reply;
}

Task<HttpReply> get_file(WebFile file, ApiCall call) {
  co_return file_reply(call.http(), file, kAskEachTime);
}

/// "favicon.svg" as "get_favicon_svg".
std::string operation_name(std::string_view path) {
  std::string name = "get_";
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += is_plain ? c : '_';
  }
  return name;
}

/// "text/html" of "text/html; charset=utf-8".
std::string without_parameters(std::string_view media_type) {
  return std::string(media_type.substr(0, media_type.find(';')));
}

std::vector<RouteAnswer> file_answers(std::string_view media_type) {
  return {{.help = "the file, compressed if that is accepted",
           .schema = R"({"type":"string"})",
           .media_type = std::string(media_type),
           .headers = {{"ETag", "what tells these bytes from others"}}},
          {.status = 304, .help = "the client has it"}};
}

}  // namespace

WebPage::WebPage(std::span<const WebFile> files) {
  for (const auto& file : files) {
    if (file.path == kIndex) {
      index_ = gunzip(file.gzip);
    } else if (file.path.starts_with(kAssets)) {
      assets_.emplace(file.path.substr(kAssets.size()), file);
    } else {
      files_.push_back(file);
    }
  }
  if (!files.empty() && index_.empty()) throw std::logic_error("the page has no index.html");
}

void WebPage::add_routes(Router& router) {
  const bool is_there = !index_.empty();
  router.add({.method = "GET",
              .path = "/",
              .scope = Scope::none,
              .name = "get_page",
              .tag = "page",
              .summary = "The page for people",
              .help = "Its query is its own: it says what the page shows.",
              .takes_any_query = true,
              .answers = {{.help = is_there ? "The page." : "A line of text: this creel was built without its page.",
                           .schema = R"({"type":"string"})",
                           .media_type = is_there ? "text/html" : "text/plain"}},
              .handler = [this](ApiCall call) { return page(std::move(call)); }});
  if (!assets_.empty()) {
    router.add({.method = "GET",
                .path = "/assets/{name}",
                .scope = Scope::none,
                .name = "get_asset",
                .tag = "page",
                .summary = "A script or style of the page",
                .help = "Its name changes with its bytes.",
                .takes_any_query = true,
                .answers = file_answers("*/*"),
                .handler = [this](ApiCall call) { return asset(std::move(call)); }});
  }
  for (const auto& file : files_) {
    router.add({.method = "GET",
                .path = fmt::format("/{}", file.path),
                .scope = Scope::none,
                .name = operation_name(file.path),
                .tag = "page",
                .summary = fmt::format("The page's {}", file.path),
                .takes_any_query = true,
                .answers = file_answers(without_parameters(file.media_type)),
                .handler = [file](ApiCall call) { return get_file(file, std::move(call)); }});
  }
}

Task<HttpReply> WebPage::page(ApiCall call) {
  HttpReply reply;
  if (index_.empty()) {
    reply.headers.add("Content-Type", "text/plain; charset=utf-8");
    reply.body = kWelcome;
    co_return reply;
  }
  const auto nonce = fresh_nonce();
  reply.headers = {{"Content-Type", "text/html; charset=utf-8"},
                   {"Cache-Control", std::string(kAskEachTime)},
                   {"Content-Security-Policy", fmt::format(kPolicy, nonce)},
                   {"Vary", "Accept-Encoding"}};
  reply.body = with_nonce(index_, nonce);
  if (takes_gzip(call.http())) {
    reply.headers.add("Content-Encoding", "gzip");
    reply.body = gzip(reply.body);
  }
  co_return reply;
}

Task<HttpReply> WebPage::asset(ApiCall call) {
  const auto& name = call.path_value("name");
  const auto found = assets_.find(name);
  if (found == assets_.end()) {
    // A page that was loaded before an upgrade asks for what is no longer there.
    throw Problem(ProblemKind::not_found, "the page has no such file; load the page anew");
  }
  co_return file_reply(call.http(), found->second, kKeepForever);
}

}  // namespace creel
