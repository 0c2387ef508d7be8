#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace creel {

/// Header fields in the order in which they came; names compare without case.
class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  /// The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  std::vector<std::string_view> find_all(std::string_view name) const;

  bool empty() const { return fields_.empty(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// Checks a header that a user wants to send.
/// @throws Failure bad_request  for a name that is no token, a value with CR, LF or NUL, and for the headers that
///         are the client's own: Host, Content-Length, Transfer-Encoding and the hop-by-hop headers of RFC 9110, 7.6.1
void check_user_header(std::string_view name, std::string_view value);

}  // namespace creel
