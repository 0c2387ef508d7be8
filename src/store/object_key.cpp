#include "store/object_key.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

constexpr std::size_t kMaxKeyBytes = 900;
constexpr std::size_t kMaxSegmentBytes = 200;
/// Deep enough for real sites; a hostile path of thousands of folders is not built on anybody's disk.
constexpr std::size_t kMaxSegments = 32;
constexpr std::size_t kMarkDigits = 8;
constexpr std::string_view kNothingLeft = "_";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_allowed(char c) {
  return is_letter(c) || is_digit(c) || c == ' ' || c == '.' || c == '_' || c == '-';
}

/// Eight hex digits of the hash of `original`: the first group of eight that has a letter in it, so that
/// numbers and dates ("beach-20240131.jpg") are never taken for a mark.
std::string mark(std::string_view original) {
  const auto digest = sha256(original);
  const auto digits = to_hex(digest);
  for (std::size_t at = 0; at < digits.size(); at += kMarkDigits) {
    auto group = digits.substr(at, kMarkDigits);
    if (std::ranges::any_of(group, is_letter)) return group;
  }
  return "a" + digits.substr(1, kMarkDigits - 1);
}

/// True if `name` ends like one that was marked. Such names are marked once more, so that an unmarked name is
/// never equal to a marked one.
bool looks_marked(std::string_view name) {
  if (name.size() <= kMarkDigits || name[name.size() - kMarkDigits - 1] != '-') return false;
  const auto digits = name.substr(name.size() - kMarkDigits);
  return std::ranges::all_of(digits, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }) &&
         std::ranges::any_of(digits, is_letter);
}

/// `stem`, cut if need be, with the mark of `original` and then `ending`.
std::string marked(std::string_view stem, std::string_view original, std::string_view ending = "") {
  const auto kept = stem.substr(0, kMaxSegmentBytes - 1 - kMarkDigits - ending.size());
  return fmt::format("{}-{}{}", kept.empty() ? kNothingLeft : kept, mark(original), ending);
}

/// Dots and spaces at the ends of a segment hide files and get lost on the way.
constexpr std::string_view kNotAtTheEnds = ". ";

std::string_view without_leading_dots(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of(kNotAtTheEnds), name.size()));
}

/// The allowed characters of `name`, without dots and spaces at its end.
std::string allowed_characters(std::string_view name) {
  std::string result;
  std::ranges::copy_if(name, std::back_inserter(result), is_allowed);
  result.resize(result.find_last_not_of(kNotAtTheEnds) + 1);
  return result;
}

/// "php" and "jpeg", but not "final" or the "5" of "v1.5".
bool looks_like_extension(std::string_view ext) {
  if (is_image_extension(ext)) return true;
  return ext.size() <= 4 && std::ranges::any_of(ext, is_letter) &&
         std::ranges::all_of(ext, [](char c) { return is_letter(c) || is_digit(c); });
}

/// What stands behind the last dot, or nothing.
std::string_view extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

/// A name on its way into a key.
struct Name {
  std::string text;
  /// What its mark is made of; differs for any two names that may stand in one folder.
  std::string original;
  /// Marked even if `text` may stay as it is.
  bool must_be_marked = false;
};

Name plain_name(std::string_view text) {
  return {.text = std::string(text), .original = std::string(text)};
}

/// A segment of an URL's path. "%61" says the same as "a" but is another name, hence the mark.
Name decoded_name(std::string_view segment) {
  auto text = percent_decode(segment);
  const bool spelled_otherwise = percent_encode(text) != segment;
  return {.text = std::move(text), .original = std::string(segment), .must_be_marked = spelled_otherwise};
}

/// A folder's name never ends like an image's, so no key is a folder of another.
std::string folder_segment(const Name& name) {
  const auto allowed = allowed_characters(name.text);
  const auto cleaned = without_leading_dots(allowed);
  const bool unchanged = !name.must_be_marked && !cleaned.empty() && cleaned == name.text &&
                         cleaned.size() <= kMaxSegmentBytes && !looks_marked(cleaned) &&
                         !is_image_extension(extension_of(cleaned));
  return unchanged ? std::string(cleaned) : marked(cleaned, name.original);
}

