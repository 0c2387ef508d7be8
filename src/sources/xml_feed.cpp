#include "sources/xml_feed.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <span>
#include <utility>

#include "base/text.h"
#include "sources/html_text.h"
#include "sources/media_rss.h"
#include "sources/text_time.h"
#include "sources/xml_references.h"

namespace creel {
namespace {

constexpr std::size_t kSampleBytes = 4096;
/// Entities are left to us: those that are not defined are common, and none is looked up.
constexpr auto kParseOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_wconv_attribute | pugi::parse_eol;

/// False if the markup is malformed; the document then has what stands before the fault.
bool load_in_place(pugi::xml_document& document, std::span<char> markup) {
  const auto mended = mend_references(markup);
  return static_cast<bool>(
      document.load_buffer_inplace(mended.data(), mended.size(), kParseOptions, pugi::encoding_utf8));
}

std::string_view attribute(pugi::xml_node node, const char* name) {
  return trim(node.attribute(name).value());
}

pugi::xml_node first_element(pugi::xml_node parent) {
  return parent.find_child([](pugi::xml_node child) { return child.type() == pugi::node_element; });
}

/// The base that a node declares, or the outer one.
std::optional<Url> base_at(pugi::xml_node node, const std::optional<Url>& outer, const Url& url) {
  const auto declared = attribute(node, "xml:base");
  if (declared.empty()) return outer;
  const auto base = resolved(outer.value_or(url), declared);
  return base ? base : outer;
}

/// "editor@example.com (Jane Doe)", "Jane Doe <jane@example.com>", "Jane Doe": the name, and no address if there is one.
std::optional<std::string> person(std::string_view text) {
  const auto tidy = tidy_text(text);
  if (!tidy) return std::nullopt;
  const std::string_view whole(*tidy);
  const auto open = whole.find('(');
  const auto close = whole.rfind(')');
  if (whole.find('@') < open && open != std::string_view::npos && close != std::string_view::npos && close > open + 1) {
    return std::string(trim(whole.substr(open + 1, close - open - 1)));
  }
  return tidy;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  text = trim(text);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number > 10'000'000) return std::nullopt;
  return number;
}

void take_author(const XmlNames& names, pugi::xml_node node, FeedFacts& facts) {
  if (facts.author_name) return;
  const auto name = names.child(node, names.of(node).vocabulary, "name");
  if (!name) {
    facts.author_name = person(inner_text(node));
    return;
  }
  facts.author_name = tidy_text(inner_text(name));
  for (const auto* local : {"uri", "url"}) {
    const auto address = names.child(node, names.of(node).vocabulary, local);
    const auto text = address ? tidy_text(inner_text(address)) : std::nullopt;
    if (text && (text->starts_with("http://") || text->starts_with("https://"))) facts.author_url = text;
  }
}

/// What may stand in a head and in an item alike.
void take_fact(const XmlNames& names, pugi::xml_node node, const XmlNames::Name& name, FeedFacts& facts) {
  using enum Vocabulary;
  const auto& [vocabulary, local] = name;
  const bool is_own = vocabulary == native || vocabulary == atom;
  if (is_own && (local == "author" || local == "managingEditor")) take_author(names, node, facts);
  if (vocabulary == itunes && local == "author") take_author(names, node, facts);
  if (vocabulary == dublin_core && (local == "creator" || local == "author")) {
    if (auto creator = person(inner_text(node))) facts.author_name = std::move(creator);
  }
  const bool is_rights =
      (is_own && (local == "rights" || local == "copyright")) || (vocabulary == dublin_core && local == "rights");
  if (is_rights && !facts.rights) facts.rights = tidy_text(inner_text(node));
  if (vocabulary == creative_commons && local == "license") {
    const auto address = attribute(node, "rdf:resource");
    facts.license = tidy_text(address.empty() ? inner_text(node) : std::string(address));
  }
  if (vocabulary == itunes && local == "explicit") facts.nsfw = nsfw_of_rating("", inner_text(node));
  if (vocabulary == itunes && local == "keywords" && !facts.keywords) facts.keywords = tidy_text(inner_text(node));
}

void take_schedule(pugi::xml_node node, const XmlNames::Name& name, FeedSchedule& schedule) {
  if (name.vocabulary != Vocabulary::native) return;
  if (name.local == "ttl") {
    if (const auto minutes = whole_number(inner_text(node))) schedule.period = std::chrono::minutes(*minutes);
  }
  if (name.local != "skipHours" && name.local != "skipDays") return;
  for (const auto& child : node.children()) {
    const auto text = inner_text(child);
    // Some count hours from 1 to 24.
    const auto hour = name.local == "skipHours" ? whole_number(text) : std::nullopt;
    if (hour && *hour <= 24) schedule.skipped_hours.set(*hour % 24);
    const auto day = name.local == "skipDays" ? day_of_week(text) : std::nullopt;
    if (day) schedule.skipped_days.set(*day);
  }
}

/// `sy:updatePeriod` and `sy:updateFrequency`, if there is no `ttl`.
void take_update_period(const XmlNames& names, pugi::xml_node channel, FeedSchedule& schedule) {
  if (schedule.period) return;
  const auto period = update_period(inner_text(names.child(channel, Vocabulary::syndication, "updatePeriod")));
  const auto times = whole_number(inner_text(names.child(channel, Vocabulary::syndication, "updateFrequency")));
  if (period) schedule.period = *period / static_cast<std::int64_t>(std::max<std::uint64_t>(times.value_or(1), 1));
}

/// The address in a link of RSS (its text) or of Atom (its href, if it leads to a page).
std::string link_address(pugi::xml_node node) {
  if (!node.attribute("href")) return std::string(trim(inner_text(node)));
  const auto relation = attribute(node, "rel");
  const auto type = attribute(node, "type");
  const bool is_page =
      (relation.empty() || relation == "alternate") && (type.empty() || type.find("html") != type.npos);
  return is_page ? std::string(attribute(node, "href")) : "";
}

FeedHead head_of(const XmlNames& names, pugi::xml_node channel, const Url& base) {
  FeedHead head;
  for (const auto& node : channel.children()) {
    if (node.type() != pugi::node_element) continue;
    const auto name = names.of(node);
    take_fact(names, node, name, head.facts);
    take_schedule(node, name, head.schedule);
    if (name.vocabulary != Vocabulary::native) continue;
    if (name.local == "title") head.facts.title = tidy_text(inner_text(node));
    if (name.local == "link" && !head.link) head.link = resolved(base, link_address(node));
  }
  take_update_period(names, channel, head.schedule);
  auto media = media_facts(names, channel);
  media.title.reset();
  media.complete_from(head.facts);
  head.facts = std::move(media);
  return head;
}

}  // namespace

