#include "api/api_schemas.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "api/image_json.h"
#include "api/image_query.h"
#include "api/router.h"

namespace creel {
namespace {

std::string enumeration(const std::vector<std::string>& names) {
  return fmt::format(R"({{"type":"string","enum":["{}"]}})", fmt::join(names, R"(",")"));
}

constexpr std::string_view kImage = R"({
  "type": "object", "additionalProperties": false,
  "description": "An image with all that is known of it; what is not known is null.",
  "required": ["id", "source_id", "source", "image_id", "image_url", "final_url", "page_url", "title", "description",
    "attribution_id", "attribution_name", "attribution_url", "nsfw", "state", "failure_kind", "failure_message",
    "attempts", "next_attempt_at", "key", "store_url", "size_bytes", "type", "width", "height", "sha256", "etag",
    "origin_etag", "origin_last_modified", "folder_name", "file_name", "meta", "published_at", "found_at", "stored_at",
    "updated_at"],
  "properties": {
    "id": {"type": "integer"},
    "source_id": {"type": "integer"},
    "source": {"type": "string", "description": "the source's name"},
    "image_id": {"type": "string", "description": "the source's own name of the image"},
    "image_url": {"type": "string"},
    "final_url": {"type": ["string", "null"], "description": "where the image was, behind redirects"},
    "page_url": {"type": ["string", "null"], "description": "the page that shows the image"},
    "title": {"type": ["string", "null"]},
    "description": {"type": ["string", "null"]},
    "attribution_id": {"type": ["string", "null"]},
    "attribution_name": {"type": ["string", "null"]},
    "attribution_url": {"type": ["string", "null"]},
    "nsfw": {"type": ["boolean", "null"]},
    "state": {"$ref": "#/components/schemas/ImageState"},
    "failure_kind": {"oneOf": [{"$ref": "#/components/schemas/FailureKind"}, {"type": "null"}]},
    "failure_message": {"type": ["string", "null"]},
    "attempts": {"type": "integer", "description": "tries that have come to an end, the one that stored it among them"},
    "next_attempt_at": {"type": ["string", "null"], "format": "date-time"},
    "key": {"type": ["string", "null"], "description": "the object's name in the store; null once the image is deleted, as are store_url, sha256 and etag"},
    "store_url": {"type": ["string", "null"], "description": "where the object is"},
    "size_bytes": {"type": ["integer", "null"]},
    "type": {"type": ["string", "null"], "description": "content type"},
    "width": {"type": ["integer", "null"]},
    "height": {"type": ["integer", "null"]},
    "sha256": {"type": ["string", "null"]},
    "etag": {"type": ["string", "null"], "description": "the store's"},
    "origin_etag": {"type": ["string", "null"]},
    "origin_last_modified": {"type": ["string", "null"]},
    "folder_name": {"type": "string"},
    "file_name": {"type": "string"},
    "meta": {"type": "object", "additionalProperties": {"type": "string"}},
    "published_at": {"type": ["string", "null"], "format": "date-time"},
    "found_at": {"type": "string", "format": "date-time"},
    "stored_at": {"type": ["string", "null"], "format": "date-time"},
    "updated_at": {"type": "string", "format": "date-time"}
  }
})";

constexpr std::string_view kImagePage = R"({
  "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
  "properties": {
    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Image"}},
    "next_cursor": {"type": ["string", "null"], "description": "for the parameter `cursor`; null after the last page"}
  }
})";

/// What may be told of an image that is added.
constexpr std::string_view kRecordProperties = R"(
    "image_url": {"type": "string", "minLength": 1, "maxLength": 8000},
    "image_id": {"type": ["string", "null"], "maxLength": 1000, "description": "identity within the source; a hash of the URL if it is not given"},
    "title": {"type": ["string", "null"]},
    "description": {"type": ["string", "null"]},
    "attribution_id": {"type": ["string", "null"], "maxLength": 1000},
    "attribution_name": {"type": ["string", "null"], "maxLength": 1000},
    "attribution_url": {"type": ["string", "null"], "maxLength": 8000},
    "page_url": {"type": ["string", "null"], "maxLength": 8000},
    "type": {"type": ["string", "null"], "maxLength": 1000},
    "width": {"type": ["integer", "null"], "minimum": 1, "maximum": 2147483647},
    "height": {"type": ["integer", "null"], "minimum": 1, "maximum": 2147483647},
    "nsfw": {"type": ["boolean", "null"]},
    "published_at": {"type": ["string", "null"], "format": "date-time"},
    "folder_name": {"type": ["string", "null"], "maxLength": 1000, "description": "the object's folder; the source's name if it is not given"},
    "file_name": {"type": ["string", "null"], "maxLength": 1000, "description": "the object's name; the image's id if it is not given"},
    "meta": {"type": ["object", "null"], "maxProperties": 100, "additionalProperties": {"type": ["string", "null"]}})";

