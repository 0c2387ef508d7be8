#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "demo/exhibition.h"

namespace creel::demo {

/// What became of one image, as the backend tells it.
struct SeenImage {
  /// The name of its source.
  std::string source;
  std::string url;
  /// "stored", "failed" or another.
  std::string state;
  std::string failure_kind;
  std::string failure_message;
  /// Of the object, if it is stored.
  std::string key;
};

/// Where the site of a source is.
struct OpenSite {
  const Site* site;
  std::string base;
};

/// A picture that failed, as it was meant to or not.
struct FailedPicture {
  std::string source;
  std::string url;
  std::string title;
  std::string kind;
  std::string message;
  bool is_expected = false;
};

struct SourceResult {
  std::string source;
  SiteKind kind = SiteKind::imgur;
  std::size_t found = 0;
  std::size_t stored = 0;
  std::size_t failed = 0;
};

/// What came of an exhibition.
struct Verdict {
  std::vector<SourceResult> sources;
  std::vector<FailedPicture> failures;
  /// What is not as it must be, a line each, for people.
  std::vector<std::string> problems;

  bool is_right() const { return problems.empty(); }
};

/// Compares what became of the pictures with what must: each is found once, and stored byte for byte, or has failed for
/// the reason that its manners are.
/// @param stored  the bytes of an object; nothing if it is not there
Verdict judge(std::span<const OpenSite> sites, std::span<const SeenImage> images,
              const std::function<std::optional<std::string>(const std::string& key)>& stored);

}  // namespace creel::demo