/// Reads one item.
class XmlFeed::ItemReader {
 public:
  ItemReader(const XmlFeed& feed, pugi::xml_node node)
      : feed_(feed),
        names_(*feed.names_),
        node_(node),
        declared_base_(base_at(node, feed.declared_base_, feed.base_)),
        item_{.id = {}, .link = {}, .base = declared_base_.value_or(feed.base_)} {}

  FeedItem read();

 private:
  void take(pugi::xml_node node);
  void take_native(pugi::xml_node node, std::string_view local);
  void take_extension(pugi::xml_node node, const XmlNames::Name& name);
  void take_link(pugi::xml_node node);
  void take_enclosure(pugi::xml_node node, const char* url_attribute);
  void take_image(pugi::xml_node node);
  void take_atom_content(pugi::xml_node node);
  void take_date(std::string_view local, pugi::xml_node node);
  void take_category(pugi::xml_node node);
  void take_texts();
  static void add_reference(std::string_view reference, std::vector<FeedImage>& images, std::string_view type = "");
  void find_link();

  const XmlFeed& feed_;
  const XmlNames& names_;
  pugi::xml_node node_;
  std::optional<Url> declared_base_;
  FeedItem item_;
  std::optional<SystemTime> updated_at_;
  std::vector<FeedImage> enclosures_;
  std::vector<FeedImage> item_images_;
  /// HTML, with the bases that they declare themselves.
  std::vector<std::pair<std::string, std::optional<Url>>> contents_;
  std::vector<std::pair<std::string, std::optional<Url>>> summaries_;
};

