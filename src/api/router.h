#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/query_reader.h"
#include "base/task.h"
#include "net/http_server.h"

namespace creel {

/// What a caller may do; each includes the ones before it.
enum class Scope : std::uint8_t { none, read, write };

std::string_view to_string(Scope scope);

/// Who asks. For public routes nobody, unless they want to know.
struct Caller {
  std::string subject;
  Scope scope = Scope::none;
  /// Known by the session's cookie rather than by a token in the request.
  bool by_cookie = false;
  std::optional<SystemTime> expires_at;
};

struct Route;

/// One request as its handler sees it: authorized, its path and query taken apart and checked. Threads: the API's loop;
/// valid until the handler has returned, streams aside (`http()` is not to be used in a stream).
class ApiCall {
 public:
  ApiCall(HttpCall& http, const Route& route, std::vector<std::string> path_values, QueryReader query, Caller caller);

  HttpCall& http() const { return *http_; }
  const Route& route() const { return *route_; }
  const QueryReader& query() const { return query_; }
  const Caller& caller() const { return caller_; }

  /// The value of `{name}` in the route's path, decoded.
  const std::string& path_value(std::string_view name) const;

  /// The value of `{name}` as a positive number.
  /// @throws Problem not_found  it is none
  std::int64_t path_number(std::string_view name = "id") const;

 private:
  HttpCall* http_;
  const Route* route_;
  std::vector<std::string> path_values_;
  QueryReader query_;
  Caller caller_;
};

using ApiHandler = std::function<Task<HttpReply>(ApiCall call)>;

/// The body that a route takes, for its check (type, size) and its description.
struct RouteBody {
  /// A JSON Schema as JSON text: R"({"$ref":"#/components/schemas/NewSource"})".
  std::string schema;
  /// JSON text; may be empty.
  std::string example{};
  bool is_required = true;
  std::size_t max_bytes = std::size_t{1} << 20;
};

/// One way in which a route answers well. Problems need not be declared: the description gets them by itself.
struct RouteAnswer {
  int status = 200;
  std::string help;
  /// JSON text of the schema; empty for an answer without a body.
  std::string schema{};
  std::string media_type = "application/json";
  /// JSON text; may be empty.
  std::string example{};
  /// Headers worth telling of: name and help.
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// A route: what it does, what it takes, how it answers. The router checks by it, and /openapi.json is made from it.
struct Route {
  std::string method;
  /// "/images/{id}/content". `{id}` is a positive integer; any other name stands for a text.
  std::string path;
  Scope scope = Scope::read;
  /// A public route (`Scope::none`) that looks at a token if there is a good one.
  bool knows_caller = false;
  /// The operation's name in clients that are made from the description: "list_images".
  std::string name;
  /// "images", "sources", "system", ...
  std::string tag;
  /// For people: a line, and more if there is more to say.
  std::string summary;
  std::string help{};
  std::vector<QueryParameter> query{};
  /// The query is not looked at, whatever it is: for what is the same under any.
  bool takes_any_query = false;
  std::optional<RouteBody> body{};
  std::vector<RouteAnswer> answers{};
  /// Statuses of problems that are the route's own (409, 502); the common ones are added.
  std::vector<int> problems{};
  ApiHandler handler{};
};

/// Finds the route of a request. Fixed segments go before `{names}`. A GET route answers HEAD as well.
/// Threads: filled on one, then immutable.
class Router {
 public:
  Router();
  ~Router();

  /// @throws std::logic_error  the route is there already, or declares something twice
  void add(Route route);

  /// A schema for `#/components/schemas/NAME`, JSON text.
  /// @throws std::logic_error  the name is taken, or the text is no JSON
  void add_schema(const std::string& name, std::string json);

  struct Match {
    /// Null: nothing has this path, or (if `allow` is not empty) not with this method.
    const Route* route = nullptr;
    /// Decoded, in the order of the path.
    std::vector<std::string> values;
    /// For the Allow header: "GET, HEAD, OPTIONS"; empty if nothing has this path.
    std::string allow;
  };
  /// @param path  as sent, percent-encoded, without the query
  Match match(std::string_view method, std::string_view path) const;

  /// In the order in which they were added.
  std::span<const std::unique_ptr<const Route>> routes() const { return routes_; }
  const std::map<std::string, std::string>& schemas() const { return schemas_; }

 private:
  struct Node;

  std::vector<std::unique_ptr<const Route>> routes_;
  std::map<std::string, std::string> schemas_;
  std::unique_ptr<Node> root_;
};

/// The names in braces of a path, in their order.
std::vector<std::string> path_names(std::string_view path);

}  // namespace creel
