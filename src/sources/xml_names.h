#pragma once

#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace creel {

/// Whose word an element's name is.
enum class Vocabulary : std::uint8_t {
  /// The feed's own: RSS of any version, or Atom in an Atom feed.
  native,
  atom,
  media,
  content,
  itunes,
  google_play,
  dublin_core,
  syndication,
  feedburner,
  creative_commons,
  rdf,
  xhtml,
  other,
};

/// Tells what the prefixes of a feed mean: by the namespaces that are declared, or by custom where they are not (which
/// is common, and no reason to lose a picture). Threads: one at a time.
class XmlNames {
 public:
  /// @param root  its declarations are taken over; null for none
  explicit XmlNames(pugi::xml_node root);

  struct Name {
    Vocabulary vocabulary = Vocabulary::native;
    std::string_view local;
  };

  /// Valid as long as the node.
  Name of(pugi::xml_node node) const;

  /// True if the node is an element of that name.
  bool is(pugi::xml_node node, Vocabulary vocabulary, std::string_view local) const;

  /// The first child of that name, or null.
  pugi::xml_node child(pugi::xml_node parent, Vocabulary vocabulary, std::string_view local) const;

 private:
  Vocabulary of_prefix(pugi::xml_node node, std::string_view prefix) const;
  Vocabulary vocabulary_of(std::string_view uri) const;

  bool is_atom_ = false;
  std::vector<std::pair<std::string, Vocabulary>> prefixes_;
};

/// All text directly in a node, or the markup inside of it if there are elements.
std::string inner_text(pugi::xml_node node);

}  // namespace creel
