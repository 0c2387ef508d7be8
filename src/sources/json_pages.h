#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "net/url.h"
#include "sources/json_record.h"

namespace creel {

/// How the pages of an API are asked for. Names that are empty play no part.
struct JsonPaging {
  /// A parameter that counts the pages, or the records before the page.
  std::string page_param{};
  std::int64_t first_page = 1;
  /// What is added from page to page.
  std::int64_t page_step = 1;
  /// A parameter that takes the `next_cursor` of the page before.
  std::string cursor_param{};
  /// A parameter that says how many records a page is to have.
  std::string page_size_param{};
  std::int64_t page_size = 0;
};

/// The URL with its query parameter `name` set to `value`: put in place of the one that is there, else added at the end.
/// @throws Failure bad_url  the URL becomes too long
Url with_query_parameter(const Url& url, std::string_view name, std::string_view value);

/// Goes from page to page. Threads: one.
class JsonPages {
 public:
  /// @param start  the source's URL, without the parameters of `paging`
  JsonPages(Url start, JsonPaging paging);

  /// The page to be read.
  const Url& url() const { return url_; }
  /// From 1.
  std::size_t number() const { return number_; }

  enum class Step : std::uint8_t {
    /// There is another page, at `url()`.
    next,
    /// That was the last one.
    end,
    /// The next page would be one that was read already.
    loop,
  };

  /// Goes on to the page behind this one. What the page itself says of the next one goes before a parameter that counts: that
  /// one is counted on until a page has no records.
  /// @param next  nothing if the page does not say
  /// @param page_url  where this page was found, behind redirects
  /// @param results  how many results the page had
  /// @throws Failure bad_request  a next_url that is no http(s) URL, or a next_cursor without a parameter for it
  Step go_on(const std::optional<JsonNext>& next, const std::string& page_url, std::size_t results);

 private:
  std::optional<Url> next_page(const std::optional<JsonNext>& next, const std::string& page_url,
                               std::size_t results) const;
  Url named_page(const JsonNext& next, const std::string& page_url) const;

  JsonPaging paging_;
  Url start_;
  Url url_;
  std::size_t number_ = 1;
  std::set<std::string> seen_;
};

}  // namespace creel
