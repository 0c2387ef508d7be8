#include "api/api.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "api/api_schemas.h"
#include "api/content_api.h"
#include "api/event_routes.h"
#include "api/export_api.h"
#include "api/images_api.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/problem.h"
#include "api/router.h"
#include "api/session.h"
#include "api/sources_api.h"
#include "api/statistics_api.h"
#include "api/system_routes.h"
#include "api/tokens.h"
#include "api/web_page.h"
#include "base/failure.h"
#include "base/wakeup.h"
#include "catalog/catalog.h"

namespace creel {
namespace {

/// What a route name stands for in metrics where there is none.
constexpr std::string_view kNoRoute = "other";

/// What is left of a body that nobody wanted, before the connection is cut.
constexpr std::uint64_t kMaxDrainedBytes = std::uint64_t{4} << 20;

/// Methods go into metrics as they are; strangers may invent any number of them.
std::string_view known_method(std::string_view method) {
  static constexpr std::array<std::string_view, 7> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  const auto* found = std::ranges::find(kMethods, method);
  return found == kMethods.end() ? kNoRoute : *found;
}

void add_if_absent(HttpHeaders& headers, std::string_view name, std::string_view value) {
  if (!headers.find(name)) headers.add(std::string(name), std::string(value));
}

/// Nothing of ours is to be taken for something else, framed, kept, or read by another site.
void add_security_headers(HttpReply& reply) {
  auto& headers = reply.headers;
  headers.set("X-Content-Type-Options", "nosniff");
  add_if_absent(headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  add_if_absent(headers, "Referrer-Policy", "no-referrer");
  add_if_absent(headers, "Cross-Origin-Resource-Policy", "same-origin");
  add_if_absent(headers, "X-Frame-Options", "DENY");
  add_if_absent(headers, "Cache-Control", "no-store");
}

HttpReply refusal(int status, std::string_view why) {
  const auto kind = status == 431 ? ProblemKind::headers_too_large : ProblemKind::invalid_request;
  auto reply = to_reply(Problem(kind, std::string(why)));
  add_security_headers(reply);
  return reply;
}

Problem no_token() {
  return Problem(ProblemKind::unauthorized, "a token is needed: Authorization: Bearer TOKEN; `creel token` makes one")
      .with("WWW-Authenticate", "Bearer realm=\"creel\"");
}

Problem scope_too_small(Scope needed) {
  return Problem(ProblemKind::forbidden, fmt::format("the token lacks the scope '{}'", to_string(needed)))
      .with("WWW-Authenticate",
            fmt::format("Bearer realm=\"creel\", error=\"insufficient_scope\", scope=\"{}\"", to_string(needed)));
}

/// True for what the server must see itself: the client has gone, or the request was cancelled.
bool is_end_of_call(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Failure& known) {
    return known.kind() == FailureKind::truncated;
  } catch (const boost::system::system_error& error) {
    return error.code() == boost::asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

/// What an exception says, for the log.
std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no exception";
  }
}

}  // namespace

class Api::Impl {
 public:
  Impl(ApiParts parts, ApiOptions options);

  Task<HttpReply> handle(HttpCall& call);
  void listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return servers_.empty() ? std::uint16_t{0} : servers_.front()->port(); }
  std::size_t connections() const;
  const std::string& description() const { return description_; }
  Task<void> stop(SteadyTime deadline);

 private:
  Task<HttpReply> answer(HttpCall& call, Router::Match match);
  Task<Caller> authorize(HttpCall& call, const Route& route);
  Task<Caller> known_caller(HttpCall& call, const Route& route);
  HttpReply refuse(const std::exception_ptr& failure, std::string_view route);
  HttpServerOptions server_options();

  const ApiParts parts_;
  const ApiOptions options_;
  Router router_;
  EventRoutes events_;
  SourcesApi sources_;
  ImagesApi images_;
  ContentApi content_;
  ExportApi export_;
  StatisticsApi statistics_;
  WebPage page_;
  std::string description_;
  std::vector<std::unique_ptr<HttpServer>> servers_;
};

