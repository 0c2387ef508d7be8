#include "sources/feed_parser.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "sources/charset.h"

namespace creel {
namespace {

bool is_web_page(std::string_view text) {
  const auto start = ascii_lower(text.substr(0, 64 * 1024));
  return start.find("<html") != std::string::npos || start.find("<!doctype html") != std::string::npos ||
         start.find("<head") != std::string::npos || start.find("<body") != std::string::npos;
}

[[noreturn]] void refuse(std::string_view text, const Url& url) {
  if (trim(text).empty()) throw Failure(FailureKind::bad_request, "the answer is empty, and no feed");
  if (!is_web_page(text)) {
    throw Failure(FailureKind::bad_request, "the answer is no feed: neither RSS nor Atom nor JSON Feed");
  }
  const auto reference = feed_of_page(text);
  const auto feed = reference ? resolved(url, *reference) : std::nullopt;
  if (feed) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("the answer is a web page, no feed; the page names this feed: {}", feed->str()));
  }
  throw Failure(FailureKind::bad_request, "the answer is a web page, no feed, and it names none");
}

}  // namespace

FeedParser::FeedParser(FeedAnswer answer, FeedOptions options) : options_(options) {
  const auto url = Url::parse(answer.url);
  auto text = text_as_utf8(std::move(answer.body), charset_parameter(answer.content_type));
  if (trim(text).starts_with('{') || trim(text).starts_with('[')) {
    feed_.emplace<JsonFeed>(std::move(text), url, options);
    return;
  }
  XmlItems items(std::move(text));
  if (!items.is_feed()) refuse(items.text(), url);
  feed_.emplace<XmlFeed>(std::move(items), url, options);
}

FeedParser::~FeedParser() = default;

const FeedHead& FeedParser::head() const {
  if (const auto* feed = std::get_if<JsonFeed>(&feed_)) return feed->head();
  return std::get<XmlFeed>(feed_).head();
}

std::vector<ImageRecord> FeedParser::next(std::size_t min) {
  std::vector<ImageRecord> records;
  const auto take_all = [&](auto& feed) {
    while (records.size() < min) {
      auto next = feed.next();
      if (!next) return;
      ++items_;
      if (!next->item) ++broken_items_;
      if (!next->item) continue;
      std::ranges::move(records_of(std::move(*next->item), feed.head(), options_), std::back_inserter(records));
    }
  };
  if (auto* feed = std::get_if<JsonFeed>(&feed_)) {
    take_all(*feed);
  } else {
    take_all(std::get<XmlFeed>(feed_));
  }
  return records;
}

std::string FeedParser::sample() const {
  if (const auto* feed = std::get_if<JsonFeed>(&feed_)) return feed->sample();
  return std::get<XmlFeed>(feed_).sample();
}

}  // namespace creel
