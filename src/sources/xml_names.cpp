#include "sources/xml_names.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace creel {
namespace {

struct Namespace {
  /// Without scheme and final slash.
  std::string_view uri;
  Vocabulary vocabulary;
};

constexpr std::array<Namespace, 23> kNamespaces = {{
    {"www.w3.org/2005/atom", Vocabulary::atom},
    {"purl.org/atom/ns#", Vocabulary::atom},
    {"search.yahoo.com/mrss", Vocabulary::media},
    {"video.search.yahoo.com/mrss", Vocabulary::media},
    {"tools.search.yahoo.com/mrss", Vocabulary::media},
    {"www.rssboard.org/media-rss", Vocabulary::media},
    {"purl.org/rss/1.0/modules/content", Vocabulary::content},
    {"www.itunes.com/dtds/podcast-1.0.dtd", Vocabulary::itunes},
    {"www.google.com/schemas/play-podcasts/1.0", Vocabulary::google_play},
    {"purl.org/dc/elements/1.1", Vocabulary::dublin_core},
    {"purl.org/dc/terms", Vocabulary::dublin_core},
    {"purl.org/rss/1.0/modules/syndication", Vocabulary::syndication},
    {"rssnamespace.org/feedburner/ext/1.0", Vocabulary::feedburner},
    {"backend.userland.com/creativecommonsrssmodule", Vocabulary::creative_commons},
    {"creativecommons.org/ns#", Vocabulary::creative_commons},
    {"web.resource.org/cc", Vocabulary::creative_commons},
    {"cyber.law.harvard.edu/rss/creativecommonsrssmodule.html", Vocabulary::creative_commons},
    {"www.w3.org/1999/02/22-rdf-syntax-ns#", Vocabulary::rdf},
    {"www.w3.org/1999/xhtml", Vocabulary::xhtml},
    {"purl.org/rss/1.0", Vocabulary::native},
    {"purl.org/net/rss1.1#", Vocabulary::native},
    {"my.netscape.com/rdf/simple/0.9", Vocabulary::native},
    {"backend.userland.com/rss2", Vocabulary::native},
}};

struct Custom {
  std::string_view prefix;
  Vocabulary vocabulary;
};

constexpr std::array<Custom, 15> kCustoms = {{{"atom", Vocabulary::atom},
                                              {"a10", Vocabulary::atom},
                                              {"media", Vocabulary::media},
                                              {"content", Vocabulary::content},
                                              {"itunes", Vocabulary::itunes},
                                              {"googleplay", Vocabulary::google_play},
                                              {"dc", Vocabulary::dublin_core},
                                              {"dcterms", Vocabulary::dublin_core},
                                              {"sy", Vocabulary::syndication},
                                              {"feedburner", Vocabulary::feedburner},
                                              {"cc", Vocabulary::creative_commons},
                                              {"creativecommons", Vocabulary::creative_commons},
                                              {"rdf", Vocabulary::rdf},
                                              {"xhtml", Vocabulary::xhtml},
                                              {"rss", Vocabulary::native}}};

Vocabulary by_custom(std::string_view prefix) {
  const auto custom =
      std::ranges::find_if(kCustoms, [&](const auto& one) { return ascii_iequals(one.prefix, prefix); });
  return custom == kCustoms.end() ? Vocabulary::other : custom->vocabulary;
}

constexpr std::string_view kDeclaration = "xmlns:";

/// Collects the text of a node's children; markup is written out.
class TextWriter final : public pugi::xml_writer {
 public:
  void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
  std::string text;
};

}  // namespace

XmlNames::XmlNames(pugi::xml_node root) {
  const std::string_view root_name(root.name());
  const auto local = root_name.substr(root_name.find(':') + 1);
  is_atom_ = local == "feed" || local == "entry";
  for (const auto& attribute : root.attributes()) {
    const std::string_view name(attribute.name());
    if (name.starts_with(kDeclaration)) {
      prefixes_.emplace_back(name.substr(kDeclaration.size()), vocabulary_of(attribute.value()));
    }
  }
}

Vocabulary XmlNames::vocabulary_of(std::string_view uri) const {
  auto name = ascii_lower(trim(uri));
  if (const auto scheme = name.find("://"); scheme != std::string::npos) name.erase(0, scheme + 3);
  if (name.ends_with('/')) name.pop_back();
  const auto found = std::ranges::find(kNamespaces, std::string_view(name), &Namespace::uri);
  if (found == kNamespaces.end()) return Vocabulary::other;
  return is_atom_ && found->vocabulary == Vocabulary::atom ? Vocabulary::native : found->vocabulary;
}

Vocabulary XmlNames::of_prefix(pugi::xml_node node, std::string_view prefix) const {
  // No honest element has more attributes than this.
  constexpr int kMaxAttributes = 32;
  // Declarations on the way to the item; those of the root are known.
  for (; node; node = node.parent()) {
    int count = 0;
    for (const auto& attribute : node.attributes()) {
      if (++count > kMaxAttributes) break;
      const std::string_view name(attribute.name());
      if (!name.starts_with("xmlns")) continue;
      const auto declared =
          name == "xmlns" ? std::string_view() : name.substr(std::min(kDeclaration.size(), name.size()));
      // A feed's own default namespace, whatever it is, is native, and so is that of its items.
      if (declared == prefix && (!prefix.empty() || node.parent().parent())) return vocabulary_of(attribute.value());
    }
  }
  if (prefix.empty()) return Vocabulary::native;
  for (const auto& [declared, vocabulary] : prefixes_) {
    if (declared == prefix && vocabulary != Vocabulary::other) return vocabulary;
  }
  const auto vocabulary = by_custom(prefix);
  return is_atom_ && vocabulary == Vocabulary::atom ? Vocabulary::native : vocabulary;
}

XmlNames::Name XmlNames::of(pugi::xml_node node) const {
  const std::string_view name(node.name());
  const auto colon = name.find(':');
  const auto prefix = colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
  return {.vocabulary = of_prefix(node, prefix), .local = name.substr(colon == std::string_view::npos ? 0 : colon + 1)};
}

bool XmlNames::is(pugi::xml_node node, Vocabulary vocabulary, std::string_view local) const {
  const std::string_view name(node.name());
  if (!name.ends_with(local)) return false;
  const auto found = of(node);
  return found.local == local && found.vocabulary == vocabulary;
}

pugi::xml_node XmlNames::child(pugi::xml_node parent, Vocabulary vocabulary, std::string_view local) const {
  for (const auto& node : parent.children()) {
    if (is(node, vocabulary, local)) return node;
  }
  return {};
}

std::string inner_text(pugi::xml_node node) {
  const auto is_element = [](pugi::xml_node child) { return child.type() == pugi::node_element; };
  TextWriter writer;
  if (node.find_child(is_element)) {
    for (const auto& child : node.children()) child.print(writer, "", pugi::format_raw, pugi::encoding_utf8);
    return std::move(writer.text);
  }
  for (const auto& child : node.children()) writer.text += child.value();
  return std::move(writer.text);
}

}  // namespace creel
