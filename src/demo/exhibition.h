#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"
#include "base/failure.h"

namespace creel::demo {

enum class SiteKind : std::uint8_t { imgur, feed, json, list };

/// "imgur": the type of the source that polls it.
std::string_view to_string(SiteKind kind);

/// What the address of a picture does.
enum class Manners : std::uint8_t {
  well,
  /// 429 with Retry-After, and from then on well.
  busy_once,
  /// 404.
  gone,
  /// 403.
  forbidden,
  /// A web page, whatever the address says.
  page,
  /// The connection ends in the middle of the picture.
  cut,
  /// Redirects to itself.
  loop,
  /// Redirects to the notice that hosts have for pictures that were removed.
  removed,
  /// The picture comes, and with it the wish not to be taken by machines.
  opted_out,
};

struct Album {
  std::string id;
  std::string title;
  std::string description;
  std::string author;
};

struct Picture {
  /// Its name within the site, and its file's name.
  std::string id;
  EmbeddedFile sample;
  std::string title;
  std::string description;
  std::string author;
  /// The id of one of the site's albums; empty if it is in none.
  std::string album;
  bool nsfw = false;
  Manners manners = Manners::well;
  /// How long its address thinks before it answers.
  std::chrono::milliseconds delay{0};
  /// When the site begins to tell of it, after it has opened.
  std::chrono::seconds after{0};

  /// The id with the sample's extension.
  std::string file_name() const;
};

/// A web site with pictures, and the name of the source that polls it.
struct Site {
  SiteKind kind;
  std::string source;
  std::string tag;
  std::vector<Album> albums;
  std::vector<Picture> pictures;

  const Album* find_album(std::string_view id) const;
};

/// The pictures of examples/samples, by their path there.
std::span<const EmbeddedFile> sample_files();

/// All sites of the demonstration, as exhibition.json describes them.
std::vector<Site> exhibition();

/// @param samples  what the description's samples name
/// @throws Failure internal  the description is wrong: which member, and why
std::vector<Site> read_exhibition(std::string_view json, std::span<const EmbeddedFile> samples);

/// How storing a picture of these manners must end; nothing if it must be stored.
std::optional<FailureKind> expected_failure(Manners manners);

}  // namespace creel::demo
