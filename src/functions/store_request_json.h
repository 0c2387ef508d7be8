#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/failure.h"
#include "functions/store_request.h"

namespace creel {

/// A store request and the place that it is for: the event of the function `fetch-store-image`.
///
///     {"image-url": "https://a.example/cat.png",          http or https
///      "image-fetch-headers": {"Referer": "..."},         optional
///      "bucket-name": "pictures",
///      "folder-name": "cats", "file-name": "Tom.png",     optional: see store/object_key.h
///      "image-meta": {"title": "..."},                    optional: kept beside the object, in this order
///      "key-mode": "named" | "content",                   optional, as all that follow
///      "if-exists": "overwrite" | "skip",
///      "max-bytes": 67108864,
///      "accept-types": ["image/*"],
///      "timeout-ms": 60000,                               for the fetch
///      "ignore-opt-out": false,                           true: X-Robots-Tag is not looked at
///      "key-prefix": "2026",                              goes before the key as it is, with "/" between
///      "may-be-stored": false}                            true: looks whether it is there before it puts
///
/// Other keys are ignored, and null is as good as absent. Values of "image-meta" that are no text are kept as JSON.
/// Where bytes are no UTF-8, {"base64": "..."} stands for a text, and a list of [name, value] for an object.
struct StoreEvent {
  std::string bucket;
  std::string key_prefix;
  StoreRequest request;
};

/// How many requests one batch may have, and how many of them may be under way at a time.
inline constexpr std::size_t kMaxBatchRequests = 4'000;
inline constexpr std::size_t kMaxBatchConcurrency = 256;
inline constexpr std::size_t kDefaultBatchConcurrency = 32;
/// Names, headers and metadata of one request together; its URL may have 8,000 bytes besides.
inline constexpr std::size_t kMaxRequestTextBytes = 256 * 1024;

/// @throws Failure bad_request | bad_url  naming the key that is missing or wrong
StoreEvent store_event(const boost::json::value& json);

/// What `store_event` reads; what is as by default is left out.
boost::json::object to_json(const StoreEvent& event);

/// {"requests": [...], "concurrency": 32}
struct StoreBatch {
  /// In order; a failure stands for a request that is wrong, and says which one it is.
  std::vector<std::variant<StoreEvent, Failure>> requests;
  std::size_t concurrency = kDefaultBatchConcurrency;
};

/// True for an event that is a batch, right or wrong.
bool is_batch(const boost::json::value& json);

/// @throws Failure bad_request  the batch itself is wrong
StoreBatch store_batch(const boost::json::value& json);

}  // namespace creel
