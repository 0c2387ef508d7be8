#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "catalog/image_repository.h"

namespace creel {

enum class ImageStatus : std::uint8_t { stored, already, failed };

std::string_view to_string(ImageStatus status);

/// The end of one image's way in one run: one line of the report.
struct ImageReport {
  ImageRow row{};
  SourceId source{};
  std::string url;
  ImageStatus status = ImageStatus::failed;
  /// Set unless it failed.
  std::optional<StoredFacts> stored;
  /// Set if it failed.
  std::optional<FailureFacts> failure;
  /// Tries in all, those of earlier runs included.
  int attempts = 0;
  /// From when it was found until its first try began; nothing after the first.
  std::optional<std::chrono::duration<double>> queue_time{};
  /// The last try's time; zero if there was none in this run.
  std::chrono::duration<double> took{0};
  /// Parts of it, for an image that is stored: getting the bytes, and putting them. For one that flows through, all of
  /// it is in the first.
  std::optional<std::chrono::duration<double>> fetch_time{};
  std::optional<std::chrono::duration<double>> store_time{};
  /// From its end until it was written down.
  std::chrono::duration<double> record_time{0};
};

/// Hears of every image once. Called on the ingest loop.
class ReportListener {
 public:
  virtual ~ReportListener() = default;
  virtual void on_image(const ImageReport& report) = 0;
};

}  // namespace creel
