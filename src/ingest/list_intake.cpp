#include "ingest/list_intake.h"

#include <chrono>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"

namespace creel {
namespace {

constexpr std::size_t kLinesAtOnce = 500;
constexpr std::size_t kBytesAtOnce = std::size_t{1024} * 1024;
/// A list that somebody is still writing gives its first images now, and not when there are hundreds.
constexpr std::chrono::milliseconds kLongestWait{100};
/// 128 bits of the hash of what makes the image this one.
constexpr std::size_t kIdentityDigits = 32;

FoundImage found_image(const ListedImage& listed, const JobOptions& job) {
  const auto url = Url::parse(listed.url);
  const auto& folder = listed.folder.empty() ? job.folder : listed.folder;
  check_folder(folder);
  for (const auto& [name, value] : listed.headers) check_user_header(name, value);
  for (const auto& [name, value] : listed.meta) {
    if (!is_header_safe(name) || !is_header_safe(value)) {
      throw Failure(FailureKind::bad_request, fmt::format("the metadata '{}' contains CR, LF or NUL", name));
    }
  }
  const auto identity = fmt::format("{}\n{}\n{}\n{}", url.str(), folder, listed.file_name,
                                    job.key_mode == KeyMode::content ? "content" : "named");
  return {.image_id = to_hex(sha256(identity)).substr(0, kIdentityDigits),
          .url = url.str(),
          .host = url.authority(),
          .folder = folder,
          .file_name = listed.file_name,
          .fetch_headers = to_json_text(listed.headers),
          .meta = to_json_text(listed.meta)};
}

/// The text of a line, about.
std::size_t size_of(const ListItem& item) {
  const auto* listed = std::get_if<ListedImage>(&item);
  if (listed == nullptr) return 0;
  std::size_t bytes = listed->url.size();
  for (const auto& [name, value] : listed->headers) bytes += name.size() + value.size();
  for (const auto& [name, value] : listed->meta) bytes += name.size() + value.size();
  return bytes;
}

void add_item(ListItem& item, const JobOptions& job, ListBatch& batch) {
  if (auto* bad = std::get_if<BadLine>(&item)) {
    batch.refused.emplace_back("", std::move(*bad));
    return;
  }
  const auto& listed = std::get<ListedImage>(item);
  try {
    batch.found.push_back(found_image(listed, job));
  } catch (const Failure& failure) {
    batch.refused.emplace_back(listed.url, BadLine{listed.position, failure.kind(), failure.what()});
  }
}

}  // namespace

ListBatch read_batch(ImageList& list, const JobOptions& job) {
  ListBatch batch;
  const auto give_what_there_is = std::chrono::steady_clock::now() + kLongestWait;
  std::size_t bytes = 0;
  for (std::size_t lines = 0; lines < kLinesAtOnce; ++lines) {
    std::optional<ListItem> item;
    try {
      item = list.next();
    } catch (const Failure& failure) {
      batch.broken = failure;
    }
    if (!item) {
      batch.at_end = true;
      break;
    }
    bytes += size_of(*item);
    add_item(*item, job, batch);
    if (bytes >= kBytesAtOnce || std::chrono::steady_clock::now() >= give_what_there_is) break;
  }
  return batch;
}

IntakeResult intake_result(const ListBatch& batch, std::span<const Sighting> sightings) {
  IntakeResult result;
  for (const auto& [url, bad] : batch.refused) {
    FailureFacts facts{bad.kind, fmt::format("{}: {}", bad.position, bad.message)};
    result.reports.push_back({.url = url, .status = ImageStatus::failed, .failure = std::move(facts)});
  }
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    const auto& sighting = sightings[i];
    ImageReport report{.url = batch.found[i].url, .attempts = sighting.attempts};
    switch (sighting.what) {
      case Sighting::What::pending: ++result.waiting; break;
      case Sighting::What::deleted:
      case Sighting::What::repeated: ++result.repeated; break;
      case Sighting::What::stored:
        report.status = ImageStatus::already;
        report.stored = sighting.stored;
        result.reports.push_back(std::move(report));
        break;
      case Sighting::What::failed:
        ++result.failed_before;
        report.status = ImageStatus::failed;
        report.failure = sighting.failure;
        result.reports.push_back(std::move(report));
        break;
    }
  }
  return result;
}

}  // namespace creel
