#include "sources/json_pages.h"

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

Url with_page_size(const Url& url, const JsonPaging& paging) {
  if (paging.page_size_param.empty() || paging.page_size <= 0) return url;
  return with_query_parameter(url, paging.page_size_param, std::to_string(paging.page_size));
}

Url first_page(const Url& url, const JsonPaging& paging) {
  if (paging.page_param.empty()) return url;
  return with_query_parameter(url, paging.page_param, std::to_string(paging.first_page));
}

}  // namespace

Url with_query_parameter(const Url& url, std::string_view name, std::string_view value) {
  const auto parameter = percent_encode(name) + "=" + percent_encode(value);
  std::string query;
  bool is_placed = false;
  const auto add = [&query](std::string_view part) {
    if (!query.empty()) query += '&';
    query += part;
  };
  if (!url.encoded_query().empty()) {
    for (const auto part : split(url.encoded_query(), '&')) {
      if (percent_decode(part.substr(0, part.find('='))) != name) {
        add(part);
      } else if (!std::exchange(is_placed, true)) {
        add(parameter);
      }
    }
  }
  if (!is_placed) add(parameter);
  return Url::parse(url.origin() + url.encoded_path() + "?" + query);
}

JsonPages::JsonPages(Url start, JsonPaging paging)
    : paging_(std::move(paging)), start_(with_page_size(start, paging_)), url_(first_page(start_, paging_)) {
  seen_.insert(url_.str());
}

Url JsonPages::named_page(const JsonNext& next, const std::string& page_url) const {
  if (next.cursor) {
    if (paging_.cursor_param.empty()) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("page {}: there is a next_cursor, but no cursor_param says where it goes", number_));
    }
    return with_query_parameter(start_, paging_.cursor_param, *next.cursor);
  }
  if (!next.query.empty()) {
    auto url = start_;
    for (const auto& [name, value] : next.query) url = with_query_parameter(url, name, value);
    return url;
  }
  try {
    return Url::parse(page_url).resolve(*next.url);
  } catch (const Failure& failure) {
    throw Failure(FailureKind::bad_request, fmt::format("page {}: next_url: {}", number_, failure.what()));
  }
}

std::optional<Url> JsonPages::next_page(const std::optional<JsonNext>& next, const std::string& page_url,
                                        std::size_t results) const {
  if (next && !next->is_last()) return named_page(*next, page_url);
  if (next || paging_.page_param.empty() || results == 0) return std::nullopt;
  const auto page = paging_.first_page + static_cast<std::int64_t>(number_) * paging_.page_step;
  return with_query_parameter(start_, paging_.page_param, std::to_string(page));
}

JsonPages::Step JsonPages::go_on(const std::optional<JsonNext>& next, const std::string& page_url,
                                 std::size_t results) {
  auto page = next_page(next, page_url, results);
  if (!page) return Step::end;
  if (!seen_.insert(page->str()).second) return Step::loop;
  url_ = std::move(*page);
  ++number_;
  return Step::next;
}

}  // namespace creel