Api::Impl::Impl(ApiParts parts, ApiOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      events_(parts_),
      sources_(parts_, parts_.counts),
      images_(parts_),
      content_(parts_),
      export_(parts_),
      statistics_(parts_, parts_.counts),
      page_(options_.page) {
  add_schemas(router_);
  sources_.add_routes(router_);
  // Before /images/{id}, so that the description reads well; which one is meant is clear in any order.
  images_.add_routes(router_);
  content_.add_routes(router_);
  export_.add_routes(router_);
  statistics_.add_routes(router_);
  events_.add_to(router_);
  add_session_routes(router_, parts_.clock);
  page_.add_routes(router_);
  add_system_routes(router_, parts_,
                    {.version = options_.version,
                     .connections = [this] { return connections(); },
                     .description = [this]() -> const std::string& { return description_; }});
  description_ = openapi_document(router_, options_.version);
}

HttpServerOptions Api::Impl::server_options() {
  return {.max_header_bytes = options_.max_header_bytes,
          .transfer_timeout = options_.transfer_timeout,
          .body_timeout = options_.body_timeout,
          .first_byte_timeout = options_.first_byte_timeout,
          .idle_timeout = options_.idle_timeout,
          .max_connections = options_.max_connections,
          .max_drained_bytes = kMaxDrainedBytes,
          .refusal = refusal,
          .on_error = [log = parts_.log](std::string_view what) { log->error("a request failed: {}", what); }};
}

void Api::Impl::listen(const std::string& address, std::uint16_t port) {
  auto server =
      std::make_unique<HttpServer>(parts_.executor, [this](HttpCall& call) { return handle(call); }, server_options());
  server->listen(address, port);
  servers_.push_back(std::move(server));
}

std::size_t Api::Impl::connections() const {
  std::size_t sum = 0;
  for (const auto& server : servers_) sum += server->connections();
  return sum;
}

Task<void> Api::Impl::stop(SteadyTime deadline) {
  events_.stop();
  // All at once, so that none accepts connections while another waits for its last ones.
  auto left = servers_.size();
  const auto one_ended = std::make_shared<Wakeup>(parts_.executor);
  for (const auto& server : servers_) {
    boost::asio::co_spawn(parts_.executor, server->stop(deadline), [&left, one_ended](const std::exception_ptr&) {
      --left;
      one_ended->notify();
    });
  }
  while (left > 0) co_await one_ended->wait();
}

Task<HttpReply> Api::Impl::handle(HttpCall& call) {
  const auto started = parts_.clock.steady_now();
  auto match = router_.match(call.method(), call.path());
  const std::string_view route = match.route == nullptr ? kNoRoute : std::string_view(match.route->path);
  HttpReply reply;
  std::exception_ptr failure;
  try {
    reply = co_await answer(call, std::move(match));
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    if (is_end_of_call(failure)) std::rethrow_exception(failure);
    reply = refuse(failure, route);
  }
  add_security_headers(reply);
  const auto took = parts_.clock.steady_now() - started;
  parts_.metrics.on_request(known_method(call.method()), route, reply.status, took);
  if (parts_.log->should_log(spdlog::level::debug)) {
    parts_.log->debug("{} {} {} in {} us", known_method(call.method()), route, reply.status,
                      std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  }
  co_return reply;
}

Task<HttpReply> Api::Impl::answer(HttpCall& call, Router::Match match) {
  if (match.allow.empty()) throw Problem(ProblemKind::not_found, "there is nothing at this path; see /openapi.json");
  if (match.route == nullptr) {
    if (call.method() == "OPTIONS") co_return HttpReply{.status = 204, .headers = {{"Allow", match.allow}}};
    throw Problem(ProblemKind::method_not_allowed, fmt::format("this path takes {}", match.allow))
        .with("Allow", match.allow);
  }
  const auto& route = *match.route;
  auto caller = route.knows_caller ? co_await known_caller(call, route) : co_await authorize(call, route);
  QueryReader query(route.takes_any_query ? std::string_view() : call.query(), route.query);
  co_return co_await route.handler(ApiCall(call, route, std::move(match.values), std::move(query), std::move(caller)));
}

Task<Caller> Api::Impl::authorize(HttpCall& call, const Route& route) {
  if (route.scope == Scope::none && !route.knows_caller) co_return Caller();
  auto brought = token_of(call);
  if (!brought) throw no_token();
  auto caller = co_await parts_.tokens.verify(std::move(brought->token));
  if (caller.scope < route.scope) throw scope_too_small(route.scope);
  caller.by_cookie = brought->by_cookie;
  if (caller.by_cookie) check_same_origin(call);
  co_return caller;
}

/// Whoever it is; nobody without a token, or with one that is not good.
Task<Caller> Api::Impl::known_caller(HttpCall& call, const Route& route) {
  try {
    co_return co_await authorize(call, route);
  } catch (const Problem& problem) {
    if (problem.kind() != ProblemKind::unauthorized) throw;
    co_return Caller();
  }
}

HttpReply Api::Impl::refuse(const std::exception_ptr& failure, std::string_view route) {
  const auto problem = to_problem(failure);
  const auto what = text_of(failure);
  if (problem.kind() == ProblemKind::internal) {
    parts_.log->error("a request of {} failed: {}", route, what);
  } else if (problem.status() >= 500) {
    parts_.log->debug("a request of {} was refused: {}", route, what);
  }
  return to_reply(problem);
}

Api::Api(ApiParts parts, ApiOptions options) : impl_(std::make_unique<Impl>(std::move(parts), std::move(options))) {}

Api::~Api() = default;

void Api::listen(const std::string& address, std::uint16_t port) {
  impl_->listen(address, port);
}

std::uint16_t Api::port() const {
  return impl_->port();
}

HttpHandler Api::handler() {
  return [this](HttpCall& call) { return impl_->handle(call); };
}

const std::string& Api::description() const {
  return impl_->description();
}

Task<void> Api::stop(SteadyTime deadline) {
  return impl_->stop(deadline);
}

}  // namespace creel
