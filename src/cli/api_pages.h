#pragma once

#include <cstdint>
#include <string>

#include <boost/json/fwd.hpp>

namespace creel {

class ApiClient;

/// The items of all pages of a list of the API, at most `max`.
/// @param path  may have a query
boost::json::array all_pages(ApiClient& client, const std::string& path, std::size_t max = SIZE_MAX);

/// The number of a source that is called by its number or its name.
/// @throws Failure not_found
std::int64_t find_source(ApiClient& client, const std::string& source);

/// "?a=b&c=d" from names and values; those without a value are left out.
class QueryText {
 public:
  QueryText& add(std::string_view name, std::string_view value);
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

}  // namespace creel
