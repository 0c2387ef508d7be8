#pragma once

#include <chrono>
#include <string>

#include "catalog/image_library.h"

namespace creel::testing {

inline constexpr SystemTime kTestTime{std::chrono::milliseconds(1'795'551'255'123)};

/// A stored image of which everything is known.
inline ImageDetails whole_image() {
  return {.id = ImageRow{7},
          .source = SourceId{3},
          .source_name = "Lighthouses",
          .image_id = "abc",
          .image_url = "https://a.example/abc.png",
          .final_url = "https://b.example/abc.png",
          .page_url = "https://a.example/page",
          .title = "A \"tall\" one",
          .description = "Line\nline",
          .attribution_id = "u1",
          .attribution_name = "Zoë",
          .attribution_url = "https://a.example/zoe",
          .nsfw = false,
          .state = ImageState::stored,
          .attempts = 1,
          .key = "Lighthouses/abc.png",
          .store_url = "/data/images/Lighthouses/abc.png",
          .size_bytes = 48213,
          .type = "image/png",
          .width = 800,
          .height = 600,
          .sha256 = "00ff",
          .etag = "e1",
          .origin_etag = "\"o\"",
          .origin_last_modified = "Tue, 24 Nov 2026 20:00:00 GMT",
          .folder_name = "Lighthouses",
          .file_name = "abc",
          .meta = R"({"camera":"X"})",
          .published_at = kTestTime,
          .found_at = kTestTime,
          .stored_at = kTestTime,
          .updated_at = kTestTime};
}

/// An image of which next to nothing is known, and that failed.
inline ImageDetails bare_image() {
  return {.id = ImageRow{8},
          .source = SourceId{3},
          .source_name = "Lighthouses",
          .image_id = "x",
          .image_url = "https://a.example/x",
          .state = ImageState::failed,
          .failure = FailureFacts{.kind = FailureKind::not_found, .message = "status 404"},
          .found_at = kTestTime,
          .updated_at = kTestTime};
}

}  // namespace creel::testing