FeedItem XmlFeed::ItemReader::read() {
  find_link();
  for (const auto& child : node_.children()) {
    if (child.type() == pugi::node_element) take(child);
  }
  if (item_.id.empty()) item_.id = attribute(node_, "rdf:about");
  if (!item_.published_at) item_.published_at = updated_at_;
  if (!declared_base_) item_.base = item_.link ? *item_.link : feed_.head_.link.value_or(feed_.base_);
  add_media(names_, node_, item_);
  std::ranges::move(enclosures_, std::back_inserter(item_.images));
  take_texts();
  std::ranges::move(item_images_, std::back_inserter(item_.images));
  item_.facts.complete_from(media_facts(names_, node_));
  return std::move(item_);
}

/// The pictures inside the texts, and the shortest of them as the description.
void XmlFeed::ItemReader::take_texts() {
  for (auto* texts : {&contents_, &summaries_}) {
    for (auto& [html, base] : *texts) html = unescape_if_escaped_twice(std::move(html));
  }
  for (const auto* texts : {&summaries_, &contents_}) {
    for (const auto& text : *texts) {
      if (!item_.facts.description) item_.facts.description = tidy_text(text.first);
    }
  }
  for (const auto* texts : {&contents_, &summaries_}) {
    for (const auto& [html, base] : *texts) add_html_images(item_, html, feed_.options_, base);
  }
}

/// The item's page. FeedBurner's own word goes first: its links lead through its counter.
void XmlFeed::ItemReader::find_link() {
  const auto outer = declared_base_.value_or(feed_.head_.link.value_or(feed_.base_));
  std::string permanent;
  for (const auto& child : node_.children()) {
    if (child.type() != pugi::node_element) continue;
    const auto [vocabulary, local] = names_.of(child);
    if (vocabulary == Vocabulary::feedburner && local == "origLink") {
      item_.link = resolved(outer, trim(inner_text(child)));
      return;
    }
    if (vocabulary != Vocabulary::native) continue;
    if (local == "link" && !item_.link) item_.link = resolved(outer, link_address(child));
    if (local == "guid" && !ascii_iequals(attribute(child, "isPermaLink"), "false")) permanent = inner_text(child);
  }
  const auto guid = trim(permanent);
  if (!item_.link && (guid.starts_with("http://") || guid.starts_with("https://"))) item_.link = resolved(outer, guid);
}

void XmlFeed::ItemReader::take(pugi::xml_node node) {
  const auto name = names_.of(node);
  take_fact(names_, node, name, item_.facts);
  if (name.vocabulary == Vocabulary::native) take_native(node, name.local);
  if (name.vocabulary == Vocabulary::atom) {
    if (name.local == "link") take_link(node);
    if (name.local == "content") take_atom_content(node);
    take_date(name.local, node);
  }
  take_extension(node, name);
}

void XmlFeed::ItemReader::take_native(pugi::xml_node node, std::string_view local) {
  if (local == "title") item_.facts.title = tidy_text(unescape_if_escaped_twice(inner_text(node)));
  if (local == "guid" || local == "id") item_.id = trim(inner_text(node));
  if (local == "link") take_link(node);
  if (local == "enclosure") take_enclosure(node, "url");
  if (local == "image") take_image(node);
  if (local == "category") take_category(node);
  if (local == "content") take_atom_content(node);
  if (local == "description" || local == "summary") {
    summaries_.emplace_back(inner_text(node), base_at(node, std::nullopt, item_.base));
  }
  take_date(local, node);
}

void XmlFeed::ItemReader::take_extension(pugi::xml_node node, const XmlNames::Name& name) {
  using enum Vocabulary;
  const auto& [vocabulary, local] = name;
  if ((vocabulary == content && local == "encoded") || (vocabulary == xhtml && (local == "body" || local == "div"))) {
    contents_.emplace_back(inner_text(node), base_at(node, std::nullopt, item_.base));
  }
  if ((vocabulary == itunes || vocabulary == google_play) && local == "image") {
    add_reference(attribute(node, "href"), item_images_);
  }
  if (vocabulary != dublin_core) return;
  if (local == "title" && !item_.facts.title) item_.facts.title = tidy_text(inner_text(node));
  if (local == "subject") take_category(node);
  take_date(local, node);
}