constexpr std::string_view kFetchHeaders = R"(,
    "fetch_headers": {"type": ["object", "null"], "maxProperties": 100, "additionalProperties": {"type": ["string", "null"]},
      "description": "sent when the image is fetched; never shown again"})";

constexpr std::string_view kIntoSource = R"(,
    "source": {"type": ["integer", "null"], "minimum": 1, "maximum": 9223372036854775807,
      "description": "the number of a source of type direct; else the one named direct"})";

std::string new_image() {
  return fmt::format(
      R"({{"type": "object", "additionalProperties": false, "required": ["image_url"], "properties": {{{}{}{}}}}})",
      kRecordProperties, kFetchHeaders, kIntoSource);
}

/// What a poll would add.
std::string record() {
  return fmt::format(
      R"({{"type": "object", "additionalProperties": false, "required": ["image_url"], "properties": {{{}}}}})",
      kRecordProperties);
}

constexpr std::string_view kNewImages = R"({
  "type": "object", "additionalProperties": false, "required": ["images"],
  "properties": {"images": {"type": "array", "minItems": 1, "maxItems": 1000,
    "items": {"$ref": "#/components/schemas/NewImage"}}}
})";

constexpr std::string_view kAddedImages = R"({
  "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
  "properties": {
    "items": {"type": "array", "items": {
      "type": "object", "additionalProperties": false, "required": ["image_url", "id", "state", "added", "error"],
      "properties": {
        "image_url": {"type": "string"},
        "id": {"type": ["integer", "null"]},
        "state": {"oneOf": [{"$ref": "#/components/schemas/ImageState"}, {"type": "null"}]},
        "added": {"type": "boolean", "description": "false for an image that was known, and for one that was refused"},
        "error": {"oneOf": [{"$ref": "#/components/schemas/Failure"}, {"type": "null"}]}
      }}},
    "next_cursor": {"type": "null"}
  }
})";

constexpr std::string_view kFailure = R"({
  "type": "object", "additionalProperties": false, "required": ["kind", "message"],
  "properties": {"kind": {"$ref": "#/components/schemas/FailureKind"}, "message": {"type": "string"}}
})";

constexpr std::string_view kStateCounts = R"({
  "type": "object", "additionalProperties": false, "required": ["pending", "storing", "stored", "failed", "deleted"],
  "properties": {"pending": {"type": "integer"}, "storing": {"type": "integer"}, "stored": {"type": "integer"},
    "failed": {"type": "integer"}, "deleted": {"type": "integer"}}
})";

constexpr std::string_view kSource = R"({
  "type": "object", "additionalProperties": false,
  "required": ["id", "name", "type", "url", "interval", "rate_limit", "state", "blocked_until", "reason", "last_poll",
    "next_poll", "counts", "settings"],
  "properties": {
    "id": {"type": "integer"},
    "name": {"type": "string"},
    "type": {"type": "string"},
    "url": {"type": ["string", "null"]},
    "interval": {"type": "integer", "description": "seconds"},
    "rate_limit": {"type": ["number", "null"], "description": "requests a minute"},
    "state": {"type": "string", "enum": ["stopped", "idle", "fetching", "blocked", "stopping"]},
    "blocked_until": {"type": ["string", "null"], "format": "date-time"},
    "reason": {"type": ["string", "null"], "description": "why it is blocked or was stopped"},
    "last_poll": {"type": ["string", "null"], "format": "date-time"},
    "next_poll": {"type": ["string", "null"], "format": "date-time"},
    "counts": {"$ref": "#/components/schemas/StateCounts"},
    "settings": {"type": "object", "description": "secrets are shown as \"***\", or null if they are not set"}
  }
})";