std::string file_segment(const Name& name, ImageType type) {
  const auto allowed = allowed_characters(name.text);
  const auto old_extension = extension_of(allowed);
  const bool right_extension = is_extension_of(old_extension, type);

  std::string_view stem = allowed;
  if (right_extension || looks_like_extension(old_extension)) stem.remove_suffix(old_extension.size() + 1);
  stem = without_leading_dots(stem);

  const auto ending = fmt::format(".{}", right_extension ? old_extension : extension(type));
  const bool unchanged = !name.must_be_marked && !stem.empty() && name.text == fmt::format("{}{}", stem, ending) &&
                         name.text.size() <= kMaxSegmentBytes && !looks_marked(stem);
  return unchanged ? name.text : marked(stem, name.original, ending);
}

/// The last segment of the path; what a query names is another image each time.
Name url_file_name(const Url& url, std::string_view segment) {
  auto name = segment.empty() ? Name{.text = "index", .original = "", .must_be_marked = true} : decoded_name(segment);
  if (!url.encoded_query().empty()) {
    name.original = url.str();
    name.must_be_marked = true;
  }
  return name;
}

void append_url(std::vector<std::string>& segments, const Url& url, ImageType type) {
  segments.push_back(folder_segment(plain_name(url.authority())));
  const auto path = split(std::string_view(url.encoded_path()).substr(1), '/');
  for (const auto& folder : std::span(path).first(path.size() - 1)) {
    segments.push_back(folder_segment(decoded_name(folder)));
  }
  segments.push_back(file_segment(url_file_name(url, path.back()), type));
}

std::string join(std::span<const std::string> segments) {
  return fmt::format("{}", fmt::join(segments, "/"));
}

/// Puts one marked segment in place of those before the last that are too many or too long.
void fold_middle(std::vector<std::string>& segments) {
  if (segments.size() <= kMaxSegments && join(segments).size() <= kMaxKeyBytes) return;
  std::size_t kept = 0;
  std::size_t bytes = kNothingLeft.size() + 1 + kMarkDigits + 1 + segments.back().size();
  while (kept + 2 < kMaxSegments && bytes + segments[kept].size() + 1 <= kMaxKeyBytes) {
    bytes += segments[kept].size() + 1;
    ++kept;
  }
  const auto middle = std::span(segments).subspan(kept, segments.size() - 1 - kept);
  segments[kept] = marked("", join(middle));
  segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(kept) + 1, segments.end() - 1);
}

}  // namespace

void check_folder(std::string_view folder) {
  if (folder.empty()) return;
  for (const auto segment : split(folder, '/')) {
    if (segment.empty()) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("folder '{}' has an empty segment: write it like a/b", folder));
    }
    if (segment == "..") {
      throw Failure(FailureKind::bad_request, fmt::format("folder '{}' has a '..': write it like a/b", folder));
    }
  }
}

ObjectKey object_key(const KeyParts& parts, const Url& url, ImageType type, const Sha256Digest& sha256) {
  check_folder(parts.folder);
  std::vector<std::string> segments;
  if (!parts.folder.empty()) {
    for (const auto segment : split(parts.folder, '/')) segments.push_back(folder_segment(plain_name(segment)));
  }

  if (parts.mode == KeyMode::content) {
    const auto digits = to_hex(sha256);
    segments.push_back(digits.substr(0, 2));
    segments.push_back(digits.substr(2, 2));
    segments.push_back(fmt::format("{}.{}", digits, extension(type)));
  } else if (!parts.file_name.empty()) {
    segments.push_back(file_segment(plain_name(parts.file_name), type));
  } else {
    append_url(segments, url, type);
  }

  fold_middle(segments);
  return {join(segments)};
}

std::vector<ObjectKey> possible_keys(const KeyParts& parts, const Url& url) {
  std::vector<ObjectKey> keys;
  if (parts.mode == KeyMode::content) return keys;
  for (const auto type : kImageTypes) keys.push_back(object_key(parts, url, type, {}));
  return keys;
}

}  // namespace creel
