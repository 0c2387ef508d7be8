#include "api/problem.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "catalog/source_repository.h"
#include "sources/scheduler.h"

namespace creel {
namespace json = boost::json;
namespace {

/// After how many seconds a client may ask again while the database is away.
constexpr std::string_view kUnavailableRetryAfter = "5";

ProblemKind kind_of(const Failure& failure) {
  switch (failure.kind()) {
    case FailureKind::bad_url:
    case FailureKind::bad_request: return ProblemKind::invalid_request;
    case FailureKind::not_found: return ProblemKind::not_found;
    case FailureKind::too_large: return ProblemKind::too_large;
    case FailureKind::timeout:
    case FailureKind::function_timeout: return ProblemKind::timeout;
    case FailureKind::rate_limited:
    case FailureKind::store_throttled:
    case FailureKind::function_throttled:
    case FailureKind::cancelled: return ProblemKind::unavailable;
    case FailureKind::internal: return ProblemKind::internal;
    default: return ProblemKind::bad_gateway;
  }
}

Problem of_failure(const Failure& failure) {
  const auto kind = kind_of(failure);
  // What went wrong inside is for the log.
  if (kind == ProblemKind::internal) return {kind, "something went wrong in the server; its log says what"};
  Problem problem(kind, failure.what());
  if (!failure.retry_after()) return problem;
  return std::move(problem).with("Retry-After", std::to_string(failure.retry_after()->count()));
}

}  // namespace

ProblemText text_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::invalid_request: return {400, "invalid-request", "The request is not valid"};
    case ProblemKind::unauthorized: return {401, "unauthorized", "A valid token is needed"};
    case ProblemKind::forbidden: return {403, "forbidden", "This is not allowed"};
    case ProblemKind::not_found: return {404, "not-found", "There is no such thing"};
    case ProblemKind::method_not_allowed: return {405, "method-not-allowed", "This cannot be done here"};
    case ProblemKind::conflict: return {409, "conflict", "This cannot be done now"};
    case ProblemKind::gone: return {410, "gone", "This is no longer there"};
    case ProblemKind::too_large: return {413, "too-large", "The request's body is too large"};
    case ProblemKind::unsupported_media_type: return {415, "unsupported-media-type", "This type of body is not taken"};
    case ProblemKind::range_not_satisfiable: return {416, "range-not-satisfiable", "There are no such bytes"};
    case ProblemKind::too_many_requests: return {429, "too-many-requests", "Too much is asked for"};
    case ProblemKind::headers_too_large: return {431, "headers-too-large", "The request's headers are too long"};
    case ProblemKind::internal: return {500, "internal", "Something went wrong in the server"};
    case ProblemKind::bad_gateway: return {502, "bad-gateway", "Another server failed"};
    case ProblemKind::unavailable: return {503, "unavailable", "This does not work for now"};
    case ProblemKind::timeout: return {504, "timeout", "Another server took too long"};
  }
  throw std::logic_error("a kind of problem that is none");
}

std::vector<ProblemKind> all_problem_kinds() {
  std::vector<ProblemKind> kinds;
  for (auto kind = 0; kind <= static_cast<int>(ProblemKind::timeout); ++kind) {
    kinds.push_back(static_cast<ProblemKind>(kind));
  }
  return kinds;
}

int Problem::status() const {
  return text_of(kind_).status;
}

HttpReply to_reply(const Problem& problem) {
  const auto text = text_of(problem.kind());
  json::object document{{"type", fmt::format("urn:creel:problem:{}", text.name)},
                        {"title", text.title},
                        {"status", text.status},
                        {"detail", to_utf8(problem.what())}};
  if (!problem.errors().empty()) {
    json::array errors;
    for (const auto& error : problem.errors()) {
      errors.push_back(json::object{{"pointer", to_utf8(error.pointer)}, {"detail", to_utf8(error.detail)}});
    }
    document["errors"] = std::move(errors);
  }
  HttpReply reply{.status = text.status, .headers = {{"Content-Type", "application/problem+json"}}};
  for (const auto& [name, value] : problem.headers()) reply.headers.add(name, value);
  reply.body = json::serialize(document);
  return reply;
}

Problem to_problem(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Problem& problem) {
    return problem;
  } catch (const CatalogUnavailable&) {
    return Problem(ProblemKind::unavailable, "the database cannot be reached for now; try again in a moment")
        .with("Retry-After", std::string(kUnavailableRetryAfter));
  } catch (const ActionRefused& refused) {
    return {ProblemKind::conflict, refused.what()};
  } catch (const SourceNameTaken& taken) {
    return {ProblemKind::conflict, taken.what(), {{"/name", taken.what()}}};
  } catch (const Failure& other) {
    return of_failure(other);
  } catch (...) {
    return {ProblemKind::internal, "something went wrong in the server; its log says what"};
  }
}

void refuse_if_any(std::vector<ProblemError> errors) {
  if (errors.empty()) return;
  auto detail = errors.size() == 1 ? fmt::format("{}: {}", errors.front().pointer, errors.front().detail)
                                   : fmt::format("{} things are wrong with the request: see 'errors'", errors.size());
  if (errors.front().pointer.empty() && errors.size() == 1) detail = errors.front().detail;
  throw Problem(ProblemKind::invalid_request, detail, std::move(errors));
}

}  // namespace creel
