#include "sources/media_rss.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <tuple>

#include "base/text.h"

namespace creel {
namespace {

/// A side that is missing counts as long as the other one.
std::uint64_t area_of(const FeedImage& image) {
  const auto either = image.width ? image.width : image.height;
  return std::uint64_t{image.width.value_or(either.value_or(0))} * image.height.value_or(either.value_or(0));
}

struct Candidate {
  FeedImage image;
  bool is_default = false;
  std::uint64_t file_size = 0;
};

std::string_view attribute(pugi::xml_node node, const char* name) {
  return trim(node.attribute(name).value());
}

bool is_image(pugi::xml_node content) {
  const auto url = attribute(content, "url");
  const auto medium = attribute(content, "medium");
  const auto type = attribute(content, "type");
  if (url.empty()) return false;
  if (!says_no_type(type)) return ascii_lower(type).starts_with("image/");
  if (!medium.empty()) return ascii_iequals(medium, "image");
  // One that is said to be any bytes has to look like an image; of one without a word that much is taken for granted.
  return type.find('/') == std::string_view::npos ? !looks_like_other_file(url) : looks_like_image(url);
}

FeedImage image_of(pugi::xml_node node) {
  FeedImage image{.reference = std::string(attribute(node, "url")),
                  .width = pixels_of(attribute(node, "width")),
                  .height = pixels_of(attribute(node, "height"))};
  if (const auto type = ascii_lower(attribute(node, "type")); type.starts_with("image/")) image.type = type;
  return image;
}

/// Reads one item's media elements.
class MediaReader {
 public:
  MediaReader(const XmlNames& names, FeedItem& out) : names_(names), out_(out) {}

  void read_item(pugi::xml_node item);

 private:
  void read_children(pugi::xml_node parent, const FeedFacts& facts, std::vector<Candidate>& found);
  void read_content(pugi::xml_node content, const FeedFacts& outer, std::vector<Candidate>& found);
  void read_group(pugi::xml_node group, const FeedFacts& outer);
  void read_thumbnails(pugi::xml_node parent, const FeedFacts& facts);

  const XmlNames& names_;
  FeedItem& out_;
};

void MediaReader::read_item(pugi::xml_node item) {
  std::vector<Candidate> found;
  const auto facts = media_facts(names_, item);
  read_children(item, facts, found);
  for (auto& candidate : found) out_.images.push_back(std::move(candidate.image));
  const auto largest = std::ranges::max_element(out_.thumbnails, {}, area_of);
  if (largest != out_.thumbnails.end()) std::rotate(out_.thumbnails.begin(), largest, std::next(largest));
}

void MediaReader::read_children(pugi::xml_node parent, const FeedFacts& facts, std::vector<Candidate>& found) {
  read_thumbnails(parent, facts);
  for (const auto& child : parent.children()) {
    if (names_.is(child, Vocabulary::media, "content")) read_content(child, facts, found);
    if (names_.is(child, Vocabulary::media, "group")) read_group(child, facts);
  }
}

void MediaReader::read_content(pugi::xml_node content, const FeedFacts& outer, std::vector<Candidate>& found) {
  auto facts = media_facts(names_, content);
  facts.complete_from(outer);
  read_thumbnails(content, facts);
  if (!is_image(content)) return;
  Candidate candidate{.image = image_of(content), .is_default = ascii_iequals(attribute(content, "isDefault"), "true")};
  const auto size = attribute(content, "fileSize");
  std::from_chars(size.data(), size.data() + size.size(), candidate.file_size);
  candidate.image.facts = std::move(facts);
  found.push_back(std::move(candidate));
}

void MediaReader::read_group(pugi::xml_node group, const FeedFacts& outer) {
  auto facts = media_facts(names_, group);
  facts.complete_from(outer);
  read_thumbnails(group, facts);
  std::vector<Candidate> found;
  for (const auto& child : group.children()) {
    if (names_.is(child, Vocabulary::media, "content")) read_content(child, facts, found);
  }
  const auto best = std::ranges::max_element(found, {}, [](const Candidate& candidate) {
    return std::tuple(candidate.is_default, area_of(candidate.image), candidate.file_size);
  });
  if (best != found.end()) out_.images.push_back(std::move(best->image));
}

void MediaReader::read_thumbnails(pugi::xml_node parent, const FeedFacts& facts) {
  for (const auto& child : parent.children()) {
    if (!names_.is(child, Vocabulary::media, "thumbnail") || attribute(child, "url").empty()) continue;
    auto thumbnail = image_of(child);
    thumbnail.facts = facts;
    out_.thumbnails.push_back(std::move(thumbnail));
  }
}

std::optional<std::string> license_of(pugi::xml_node node) {
  const auto address = attribute(node, "href");
  return address.empty() ? tidy_text(inner_text(node)) : std::optional(std::string(address));
}

}  // namespace

FeedFacts media_facts(const XmlNames& names, pugi::xml_node node) {
  FeedFacts facts;
  for (const auto& child : node.children()) {
    const auto [vocabulary, local] = names.of(child);
    if (vocabulary != Vocabulary::media) continue;
    if (local == "title") facts.title = tidy_text(inner_text(child));
    if (local == "description") facts.description = tidy_text(inner_text(child));
    if (local == "keywords") facts.keywords = tidy_text(inner_text(child));
    if (local == "copyright") facts.rights = tidy_text(inner_text(child));
    if (local == "license") facts.license = license_of(child);
    if (local == "rating") facts.nsfw = nsfw_of_rating(attribute(child, "scheme"), inner_text(child));
    if (local == "adult") facts.nsfw = nsfw_of_rating("", inner_text(child));
    if (local == "credit" && !facts.author_name) facts.author_name = tidy_text(inner_text(child));
  }
  return facts;
}

void add_media(const XmlNames& names, pugi::xml_node item, FeedItem& out) {
  MediaReader(names, out).read_item(item);
}

std::optional<bool> nsfw_of_rating(std::string_view scheme, std::string_view rating) {
  static constexpr std::array<std::string_view, 7> kAdult = {"adult", "true", "yes", "explicit", "nc-17", "x", "r18+"};
  static constexpr std::array<std::string_view, 7> kHarmless = {"nonadult", "false", "no", "clean", "g", "pg", "pg-13"};
  const auto word = ascii_lower(trim(rating));
  const bool is_known_scheme =
      scheme.empty() || ascii_iequals(scheme, "urn:simple") || ascii_iequals(scheme, "urn:mpaa");
  if (!is_known_scheme) return std::nullopt;
  if (std::ranges::find(kAdult, std::string_view(word)) != kAdult.end()) return true;
  if (std::ranges::find(kHarmless, std::string_view(word)) != kHarmless.end()) return false;
  return std::nullopt;
}

}  // namespace creel
