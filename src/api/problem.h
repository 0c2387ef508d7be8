#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server.h"

namespace creel {

/// What can be wrong with a request, or with us. Each kind has a status, a name in the document's `type`
/// ("urn:creel:problem:not-found") and a title.
enum class ProblemKind : std::uint8_t {
  invalid_request,         // 400
  unauthorized,            // 401
  forbidden,               // 403
  not_found,               // 404
  method_not_allowed,      // 405
  conflict,                // 409
  gone,                    // 410
  too_large,               // 413
  unsupported_media_type,  // 415
  range_not_satisfiable,   // 416
  too_many_requests,       // 429
  headers_too_large,       // 431
  internal,                // 500
  bad_gateway,             // 502
  unavailable,             // 503
  timeout,                 // 504
};

/// One thing that is wrong with the request.
struct ProblemError {
  /// A JSON pointer into the body ("/settings/tag"), or "/query/NAME" for a parameter of the query.
  std::string pointer;
  std::string detail;
};

/// An answer that is no result, as a problem document (RFC 9457). Thrown where it is found out, and turned into the reply
/// at the edge. The detail is for people: what was wrong and what to do; never a secret.
class Problem : public std::runtime_error {
 public:
  Problem(ProblemKind kind, const std::string& detail, std::vector<ProblemError> errors = {})
      : std::runtime_error(detail), kind_(kind), errors_(std::move(errors)) {}

  /// With headers for the reply: `throw Problem(...).with("Allow", "GET")`.
  Problem with(std::string name, std::string value) && {
    headers_.add(std::move(name), std::move(value));
    return std::move(*this);
  }

  ProblemKind kind() const { return kind_; }
  int status() const;
  const std::vector<ProblemError>& errors() const { return errors_; }
  const HttpHeaders& headers() const { return headers_; }

 private:
  ProblemKind kind_;
  std::vector<ProblemError> errors_;
  HttpHeaders headers_;
};

struct ProblemText {
  int status;
  /// The end of `type`: "not-found".
  std::string_view name;
  std::string_view title;
};

ProblemText text_of(ProblemKind kind);

/// Every kind there is.
std::vector<ProblemKind> all_problem_kinds();

/// The reply that says it: application/problem+json.
HttpReply to_reply(const Problem& problem);

/// The problem that an exception means for the client: a Problem as it is; CatalogUnavailable 503 with Retry-After;
/// ActionRefused and SourceNameTaken 409; another Failure by its kind. Anything else is ours: 500, and says nothing of
/// what happened.
Problem to_problem(const std::exception_ptr& failure);

/// 400 with those errors, if there are any.
void refuse_if_any(std::vector<ProblemError> errors);

}  // namespace creel