constexpr std::string_view kSourcePage = R"({
  "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
  "properties": {
    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Source"}},
    "next_cursor": {"type": ["string", "null"]}
  }
})";

constexpr std::string_view kSourceFields = R"(
    "name": {"type": "string", "minLength": 1, "maxLength": 100},
    "type": {"type": "string", "minLength": 1, "maxLength": 100, "description": "one of /sources/types"},
    "url": {"type": ["string", "null"], "maxLength": 8000},
    "interval": {"oneOf": [{"type": "integer", "minimum": 1, "maximum": 31622400}, {"type": "string"}, {"type": "null"}],
      "description": "seconds, or \"90s\", \"15m\", \"1h\", \"2d\"; at least the server's shortest interval is kept"},
    "rate_limit": {"type": ["number", "null"], "minimum": 0.001, "maximum": 1000000,
      "description": "requests a minute that polls may make"},
    "settings": {"type": ["object", "null"], "description": "see /sources/types; secrets are never shown again"})";

std::string new_source() {
  return fmt::format(R"({{"type": "object", "additionalProperties": false, "required": ["name", "type"],
    "properties": {{{},
    "start": {{"type": ["boolean", "null"], "description": "true: it is polled at once, and from then on"}}}}}})",
                     kSourceFields);
}

/// For a test the name does not matter.
std::string tested_source() {
  return fmt::format(R"({{"type": "object", "additionalProperties": false, "required": ["type"],
    "properties": {{{},
    "start": {{"type": ["boolean", "null"], "description": "of no meaning here"}}}}}})",
                     kSourceFields);
}

std::string changed_source() {
  return fmt::format(R"({{"type": "object", "additionalProperties": false, "properties": {{{}}}}})", kSourceFields);
}

constexpr std::string_view kSourceTypes = R"({
  "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
  "properties": {
    "items": {"type": "array", "items": {
      "type": "object", "additionalProperties": false, "required": ["name", "label", "help", "url", "example_url", "interval", "rate_limit", "settings", "preset", "polled"],
      "properties": {
        "interval": {"type": "integer", "description": "seconds between polls, unless a source says otherwise"},
        "rate_limit": {"type": ["number", "null"], "description": "requests a minute, unless a source says otherwise"},
        "name": {"type": "string"},
        "label": {"type": "string", "description": "the name as a form shows it"},
        "help": {"type": "string"},
        "url": {"type": "string", "enum": ["needed", "optional", "none"]},
        "example_url": {"type": ["string", "null"], "description": "how such a URL looks"},
        "preset": {"type": "boolean", "description": "a kind that comes from a file of presets"},
        "polled": {"type": "boolean", "description": "false: its images are added by hand"},
        "settings": {"type": "array", "items": {
          "type": "object", "additionalProperties": false,
          "required": ["name", "label", "type", "required", "default", "help", "choices", "min", "max"],
          "properties": {
            "name": {"type": "string"},
            "label": {"type": "string", "description": "the name as a form shows it"},
            "type": {"type": "string", "enum": ["text", "secret", "url", "integer", "number", "boolean", "one_of", "headers", "text_list"]},
            "required": {"type": "boolean"},
            "default": {},
            "help": {"type": "string"},
            "choices": {"type": "array", "items": {"type": "string"}},
            "min": {"type": ["number", "null"]},
            "max": {"type": ["number", "null"]}
          }}}
      }}},
    "next_cursor": {"type": "null"}
  }
})";

constexpr std::string_view kPolls = R"({
  "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
  "properties": {
    "items": {"type": "array", "items": {
      "type": "object", "additionalProperties": false, "required": ["id", "started_at", "ended_at", "found", "new", "failure"],
      "properties": {
        "id": {"type": "integer"},
        "started_at": {"type": "string", "format": "date-time"},
        "ended_at": {"type": ["string", "null"], "format": "date-time"},
        "found": {"type": "integer"},
        "new": {"type": "integer"},
        "failure": {"oneOf": [{"$ref": "#/components/schemas/Failure"}, {"type": "null"}]}
      }}},
    "next_cursor": {"type": "null"}
  }
})";

