#include "demo/verdict.h"

#include <map>

#include <fmt/format.h>

#include "demo/site_view.h"

namespace creel::demo {
namespace {

using Stored = std::function<std::optional<std::string>(const std::string& key)>;

std::string wanted(const Picture& picture) {
  const auto failure = expected_failure(picture.manners);
  return failure ? fmt::format("should fail as {}", creel::to_string(*failure)) : "should be stored";
}

/// Why an image is not what it must be; empty if it is.
std::string problem_of(const Picture& picture, const SeenImage& image, const Stored& stored) {
  const auto failure = expected_failure(picture.manners);
  if (image.state == "failed") {
    if (failure && image.failure_kind == creel::to_string(*failure)) return {};
    return fmt::format("{}, but failed as {}: {}", wanted(picture), image.failure_kind, image.failure_message);
  }
  if (failure || image.state != "stored") return fmt::format("{}, but is {}", wanted(picture), image.state);
  const auto bytes = stored(image.key);
  if (!bytes) return fmt::format("is said to be stored, but {} is not there", image.key);
  if (*bytes != picture.sample.bytes)
    return fmt::format("{} is not the same as the sample {}", image.key, picture.sample.name);
  return {};
}

/// Judges the pictures of one site. Images that belong to one are taken out of `images`.
class SiteJudge {
 public:
  SiteJudge(const OpenSite& open, std::multimap<std::string, SeenImage>& images, const Stored& stored, Verdict& verdict)
      : open_(open),
        view_{.site = *open.site, .base = open.base},
        images_(images),
        stored_(stored),
        verdict_(verdict),
        result_{.source = open.site->source, .kind = open.site->kind} {}

  void judge() {
    for (const auto& picture : open_.site->pictures) judge(picture);
    verdict_.sources.push_back(result_);
  }

 private:
  void judge(const Picture& picture) {
    const auto url = view_.url_of(picture);
    const auto [first, last] = images_.equal_range(url);
    const auto count = std::distance(first, last);
    if (count == 0) verdict_.problems.push_back(fmt::format("{}: {}, but was not found", url, wanted(picture)));
    if (count > 1) verdict_.problems.push_back(fmt::format("{}: is there {} times", url, count));
    for (auto image = first; image != last; ++image) count_image(picture, image->second);
    images_.erase(first, last);
  }

  void count_image(const Picture& picture, const SeenImage& image) {
    ++result_.found;
    if (image.state == "stored") ++result_.stored;
    auto problem = problem_of(picture, image, stored_);
    if (image.source != open_.site->source) {
      problem = fmt::format("should come from '{}', but is of '{}'", open_.site->source, image.source);
    }
    if (image.state == "failed") {
      ++result_.failed;
      verdict_.failures.push_back({.source = image.source,
                                   .url = image.url,
                                   .title = picture.title.empty() ? picture.id : picture.title,
                                   .kind = image.failure_kind,
                                   .message = image.failure_message,
                                   .is_expected = problem.empty()});
    }
    if (!problem.empty()) verdict_.problems.push_back(fmt::format("{}: {}", image.url, problem));
  }

  const OpenSite& open_;
  const SiteView view_;
  std::multimap<std::string, SeenImage>& images_;
  const Stored& stored_;
  Verdict& verdict_;
  SourceResult result_;
};

}  // namespace

Verdict judge(std::span<const OpenSite> sites, std::span<const SeenImage> images, const Stored& stored) {
  std::multimap<std::string, SeenImage> by_url;
  for (const auto& image : images) by_url.emplace(image.url, image);
  Verdict verdict;
  for (const auto& open : sites) SiteJudge(open, by_url, stored, verdict).judge();
  for (const auto& [url, image] : by_url) {
    verdict.problems.push_back(fmt::format("{}: is no picture of the demonstration", url));
  }
  return verdict;
}

}  // namespace creel::demo
