#pragma once

#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "functions/store_request.h"

namespace creel {

/// What a function answers about one piece of work:
///
///     {"ok": true, "result": {...}}
///     {"ok": false, "error": {"type": "not_found", "message": "...", "retryable": false, "retry-after": null}}
///
/// "retry-after" is in seconds. The result of a stored image is
///
///     {"bucket-name", "key", "etag", "version-id", "size", "content-type", "sha256", "width", "height", "final-url",
///      "origin-etag", "origin-last-modified", "fetch-ms", "store-ms", "already-there"}
///
/// with null where nothing is known; the four before the last may be missing. "key" is the whole key, its prefix included.
boost::json::object failure_body(const Failure& failure);
boost::json::object stored_body(std::string_view bucket, std::string_view key_prefix, const StoredImage& stored);

/// The answer about one request: {"statusCode": 200, "headers": {}, "body": {...}}, the status after the body.
boost::json::object single_answer(boost::json::object body);

/// The answer about many: {"statusCode": 200, "headers": {}, "body": {"ok": ..., "results": [body, ...]}}, in the order
/// of the requests; "ok" only if all are.
boost::json::object batch_answer(boost::json::array bodies);

/// What a body of `fetch-store-image` says. One that says something else than it should is a `function_error`.
/// @param key_prefix  as it was in the request
StoreOutcome store_outcome(const boost::json::value& body, std::string_view key_prefix);

/// Where `key` lies below a prefix.
std::string prefixed_key(std::string_view key_prefix, std::string_view key);

}  // namespace creel