void XmlFeed::ItemReader::take_link(pugi::xml_node node) {
  if (ascii_iequals(attribute(node, "rel"), "enclosure")) take_enclosure(node, "href");
}

void XmlFeed::ItemReader::take_enclosure(pugi::xml_node node, const char* url_attribute) {
  const auto address = attribute(node, url_attribute);
  const auto type = ascii_lower(attribute(node, "type"));
  const bool is_image = type.starts_with("image/") || (says_no_type(type) && looks_like_image(address));
  if (!is_image) return;
  add_reference(address, enclosures_, type);
}

/// Not of any standard, but found: an image with a text, a `url`, or an attribute.
void XmlFeed::ItemReader::take_image(pugi::xml_node node) {
  std::string address(attribute(node, node.attribute("href") ? "href" : "url"));
  if (address.empty()) address = inner_text(names_.child(node, Vocabulary::native, "url"));
  if (address.empty() && !first_element(node)) address = inner_text(node);
  add_reference(trim(address), item_images_);
}

void XmlFeed::ItemReader::take_atom_content(pugi::xml_node node) {
  const auto type = ascii_lower(attribute(node, "type"));
  if (const auto source = attribute(node, "src"); !source.empty()) {
    if (type.starts_with("image/")) add_reference(source, enclosures_, type);
    return;
  }
  // What is no text may be an encoded picture, which is nothing to be fetched.
  if (type.starts_with("image/") || type.starts_with("application/octet")) return;
  contents_.emplace_back(inner_text(node), base_at(node, std::nullopt, item_.base));
}

void XmlFeed::ItemReader::take_date(std::string_view local, pugi::xml_node node) {
  static constexpr std::array<std::string_view, 5> kPublished = {"pubDate", "published", "issued", "created", "date"};
  const bool is_published = std::ranges::find(kPublished, local) != kPublished.end();
  const bool is_updated = local == "updated" || local == "modified";
  if (!is_published && !is_updated) return;
  const auto date = feed_time(inner_text(node));
  if (!date) return;
  auto& kept = is_published ? item_.published_at : updated_at_;
  if (!kept) kept = date;
}

void XmlFeed::ItemReader::take_category(pugi::xml_node node) {
  constexpr std::size_t kMaxCategories = 100;
  auto category = tidy_text(inner_text(node));
  for (const auto* name : {"label", "term"}) {
    if (!category) category = tidy_text(attribute(node, name));
  }
  if (category && item_.categories.size() < kMaxCategories) item_.categories.push_back(std::move(*category));
}

void XmlFeed::ItemReader::add_reference(std::string_view reference, std::vector<FeedImage>& images,
                                        std::string_view type) {
  if (reference.empty()) return;
  images.push_back({.reference = std::string(reference)});
  if (type.starts_with("image/")) images.back().type = type;
}

XmlFeed::XmlFeed(XmlItems items, const Url& url, FeedOptions options)
    : items_(std::move(items)), options_(options), base_(url) {
  auto text = items_.head();
  pugi::xml_document document;
  // A head that is broken is read as far as it goes.
  if (!is_too_much_markup(text)) load_in_place(document, text);
  const auto root = first_element(document);
  names_.emplace(root);
  const auto channel = names_->child(root, Vocabulary::native, "channel");
  declared_base_ = base_at(root, std::nullopt, url);
  if (channel) declared_base_ = base_at(channel, declared_base_, url);
  head_ = head_of(*names_, channel ? channel : root, declared_base_.value_or(url));
}

std::optional<XmlFeed::Next> XmlFeed::next() {
  const auto markup = items_.next();
  if (!markup) return std::nullopt;
  const std::string_view text(markup->data(), markup->size());
  sample_ = utf8_prefix(text, kSampleBytes);
  if (is_too_much_markup(text)) return Next{};
  pugi::xml_document document;
  if (!load_in_place(document, *markup)) return Next{};
  return Next{ItemReader(*this, first_element(document)).read()};
}

}  // namespace creel
