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

std::vector<XmlRecord> xml_records(std::string_view xml, std::string_view element) {
  const auto document = parse(xml);
  std::vector<XmlRecord> records;
  for (const auto& node : document.document_element().children()) {
    if (local_name(node.name()) != element) continue;
    auto& record = records.emplace_back();
    for (const auto& child : node.children()) record.emplace_back(local_name(child.name()), child.text().as_string());
  }
  return records;
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
      // Readers take a bare one for a line end.
      case '\r': result += "&#13;"; break;
      default: result += c;
    }
  }
  return result;
}

}  // namespace creel::aws
