#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sources/feed_item.h"
#include "sources/json_feed.h"
#include "sources/xml_feed.h"

namespace creel {

/// An answer that should be a feed.
struct FeedAnswer {
  std::string body;
  /// The Content-Type header; may be empty.
  std::string content_type;
  /// Where it was found, behind redirects.
  std::string url;
};

/// Reads a feed of any format, by what its bytes are and not by what it calls itself. It holds the feed's text, and of
/// what is read only as much as is asked for. Threads: one at a time; calls take up to some seconds of work for a feed of
/// 15 MiB.
class FeedParser {
 public:
  /// @throws Failure bad_request  it is no feed; for a web page the message names the feed that the page names
  FeedParser(FeedAnswer answer, FeedOptions options);
  ~FeedParser();

  const FeedHead& head() const;

  /// The records of the next items, at least `min` if there are so many; none at the end.
  std::vector<ImageRecord> next(std::size_t min);

  std::size_t items() const { return items_; }
  /// Those that were malformed, and brought nothing.
  std::size_t broken_items() const { return broken_items_; }

  /// The last item as it stood in the feed, at most 4 KiB.
  std::string sample() const;

 private:
  FeedOptions options_;
  std::variant<std::monostate, XmlFeed, JsonFeed> feed_;
  std::size_t items_ = 0;
  std::size_t broken_items_ = 0;
};

}  // namespace creel
