#include "api/session.h"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/json_body.h"
#include "api/problem.h"
#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::string_view kBearer = "bearer ";
constexpr std::string_view kHostPrefix = "__Host-";
constexpr std::size_t kMaxCookieToken = 3900;

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

/// The value of a cookie; nothing if it is not there.
std::optional<std::string> cookie_of(const HttpCall& call, std::string_view name) {
  for (const auto header : call.headers().find_all("Cookie")) {
    for (const auto part : split(header, ';')) {
      const auto equals = part.find('=');
      if (equals == std::string_view::npos || trim(part.substr(0, equals)) != name) continue;
      const auto value = trim(part.substr(equals + 1));
      if (!value.empty()) return std::string(value);
    }
  }
  return std::nullopt;
}

/// The port in the address by which the client calls us; empty if it names none.
std::string_view port_called(const HttpCall& call) {
  const auto host = call.header("Host");
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return {};
  const auto port = host.substr(colon + 1);
  const bool is_number = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? port : std::string_view();
}

/// The names that a session's cookie may have in this request, that of a new one first.
std::vector<std::string> cookie_names(const HttpCall& call) {
  std::vector<std::string> plain;
  if (const auto port = port_called(call); !port.empty()) plain.push_back(fmt::format("{}_{}", kSessionCookie, port));
  plain.emplace_back(kSessionCookie);
  std::vector<std::string> names;
  names.reserve(2 * plain.size());
  for (const auto& name : plain) names.push_back(fmt::format("{}{}", kHostPrefix, name));
  // A cookie with the prefix is taken by a browser over https alone.
  const auto at = came_by_https(call) ? names.end() : names.begin();
  names.insert(at, plain.begin(), plain.end());
  return names;
}

std::string cookie(const HttpCall& call, std::string_view name, std::string_view value, std::int64_t max_age) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", name, value, max_age,
                     came_by_https(call) ? "; Secure" : "");
}

std::string session_json(const Caller& caller) {
  json::object object{{"scope", nullptr}, {"subject", nullptr}, {"expires_at", nullptr}};
  if (caller.scope != Scope::none) object["scope"] = to_string(caller.scope);
  if (!caller.subject.empty()) object["subject"] = to_utf8(caller.subject);
  if (caller.expires_at) object["expires_at"] = to_rfc3339(*caller.expires_at);
  return json::serialize(object);
}

constexpr std::string_view kSessionSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["scope", "subject", "expires_at"],
  "properties": {
    "scope": {"type": ["string", "null"], "enum": ["read", "write", null], "description": "null: nothing"},
    "subject": {"type": ["string", "null"], "description": "the token's `sub`"},
    "expires_at": {"type": ["string", "null"], "format": "date-time"}
  }
})";
constexpr std::string_view kSessionExample =
    R"({"scope": "write", "subject": "anna", "expires_at": "2026-12-24T20:28:15.000Z"})";

Task<HttpReply> post_session(const Clock* clock, ApiCall call) {
  const auto brought = token_of(call.http());
  auto reply = json_reply(200, session_json(call.caller()));
  if (brought) {
    // Browsers drop a cookie of more than 4,096 bytes without a word.
    if (brought->token.size() > kMaxCookieToken) {
      throw Problem(ProblemKind::too_large,
                    fmt::format("the token is too long for a cookie: it has {} bytes, and {} fit",
                                brought->token.size(), kMaxCookieToken));
    }
    reply.headers.add("Set-Cookie", begin_session(call.http(), brought->token, call.caller().expires_at, clock->now()));
  }
  co_return reply;
}

Task<HttpReply> get_session(ApiCall call) {
  co_return json_reply(200, session_json(call.caller()));
}

Task<HttpReply> delete_session(ApiCall call) {
  if (!call.http().header("Cookie").empty()) check_same_origin(call.http());
  HttpReply reply{.status = 204};
  for (auto& ended : end_session(call.http())) reply.headers.add("Set-Cookie", std::move(ended));
  co_return reply;
}

