#include "api/router.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "api/problem.h"
#include "base/text.h"

namespace creel {
namespace {

bool is_name(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// The segments of a path that starts with "/"; the root has none.
std::vector<std::string_view> segments_of(std::string_view path) {
  path.remove_prefix(1);
  if (path.empty()) return {};
  return split(path, '/');
}

void check(const Route& route) {
  const auto refuse = [&](std::string_view why) {
    throw std::logic_error(fmt::format("route {} {}: {}", route.method, route.path, why));
  };
  if (!route.path.starts_with('/')) refuse("a path starts with '/'");
  if (!route.handler) refuse("it has no handler");
  if (route.name.empty() || route.tag.empty() || route.summary.empty()) refuse("it is not described");
  if (route.answers.empty()) refuse("it says nothing of its answers");
  std::set<std::string_view> names;
  for (const auto& parameter : route.query) {
    if (!names.insert(parameter.name).second) refuse(fmt::format("two parameters '{}'", parameter.name));
  }
}

}  // namespace

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::none: return "none";
    case Scope::read: return "read";
    case Scope::write: return "write";
  }
  throw std::logic_error("a scope that is none");
}

std::vector<std::string> path_names(std::string_view path) {
  std::vector<std::string> names;
  for (const auto segment : split(path, '/')) {
    if (is_name(segment)) names.emplace_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

ApiCall::ApiCall(HttpCall& http, const Route& route, std::vector<std::string> path_values, QueryReader query,
                 Caller caller)
    : http_(&http),
      route_(&route),
      path_values_(std::move(path_values)),
      query_(std::move(query)),
      caller_(std::move(caller)) {}

const std::string& ApiCall::path_value(std::string_view name) const {
  const auto names = path_names(route_->path);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw std::logic_error(fmt::format("the path {} has no '{}'", route_->path, name));
  return path_values_.at(static_cast<std::size_t>(found - names.begin()));
}

std::int64_t ApiCall::path_number(std::string_view name) const {
  const auto& text = path_value(name);
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value <= 0) {
    throw Problem(ProblemKind::not_found, fmt::format("'{}' is not there: a number stands in this place of the path",
                                                      utf8_prefix(to_utf8(text), 100)));
  }
  return value;
}

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
  std::unique_ptr<Node> any;
  std::vector<const Route*> routes;

  const Route* find(std::string_view method) const {
    const auto found = std::ranges::find(routes, method, &Route::method);
    return found == routes.end() ? nullptr : *found;
  }

  std::string allow() const {
    std::vector<std::string_view> methods;
    for (const auto* route : routes) {
      methods.push_back(route->method);
      if (route->method == "GET") methods.emplace_back("HEAD");
    }
    methods.emplace_back("OPTIONS");
    return fmt::format("{}", fmt::join(methods, ", "));
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Route route) {
  check(route);
  auto* node = root_.get();
  for (const auto segment : segments_of(route.path)) {
    auto& next = is_name(segment) ? node->any : node->fixed[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  const auto same_name = [&](const auto& other) { return other->name == route.name; };
  if (node->find(route.method) != nullptr || std::ranges::any_of(routes_, same_name)) {
    throw std::logic_error(fmt::format("route {} {} is there twice", route.method, route.path));
  }
  routes_.push_back(std::make_unique<const Route>(std::move(route)));
  node->routes.push_back(routes_.back().get());
}

void Router::add_schema(const std::string& name, std::string json) {
  boost::system::error_code error;
  boost::json::parse(json, error);
  if (error) throw std::logic_error(fmt::format("the schema {} is no JSON: {}", name, error.message()));
  if (!schemas_.emplace(name, std::move(json)).second) {
    throw std::logic_error(fmt::format("two schemas {}", name));
  }
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  const auto* node = root_.get();
  for (const auto segment : segments_of(path)) {
    auto text = percent_decode(segment);
    const auto fixed = node->fixed.find(text);
    if (fixed != node->fixed.end()) {
      node = fixed->second.get();
    } else if (node->any && !text.empty() && is_utf8(text) && text.find('\0') == std::string::npos) {
      node = node->any.get();
      match.values.push_back(std::move(text));
    } else {
      return {};
    }
  }
  if (node->routes.empty()) return {};
  match.route = node->find(method);
  if (match.route == nullptr && method == "HEAD") match.route = node->find("GET");
  match.allow = node->allow();
  return match;
}

}  // namespace creel
