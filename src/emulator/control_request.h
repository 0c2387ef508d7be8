#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "emulator/function_reference.h"
#include "net/http_server.h"

namespace creel::emulator {

/// A request of the control plane, read as far as all of its operations do it alike.
struct ControlRequest {
  /// What stands in the path for "{...}", decoded, in their order.
  std::vector<std::string> path_parameters;
  /// Everything that the query says, decoded.
  std::vector<std::pair<std::string, std::string>> query;
  /// Empty if the request has no body.
  boost::json::object body;

  /// The first of that name; empty if it is not there.
  std::string parameter(std::string_view name) const;

  /// What the path's first parameter names. A qualifier may stand there or in the query.
  /// @throws ServiceError 400 ValidationException | InvalidParameterValueException when both name one, and not the same
  FunctionReference function() const;

  /// A text of the body; nothing if it is missing or null.
  /// @throws ServiceError 400 SerializationException when it is something else
  std::optional<std::string> text(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
  /// False if it is missing.
  bool flag(std::string_view name) const;
  /// nullptr if it is missing or null; lives as long as the request.
  const boost::json::object* object(std::string_view name) const;
  const boost::json::array* array(std::string_view name) const;
};

/// The same of an object inside of a body.
std::optional<std::string> text_of(const boost::json::object& object, std::string_view name);
std::optional<std::int64_t> number_of(const boost::json::object& object, std::string_view name);

/// Name and value of every text in an object; other values are refused.
/// @throws ServiceError 400 SerializationException
std::vector<std::pair<std::string, std::string>> texts_of(const boost::json::object& object);

/// The parameters of a query string, decoded.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

/// @throws ServiceError 400 InvalidRequestContentException
boost::json::object parse_body(std::string_view text);

}  // namespace creel::emulator
