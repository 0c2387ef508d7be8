#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "image/image_probe.h"
#include "net/http_headers.h"
#include "net/url.h"
#include "store/object_key.h"
#include "store/object_store.h"

namespace creel {

enum class IfExists : std::uint8_t { overwrite, skip };
enum class OptOuts : std::uint8_t { obey, ignore };

/// The order to fetch one URL and put it in one place.
struct StoreRequest {
  Url image_url;
  HttpHeaders fetch_headers;
  KeyParts key;
  std::vector<std::pair<std::string, std::string>> image_meta;
  IfExists if_exists = IfExists::overwrite;
  OptOuts opt_outs = OptOuts::obey;
  std::uint64_t max_bytes = 64 * 1024 * 1024;
  /// Content types, as "image/*" or "image/png"; an image of another type is `not_an_image`.
  std::vector<std::string> accept_types{"image/*"};
  /// For the fetch, redirects and waiting for memory included.
  std::chrono::milliseconds timeout{60'000};
  /// The object may be there already, stored just before a crash.
  bool may_be_stored = false;
};

/// An image that is in the store.
struct StoredImage {
  ObjectKey key;
  PutResult put;
  std::uint64_t size_bytes = 0;
  ImageInfo info;
  std::string sha256;
  std::string final_url;
  /// As the origin gave them; empty if it gave none, or one that is too long to keep.
  std::string origin_etag;
  std::string origin_last_modified;
  /// How long it took to get the bytes, and to put them; of a large image, which flows, all is counted as fetching.
  std::chrono::milliseconds fetch_time{};
  std::chrono::milliseconds store_time{};
};

using StoreOutcome = std::variant<StoredImage, Failure>;

}  // namespace creel
