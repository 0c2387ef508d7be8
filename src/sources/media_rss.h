#pragma once

#include <pugixml.hpp>

#include "sources/feed_item.h"
#include "sources/xml_names.h"

namespace creel {

/// What the media elements of a channel, item or group say themselves.
FeedFacts media_facts(const XmlNames& names, pugi::xml_node node);

/// Adds the images of an item's Media RSS: every `media:content` that is one; of a group the default, or the largest, since
/// they are the same picture. What an inner element says goes before an outer one's word. Thumbnails are put apart, the
/// largest first.
/// Source: https://www.rssboard.org/media-rss
void add_media(const XmlNames& names, pugi::xml_node item, FeedItem& out);

/// Whether media:rating or itunes:explicit call something unfit for the office; nothing if they do not say.
std::optional<bool> nsfw_of_rating(std::string_view scheme, std::string_view rating);

}  // namespace creel
