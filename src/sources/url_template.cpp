#include "sources/url_template.h"

#include <fmt/format.h>

#include "base/failure.h"

namespace creel {
namespace {

/// Calls `plain` and `name` for the pieces of the text, in their order.
void for_each_piece(std::string_view text, const std::function<void(std::string_view)>& plain,
                    const std::function<void(std::string_view)>& name) {
  while (!text.empty()) {
    const auto open = text.find('{');
    plain(text.substr(0, open));
    if (open == std::string_view::npos) return;
    const auto close = text.find('}', open);
    if (close == std::string_view::npos || close == open + 1) {
      throw Failure(FailureKind::bad_request, fmt::format("'{}' has a brace without a name or without its end", text));
    }
    name(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

}  // namespace

std::vector<std::string> template_names(std::string_view text) {
  std::vector<std::string> names;
  for_each_piece(text, [](std::string_view) {}, [&](std::string_view name) { names.emplace_back(name); });
  return names;
}

std::optional<std::string> expand_template(std::string_view text,
                                           const std::function<std::optional<std::string>(std::string_view)>& value) {
  std::string result;
  bool is_complete = true;
  for_each_piece(
      text, [&](std::string_view plain) { result += plain; },
      [&](std::string_view name) {
        const auto one = value(name);
        is_complete = is_complete && one;
        if (one) result += *one;
      });
  if (!is_complete) return std::nullopt;
  return result;
}

}  // namespace creel
