#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace creel::aws {

/// The text of the first element of that name, at any depth and whatever its
/// namespace; nothing if there is none or `xml` is not well formed.
std::optional<std::string> xml_text(std::string_view xml, std::string_view element);

/// The children of an element with their texts, in order.
using XmlRecord = std::vector<std::pair<std::string, std::string>>;

/// All elements of that name directly below the outermost one; none if `xml` is
/// not well formed.
std::vector<XmlRecord> xml_records(std::string_view xml, std::string_view element);

/// The name of the outermost element without its namespace prefix; empty if
/// `xml` is not well formed.
std::string xml_root(std::string_view xml);

/// `text` with the characters that mean something in XML replaced.
std::string xml_escape(std::string_view text);

}  // namespace creel::aws