RouteAnswer session_answer(std::string help) {
  return {.status = 200,
          .help = std::move(help),
          .schema = R"({"$ref":"#/components/schemas/Session"})",
          .example = std::string(kSessionExample)};
}

}  // namespace

std::optional<BroughtToken> token_of(const HttpCall& call) {
  const auto header = trim(call.header("Authorization"));
  if (!header.empty()) {
    if (!ascii_iequals(header.substr(0, kBearer.size()), kBearer)) {
      throw Problem(ProblemKind::unauthorized, "the Authorization header must be: Bearer TOKEN")
          .with("WWW-Authenticate", "Bearer realm=\"creel\"");
    }
    return BroughtToken{.token = std::string(trim(header.substr(kBearer.size()))), .by_cookie = false};
  }
  for (const auto& name : cookie_names(call)) {
    if (auto token = cookie_of(call, name)) return BroughtToken{.token = std::move(*token), .by_cookie = true};
  }
  return std::nullopt;
}

void check_same_origin(const HttpCall& call) {
  if (is_safe(call.method())) return;
  const auto site = call.header("Sec-Fetch-Site");
  if (site == "same-origin") return;
  if (site.empty()) {
    // Browsers leave it out where the page came over plain http from another machine.
    const auto origin = call.header("Origin");
    const auto host = call.header("Host");
    if (!host.empty() && (origin == fmt::format("http://{}", host) || origin == fmt::format("https://{}", host)))
      return;
  }
  throw Problem(ProblemKind::forbidden,
                "with the session's cookie only creel's own page may change something; use a token instead");
}

bool came_by_https(const HttpCall& call) {
  if (ascii_iequals(trim(call.header("X-Forwarded-Proto")), "https")) return true;
  return ascii_lower(call.header("Forwarded")).find("proto=https") != std::string::npos;
}

std::string begin_session(const HttpCall& call, std::string_view token, std::optional<SystemTime> expires_at,
                          SystemTime now) {
  constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3600;
  const auto left = expires_at ? std::chrono::duration_cast<std::chrono::seconds>(*expires_at - now).count() : kYear;
  return cookie(call, cookie_names(call).front(), token, std::clamp<std::int64_t>(left, 1, kYear));
}

std::vector<std::string> end_session(const HttpCall& call) {
  std::vector<std::string> ended;
  for (const auto& name : cookie_names(call)) {
    if (ended.empty() || cookie_of(call, name)) ended.push_back(cookie(call, name, "", 0));
  }
  return ended;
}

void add_session_routes(Router& router, const Clock& clock) {
  router.add_schema("Session", std::string(kSessionSchema));
  router.add({.method = "POST",
              .path = "/session",
              .scope = Scope::read,
              .name = "begin_session",
              .tag = "session",
              .summary = "Begin a session",
              .help =
                  "Puts the request's token into a cookie that scripts cannot read, so that a page in the browser can "
                  "use the API and its events.",
              .answers = {session_answer("What the session may do; the cookie is set.")},
              .problems = {413},
              .handler = [&clock](ApiCall call) { return post_session(&clock, std::move(call)); }});
  router.add({.method = "GET",
              .path = "/session",
              .scope = Scope::none,
              .knows_caller = true,
              .name = "get_session",
              .tag = "session",
              .summary = "Show who asks",
              .help = "Answers everybody, so that a page can find out whether it has to ask for a token.",
              .answers = {session_answer("What the caller may do.")},
              .handler = get_session});
  router.add({.method = "DELETE",
              .path = "/session",
              .scope = Scope::none,
              .name = "end_session",
              .tag = "session",
              .summary = "End the session",
              .answers = {{.status = 204, .help = "The cookie is removed."}},
              .problems = {403},
              .handler = delete_session});
}

}  // namespace creel
