#include "aws/xml.h"

#include <pugixml.hpp>

namespace creel::aws {
namespace {

std::string_view local_name(std::string_view name) {
  return name.substr(name.find(':') + 1);
}

pugi::xml_document parse(std::string_view xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) document.reset();
  return document;
}

}  // namespace

std::optional<std::string> xml_text(std::string_view xml, std::string_view element) {
  const auto document = parse(xml);
  const auto node =
      document.find_node([element](const pugi::xml_node& each) { return local_name(each.name()) == element; });
  if (!node) return std::nullopt;
  return node.text().as_string();
}

std::string xml_root(std::string_view xml) {
  return std::string(local_name(parse(xml).document_element().name()));
}

std::string xml_escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += c;
    }
  }
  return result;
}

}  // namespace creel::aws
