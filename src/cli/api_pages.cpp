#include "cli/api_pages.h"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "cli/api_client.h"

namespace creel {
namespace {

namespace json = boost::json;

constexpr std::size_t kPage = 200;

/// The list's path with one more parameter.
std::string with(const std::string& path, std::string_view name, std::string_view value) {
  const char separator = path.find('?') == std::string::npos ? '?' : '&';
  return fmt::format("{}{}{}={}", path, separator, name, percent_encode(value));
}

}  // namespace

json::array all_pages(ApiClient& client, const std::string& path, std::size_t max) {
  json::array items;
  std::string cursor;
  while (items.size() < max) {
    auto page_path = with(path, "limit", std::to_string(std::min(kPage, max - items.size())));
    if (!cursor.empty()) page_path = with(page_path, "cursor", cursor);
    auto page = client.get(page_path);
    for (auto& item : page.at("items").as_array()) items.push_back(std::move(item));
    const auto& next = page.at("next_cursor");
    if (!next.is_string()) break;
    cursor = std::string(next.get_string());
  }
  return items;
}

std::int64_t find_source(ApiClient& client, const std::string& source) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(source.data(), source.data() + source.size(), id);
  if (error == std::errc() && end == source.data() + source.size()) return id;
  for (const auto& item : all_pages(client, "/sources")) {
    if (item.at("name").as_string() == source) return item.at("id").as_int64();
  }
  throw Failure(FailureKind::not_found,
                fmt::format("there is no source '{}': `creel source list` shows them all", source));
}

QueryText& QueryText::add(std::string_view name, std::string_view value) {
  if (!value.empty()) text_ += fmt::format("{}{}={}", text_.empty() ? '?' : '&', name, percent_encode(value));
  return *this;
}

}  // namespace creel
