#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sources/feed_item.h"
#include "sources/xml_items.h"
#include "sources/xml_names.h"

namespace creel {

/// Reads RSS 0.9x, 1.0 (RDF) and 2.0, Atom 0.3 and 1.0, with Media RSS and the other extensions in which pictures are
/// found, item by item. Threads: one at a time.
class XmlFeed {
 public:
  /// @param items  of a feed
  /// @param url    where it was found
  XmlFeed(XmlItems items, const Url& url, FeedOptions options);

  const FeedHead& head() const { return head_; }

  struct Next {
    /// Nothing for an item that is malformed.
    std::optional<FeedItem> item;
  };

  /// Nothing at the end.
  std::optional<Next> next();

  /// The markup of the last item, for people.
  const std::string& sample() const { return sample_; }

 private:
  class ItemReader;

  XmlItems items_;
  FeedOptions options_;
  FeedHead head_;
  /// What the references of items are resolved against: xml:base, if there is one.
  std::optional<Url> declared_base_;
  Url base_;
  std::optional<XmlNames> names_;
  std::string sample_;
};

}  // namespace creel
