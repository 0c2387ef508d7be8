#include "sources/json_feed.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <boost/json/monotonic_resource.hpp>

#include "base/failure.h"
#include "base/text.h"
#include "sources/html_text.h"
#include "sources/text_time.h"

namespace creel {
namespace json = boost::json;
namespace {

std::optional<std::string_view> string_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string().data(), value->get_string().size());
}

std::optional<std::string> text_at(const json::object& object, std::string_view name) {
  const auto text = string_at(object, name);
  return text ? tidy_text(*text) : std::nullopt;
}

const json::array* array_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

/// The id may be a number, though it should not.
std::string id_at(const json::object& object) {
  if (const auto text = string_at(object, "id")) return std::string(*text);
  const auto* id = object.if_contains("id");
  return id != nullptr && id->is_number() ? json::serialize(*id) : "";
}

/// `authors`, or the `author` of version 1.0.
void take_authors(const json::object& object, FeedFacts& facts) {
  const auto* authors = array_at(object, "authors");
  const auto* first = authors != nullptr && !authors->empty() ? &authors->front() : object.if_contains("author");
  const auto* author = first == nullptr ? nullptr : first->if_object();
  if (author == nullptr) return;
  facts.author_name = text_at(*author, "name");
  const auto url = string_at(*author, "url");
  if (url && (url->starts_with("https://") || url->starts_with("http://"))) facts.author_url = std::string(*url);
}

void add_image(const json::object& object, std::string_view name, std::vector<FeedImage>& images) {
  if (const auto url = string_at(object, name); url && !url->empty())
    images.push_back({.reference = std::string(*url)});
}

void add_attachments(const json::object& object, FeedItem& item) {
  const auto* attachments = array_at(object, "attachments");
  if (attachments == nullptr) return;
  for (const auto& value : *attachments) {
    const auto* attachment = value.if_object();
    const auto url = attachment == nullptr ? std::nullopt : string_at(*attachment, "url");
    if (!url) continue;
    const auto type = ascii_lower(string_at(*attachment, "mime_type").value_or(""));
    const bool is_image = type.starts_with("image/");
    if (!is_image && !(says_no_type(type) && looks_like_image(*url))) continue;
    FeedImage image{.reference = std::string(*url)};
    image.facts.title = text_at(*attachment, "title");
    if (is_image) image.type = type;
    item.images.push_back(std::move(image));
  }
}

FeedItem item_of(const json::object& object, const Url& outer, const FeedOptions& options) {
  FeedItem item{.id = id_at(object), .base = outer};
  for (const auto* name : {"url", "external_url"}) {
    if (!item.link) item.link = resolved(outer, string_at(object, name).value_or(""));
  }
  if (item.link) item.base = *item.link;
  take_authors(object, item.facts);
  item.facts.title = text_at(object, "title");
  for (const auto* name : {"summary", "content_text", "content_html"}) {
    if (!item.facts.description) item.facts.description = text_at(object, name);
  }
  for (const auto* name : {"date_published", "date_modified"}) {
    if (!item.published_at) item.published_at = feed_time(string_at(object, name).value_or(""));
  }
  if (const auto* tags = array_at(object, "tags")) {
    for (const auto& tag : *tags) {
      if (tag.is_string()) item.categories.emplace_back(tag.get_string().data(), tag.get_string().size());
    }
  }
  add_attachments(object, item);
  add_image(object, "image", item.images);
  add_image(object, "banner_image", item.images);
  if (const auto html = string_at(object, "content_html")) {
    add_html_images(item, unescape_if_escaped_twice(std::string(*html)), options);
  }
  return item;
}

}  // namespace

struct JsonFeed::Document {
  Document() : value(json::storage_ptr(&memory)) {}

  json::monotonic_resource memory;
  json::value value;
  const json::array* items = nullptr;
};

JsonFeed::JsonFeed(std::string text, const Url& url, FeedOptions options)
    : options_(options), url_(url), document_(std::make_unique<Document>()) {
  json::error_code error;
  json::parse_options depth;
  depth.max_depth = 200;
  document_->value = json::parse(text, error, &document_->memory, depth);
  if (error) throw Failure(FailureKind::bad_request, "the answer begins like JSON, but is none: " + error.message());
  const auto* feed = document_->value.if_object();
  const auto version = feed == nullptr ? std::nullopt : string_at(*feed, "version");
  document_->items = feed == nullptr ? nullptr : array_at(*feed, "items");
  if (document_->items == nullptr || !version || version->find("jsonfeed.org/version/") == std::string_view::npos) {
    throw Failure(FailureKind::bad_request,
                  "the answer is JSON, but no JSON Feed: for any other JSON use a source of type 'json'");
  }
  take_authors(*feed, head_.facts);
  head_.facts.title = text_at(*feed, "title");
  head_.link = resolved(url, string_at(*feed, "home_page_url").value_or(""));
  if (const auto* expired = feed->if_contains("expired"))
    head_.schedule.is_expired = expired->is_bool() && expired->get_bool();
}

JsonFeed::~JsonFeed() = default;
JsonFeed::JsonFeed(JsonFeed&&) noexcept = default;

std::optional<JsonFeed::Next> JsonFeed::next() {
  if (at_ >= document_->items->size()) return std::nullopt;
  const auto* object = document_->items->at(at_++).if_object();
  if (object == nullptr) return Next{};
  return Next{item_of(*object, head_.link.value_or(url_), options_)};
}

std::string JsonFeed::sample() const {
  constexpr std::size_t kSampleBytes = 4096;
  if (at_ == 0) return "";
  return std::string(utf8_prefix(json::serialize(document_->items->at(at_ - 1)), kSampleBytes));
}

}  // namespace creel
