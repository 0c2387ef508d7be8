#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "sources/feed_item.h"

namespace creel {

/// Reads JSON Feed 1.0 and 1.1, item by item. Threads: one at a time.
/// Source: https://www.jsonfeed.org/version/1.1/
class JsonFeed {
 public:
  /// @param text  UTF-8
  /// @throws Failure bad_request  it is no JSON, or no feed
  JsonFeed(std::string text, const Url& url, FeedOptions options);
  ~JsonFeed();
  JsonFeed(JsonFeed&&) noexcept;

  const FeedHead& head() const { return head_; }

  struct Next {
    /// Nothing for an item that is malformed.
    std::optional<FeedItem> item;
  };

  /// Nothing at the end.
  std::optional<Next> next();

  /// The text of the last item, for people.
  std::string sample() const;

 private:
  struct Document;

  FeedOptions options_;
  Url url_;
  FeedHead head_;
  std::unique_ptr<Document> document_;
  std::size_t at_ = 0;
};

}  // namespace creel
