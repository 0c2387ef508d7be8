#include "demo/exhibition.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace creel {

std::span<const EmbeddedFile> demo_samples();
std::span<const EmbeddedFile> demo_exhibition();

namespace demo {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> kKinds{"imgur", "feed", "json", "list"};
constexpr std::array<std::string_view, 9> kManners{"well", "busy_once", "gone",    "forbidden", "page",
                                                   "cut",  "loop",      "removed", "opted_out"};

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(FailureKind::internal, fmt::format("the demonstration's description: {}", what));
}

std::string text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (!value->is_string()) refuse(fmt::format("'{}' is no text", name));
  return std::string(value->get_string());
}

std::int64_t number(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return 0;
  if (!value->is_int64() || value->get_int64() < 0) refuse(fmt::format("'{}' is no number from 0 on", name));
  return value->get_int64();
}

bool truth(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value != nullptr && !value->is_bool()) refuse(fmt::format("'{}' is neither true nor false", name));
  return value != nullptr && value->get_bool();
}

const json::array& list(const json::object& object, std::string_view name) {
  static const json::array none;
  const auto* value = object.if_contains(name);
  if (value == nullptr) return none;
  if (!value->is_array()) refuse(fmt::format("'{}' is no list", name));
  return value->get_array();
}

const json::object& object_of(const json::value& value) {
  if (!value.is_object()) refuse("something is no object that should be one");
  return value.get_object();
}

/// The place of a word among those that are known.
template <std::size_t count>
std::size_t choice(const std::array<std::string_view, count>& words, const std::string& word) {
  const auto found = std::ranges::find(words, std::string_view(word));
  if (found == words.end()) refuse(fmt::format("'{}' is none of {}", word, fmt::join(words, ", ")));
  return static_cast<std::size_t>(found - words.begin());
}

Album album_of(const json::object& object) {
  return {.id = text(object, "id"),
          .title = text(object, "title"),
          .description = text(object, "description"),
          .author = text(object, "author")};
}

Picture picture_of(const json::object& object, std::span<const EmbeddedFile> samples) {
  Picture picture{.id = text(object, "id"),
                  .sample = {},
                  .title = text(object, "title"),
                  .description = text(object, "description"),
                  .author = text(object, "author"),
                  .album = text(object, "album"),
                  .nsfw = truth(object, "nsfw"),
                  .delay = std::chrono::milliseconds(number(object, "delay_ms")),
                  .after = std::chrono::seconds(number(object, "after"))};
  if (object.contains("manners")) picture.manners = static_cast<Manners>(choice(kManners, text(object, "manners")));
  const auto name = text(object, "sample");
  const auto sample = std::ranges::find(samples, std::string_view(name), &EmbeddedFile::name);
  if (sample == samples.end()) refuse(fmt::format("'{}': there is no sample '{}'", picture.id, name));
  picture.sample = *sample;
  return picture;
}

Site site_of(const json::object& object, std::span<const EmbeddedFile> samples) {
  Site site{.kind = static_cast<SiteKind>(choice(kKinds, text(object, "kind"))),
            .source = text(object, "source"),
            .tag = text(object, "tag"),
            .albums = {},
            .pictures = {}};
  for (const auto& album : list(object, "albums")) site.albums.push_back(album_of(object_of(album)));
  for (const auto& value : list(object, "pictures")) {
    auto picture = picture_of(object_of(value), samples);
    const bool is_there_already = std::ranges::find(site.pictures, picture.id, &Picture::id) != site.pictures.end();
    if (picture.id.empty() || is_there_already) refuse(fmt::format("{}: the id '{}'", site.source, picture.id));
    if (!picture.album.empty() && site.find_album(picture.album) == nullptr) {
      refuse(fmt::format("'{}': there is no album '{}'", picture.id, picture.album));
    }
    site.pictures.push_back(std::move(picture));
  }
  return site;
}

}  // namespace

std::string_view to_string(SiteKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}

std::string Picture::file_name() const {
  return id + std::filesystem::path(sample.name).extension().string();
}

const Album* Site::find_album(std::string_view id) const {
  const auto found = std::ranges::find(albums, id, &Album::id);
  return found == albums.end() ? nullptr : &*found;
}

std::span<const EmbeddedFile> sample_files() {
  return demo_samples();
}

std::vector<Site> exhibition() {
  return read_exhibition(demo_exhibition().front().bytes, sample_files());
}

std::vector<Site> read_exhibition(std::string_view text, std::span<const EmbeddedFile> samples) {
  json::error_code error;
  const auto value = json::parse({text.data(), text.size()}, error);
  if (error) refuse(error.message());
  std::vector<Site> sites;
  for (const auto& site : list(object_of(value), "sites")) sites.push_back(site_of(object_of(site), samples));
  return sites;
}

std::optional<FailureKind> expected_failure(Manners manners) {
  switch (manners) {
    case Manners::well:
    case Manners::busy_once: return std::nullopt;
    case Manners::gone: return FailureKind::not_found;
    case Manners::forbidden: return FailureKind::forbidden;
    case Manners::page: return FailureKind::not_an_image;
    case Manners::cut: return FailureKind::truncated;
    case Manners::loop: return FailureKind::redirected;
    case Manners::removed: return FailureKind::placeholder;
    case Manners::opted_out: return FailureKind::opted_out;
  }
  return std::nullopt;
}

}  // namespace demo
}  // namespace creel