constexpr std::string_view kSourceTest = R"({
  "type": "object", "additionalProperties": false, 
  "required": ["records", "has_more", "unusable", "unusable_reason", "shape", "failure"],
  "properties": {
    "records": {"type": "array", "items": {"$ref": "#/components/schemas/ImageRecord"}},
    "has_more": {"type": "boolean", "description": "there would be more records"},
    "unusable": {"type": "integer", "description": "records that a poll would leave out"},
    "unusable_reason": {"type": ["string", "null"], "description": "why the first of them would be left out"},
    "shape": {"type": ["string", "null"], "description": "a sample of the first answer, if it yielded no records"},
    "failure": {"oneOf": [{"$ref": "#/components/schemas/Failure"}, {"type": "null"}]}
  }
})";

constexpr std::string_view kHourCounts = R"({
  "type": "array", "description": "the newest first; hours in which nothing happened are left out", "items": {
    "type": "object", "additionalProperties": false, "required": ["hour", "stored", "failed", "bytes"],
    "properties": {
      "hour": {"type": "string", "format": "date-time"},
      "stored": {"type": "integer"},
      "failed": {"type": "integer"},
      "bytes": {"type": "integer"}
    }}
})";

constexpr std::string_view kStatistics = R"({
  "type": "object", "additionalProperties": false,
  "required": ["as_of", "images", "bytes", "by_failure_kind", "by_source", "per_hour", "recent", "queue"],
  "properties": {
    "as_of": {"type": "string", "format": "date-time", "description": "when the images were counted"},
    "images": {"$ref": "#/components/schemas/StateCounts"},
    "bytes": {"type": "integer", "description": "of stored images"},
    "by_failure_kind": {"type": "object", "additionalProperties": {"type": "integer"}},
    "by_source": {"type": "array", "items": {
      "type": "object", "additionalProperties": false, "required": ["source_id", "source", "counts", "bytes"],
      "properties": {
        "source_id": {"type": "integer"},
        "source": {"type": ["string", "null"], "description": "null for a source that was deleted"},
        "counts": {"$ref": "#/components/schemas/StateCounts"},
        "bytes": {"type": "integer"},
        "per_hour": {"$ref": "#/components/schemas/HourCounts", "description": "with per_source=true"}
      }}},
    "per_hour": {"$ref": "#/components/schemas/HourCounts"},
    "recent": {
      "type": "array", "description": "the last five minutes in steps of five seconds, the oldest first; of this backend alone",
      "items": {
        "type": "object", "additionalProperties": false, "required": ["at", "stored", "failed", "bytes"],
        "properties": {
          "at": {"type": "string", "format": "date-time"},
          "stored": {"type": "integer"},
          "failed": {"type": "integer"},
          "bytes": {"type": "integer"}
        }}},
    "queue": {
      "type": "object", "additionalProperties": false, "required": ["waiting", "oldest_found_at"],
      "properties": {"waiting": {"type": "integer"}, "oldest_found_at": {"type": ["string", "null"], "format": "date-time"}}
    }
  }
})";

}  // namespace

void add_schemas(Router& router) {
  router.add_schema("ImageState", enumeration(image_state_names()));
  router.add_schema("FailureKind", enumeration(failure_kind_names()));
  router.add_schema("Failure", std::string(kFailure));
  router.add_schema("Image", std::string(kImage));
  router.add_schema("ImagePage", std::string(kImagePage));
  router.add_schema("ImageRecord", record());
  router.add_schema("NewImage", new_image());
  router.add_schema("NewImages", std::string(kNewImages));
  router.add_schema("AddedImages", std::string(kAddedImages));
  router.add_schema("StateCounts", std::string(kStateCounts));
  router.add_schema("Source", std::string(kSource));
  router.add_schema("SourcePage", std::string(kSourcePage));
  router.add_schema("NewSource", new_source());
  router.add_schema("TestedSource", tested_source());
  router.add_schema("ChangedSource", changed_source());
  router.add_schema("SourceTypes", std::string(kSourceTypes));
  router.add_schema("Polls", std::string(kPolls));
  router.add_schema("SourceTest", std::string(kSourceTest));
  router.add_schema("HourCounts", std::string(kHourCounts));
  router.add_schema("Statistics", std::string(kStatistics));
}

}  // namespace creel
