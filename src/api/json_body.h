#pragma once

// Bodies of requests as JSON. It brings Boost.JSON along: for .cpp files.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/problem.h"
#include "api/router.h"
#include "base/task.h"

namespace creel {

/// The body of a request whose route declares one, parsed. A route whose body is not required gives null for none.
/// @throws Problem invalid_request (no JSON, nested too deep) | too_large | unsupported_media_type
Task<boost::json::value> read_json(ApiCall call);

/// The same for a body that must be an object; an empty one if there was none and none is required.
Task<boost::json::object> read_json_object(ApiCall call);

/// Reads the members of an object one by one and collects what is wrong with them, so that one answer names it all.
/// A member that is null counts as not there. The object must outlive it.
class FieldReader {
 public:
  /// @param pointer  where the object stands in the body: "" for the body itself, "/images/3"
  explicit FieldReader(const boost::json::object& object, std::string pointer = "");

  /// True if the member is there, even as null (for PATCH, where null unsets).
  bool has(std::string_view name);
  bool is_null(std::string_view name) const;

  /// @param max_length  in characters
  std::optional<std::string> text(std::string_view name, std::size_t max_length = 10'000);
  /// As `text`, but its absence is an error, and so is an empty one.
  std::string required_text(std::string_view name, std::size_t max_length = 10'000);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min = INT64_MIN,
                                      std::int64_t max = INT64_MAX);
  std::optional<double> number(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  /// Any value, unchecked; null if it is not there.
  const boost::json::value* value(std::string_view name);
  const boost::json::object* object(std::string_view name);
  const boost::json::array* array(std::string_view name);

  /// Notes an error of one's own; `name` as in the looks above, or "" for the object itself.
  void refuse(std::string_view name, std::string detail);

  /// Takes over what is wrong deeper down.
  void refuse_all(std::vector<ProblemError> errors);

  /// The errors so far, those of members that nobody asked for included.
  std::vector<ProblemError> errors();

  /// @throws Problem invalid_request  with all errors, if there are any
  void finish();

  /// The pointer of a member.
  std::string pointer_to(std::string_view name) const;

 private:
  void know(std::string_view name);
  const boost::json::value* look(std::string_view name);
  void wrong_type(std::string_view name, std::string_view wanted);

  const boost::json::object& object_;
  std::string pointer_;
  std::vector<std::string> known_;
  std::vector<ProblemError> errors_;
  bool checked_unknown_ = false;
};

/// A reply with that JSON text.
HttpReply json_reply(int status, std::string json);
HttpReply json_reply(int status, const boost::json::value& value);

}  // namespace creel
