#include "sources/html_images.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/text.h"
#include "sources/html_scanner.h"
#include "sources/srcset.h"

namespace creel {
namespace {

bool is_usable(std::string_view reference) {
  static constexpr std::array<std::string_view, 5> kUnusable = {"data:", "blob:", "about:", "javascript:", "cid:"};
  return !reference.empty() && !reference.starts_with('#') && std::ranges::none_of(kUnusable, [&](const auto scheme) {
    return ascii_iequals(reference.substr(0, scheme.size()), scheme);
  });
}

bool is_declared_small(const HtmlTag& tag, int min_pixels) {
  for (const auto* name : {"width", "height"}) {
    const auto value = tag.attribute(name);
    int pixels = 0;
    if (!value || std::from_chars(value->data(), value->data() + value->size(), pixels).ec != std::errc()) continue;
    if (pixels < min_pixels && !value->ends_with('%') && !value->ends_with("em")) return true;
  }
  return false;
}

bool is_emoji(const HtmlTag& tag) {
  const auto classes = tag.attribute("class");
  return classes && std::ranges::any_of(split(*classes, ' '),
                                        [](const auto name) { return name == "emoji" || name == "wp-smiley"; });
}

/// The largest candidate of the attributes in which lists of images are kept, lazily loaded ones too.
std::optional<SrcsetCandidate> candidate_of(const HtmlTag& tag) {
  std::optional<SrcsetCandidate> largest;
  for (const auto* name : {"srcset", "data-srcset", "data-lazy-srcset"}) {
    const auto value = tag.attribute(name);
    auto candidate = value ? largest_candidate(*value) : std::nullopt;
    if (!candidate || !is_usable(candidate->url)) continue;
    if (!largest || candidate->size > largest->size) largest = std::move(candidate);
  }
  return largest;
}

std::optional<std::string> first_of(const HtmlTag& tag, std::span<const char* const> names) {
  for (const auto* name : names) {
    if (auto value = tag.attribute(name); value && is_usable(*value)) return value;
  }
  return std::nullopt;
}

/// Goes over the tags of a text and collects its images.
class Collector {
 public:
  explicit Collector(const HtmlImageOptions& options) : options_(options) {}

  void take(const HtmlTag& tag);
  bool is_full() const { return images_.size() >= options_.max_images; }
  std::vector<HtmlImage> images() && { return std::move(images_); }

 private:
  void take_image(const HtmlTag& tag);
  void take_link(const HtmlTag& tag);
  void add(std::string reference, std::string alt) { images_.push_back({std::move(reference), std::move(alt)}); }

  HtmlImageOptions options_;
  std::vector<HtmlImage> images_;
  /// The best of the sources of the picture that is open.
  std::optional<SrcsetCandidate> source_;
  /// Inside a link to an image.
  bool is_linked_ = false;
};

void Collector::take_image(const HtmlTag& tag) {
  static constexpr std::array kOriginals = {"data-orig-file"};
  static constexpr std::array kSources = {"data-src", "data-lazy-src", "data-original", "src", "href", "xlink:href"};
  if (is_declared_small(tag, options_.min_pixels) || is_emoji(tag)) return;
  auto alt = tag.attribute("alt").value_or("");
  if (alt.empty()) alt = tag.attribute("title").value_or("");
  if (is_linked_) {
    if (images_.back().alt.empty()) images_.back().alt = std::move(alt);
    return;
  }
  auto reference = first_of(tag, kOriginals);
  auto candidate = candidate_of(tag);
  if (source_ && (!candidate || source_->size > candidate->size)) candidate = source_;
  if (!reference && candidate) reference = candidate->url;
  if (!reference) reference = first_of(tag, kSources);
  if (reference) add(std::move(*reference), std::move(alt));
}

void Collector::take_link(const HtmlTag& tag) {
  is_linked_ = false;
  auto target = tag.attribute("href");
  if (!target || !is_usable(*target) || !looks_like_image(*target)) return;
  add(std::move(*target), tag.attribute("title").value_or(""));
  is_linked_ = true;
}

void Collector::take(const HtmlTag& tag) {
  if (tag.is("a")) {
    if (tag.is_end) is_linked_ = false;
    if (!tag.is_end) take_link(tag);
  } else if (tag.is("picture")) {
    source_.reset();
  } else if (tag.is_end) {
    return;
  } else if (tag.is("img") || tag.is("amp-img") || tag.is("image")) {
    take_image(tag);
  } else if (tag.is("source")) {
    auto candidate = candidate_of(tag);
    if (candidate && (!source_ || candidate->size > source_->size)) source_ = std::move(candidate);
  } else if (tag.is("video")) {
    if (auto poster = tag.attribute("poster"); poster && is_usable(*poster)) add(std::move(*poster), "");
  }
}

std::string_view file_name_of(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  return url.substr(url.rfind('/') + 1);
}

bool has_extension(std::string_view url, std::span<const std::string_view> extensions) {
  const auto name = file_name_of(url);
  const auto dot = name.rfind('.');
  return dot != std::string_view::npos && std::ranges::any_of(extensions, [&](const auto extension) {
           return ascii_iequals(name.substr(dot + 1), extension);
         });
}

}  // namespace

std::vector<HtmlImage> html_images(std::string_view html, const HtmlImageOptions& options) {
  Collector collector(options);
  HtmlScanner scanner(html);
  while (const auto piece = scanner.next()) {
    if (piece->tag) collector.take(*piece->tag);
    if (collector.is_full()) break;
  }
  return std::move(collector).images();
}

bool looks_like_image(std::string_view url) {
  static constexpr std::array<std::string_view, 16> kExtensions = {"jpg", "jpeg", "png",  "gif",  "webp", "avif",
                                                                   "svg", "bmp",  "tif",  "tiff", "heic", "heif",
                                                                   "jxl", "ico",  "apng", "jfif"};
  // "https://commons.wikimedia.org/wiki/File:Cat.jpg" is a page.
  return has_extension(url, kExtensions) && file_name_of(url).find(':') == std::string_view::npos;
}

bool looks_like_other_file(std::string_view url) {
  static constexpr std::array<std::string_view, 21> kExtensions = {"mp4",  "webm", "mov", "m4v", "avi",  "mkv",  "ogv",
                                                                   "m3u8", "mpd",  "mp3", "m4a", "ogg",  "oga",  "wav",
                                                                   "aac",  "pdf",  "zip", "swf", "html", "epub", "flv"};
  return has_extension(url, kExtensions);
}

std::optional<std::string> feed_of_page(std::string_view html) {
  static constexpr std::array<std::string_view, 4> kTypes = {"application/rss+xml", "application/atom+xml",
                                                             "application/feed+json", "application/rdf+xml"};
  HtmlScanner scanner(html);
  while (const auto piece = scanner.next()) {
    if (!piece->tag || piece->tag->is_end || !piece->tag->is("link")) continue;
    const auto relation = ascii_lower(piece->tag->attribute("rel").value_or(""));
    const auto type = ascii_lower(piece->tag->attribute("type").value_or(""));
    auto target = piece->tag->attribute("href");
    const auto relations = split(relation, ' ');
    const bool is_alternate = std::ranges::find(relations, "alternate") != relations.end();
    const bool is_feed = std::ranges::find(kTypes, std::string_view(type)) != kTypes.end();
    if (is_alternate && is_feed && target && !target->empty()) return target;
  }
  return std::nullopt;
}

}  // namespace creel
