#include "api/content_api.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/byte_range.h"
#include "api/image_json.h"
#include "api/problem.h"
#include "base/text.h"
#include "catalog/catalog_service.h"

namespace creel {
namespace {

/// How long a URL of the store is good; it is asked for again when the image is.
constexpr std::chrono::minutes kUrlLifetime{10};
constexpr std::size_t kPieceBytes = 256UL * 1024;
constexpr std::size_t kMaxFileNameBytes = 150;
constexpr std::string_view kUnknownType = "application/octet-stream";

/// The last segment of the key: the name under which the object was stored, with the extension that its bytes call for.
std::string file_name_of(const ImageDetails& image) {
  const std::string& path = image.key ? *image.key : image.file_name;
  const auto slash = path.rfind('/');
  return std::string(
      utf8_prefix(to_utf8(slash == std::string::npos ? path : path.substr(slash + 1)), kMaxFileNameBytes));
}

/// Characters that end a quoted string, or mean something to a file system, become "_".
std::string ascii_name(std::string_view name) {
  std::string ascii;
  for (const char c : name) {
    const bool is_plain = c >= 0x20 && c < 0x7F && std::string_view("\"\\/%:*?<>|").find(c) == std::string_view::npos;
    ascii += is_plain ? c : '_';
  }
  return ascii.empty() ? "image" : ascii;
}

/// A type that can stand in a header; whatever else the catalog has is no type that a browser needs to know.
std::string content_type_of(const ImageDetails& image) {
  const auto type = image.type.value_or("");
  const auto is_token = [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != '<' && c != '>'; };
  const bool is_type = type.starts_with("image/") && std::ranges::all_of(type, is_token);
  return is_type ? type : std::string(kUnknownType);
}

std::string etag_of(const ImageDetails& image) {
  return image.sha256 ? fmt::format("\"{}\"", ascii_name(*image.sha256)) : "";
}

/// For every answer about the bytes. What strangers made must not act as a page of ours: it is sandboxed, may load
/// nothing, is taken for what we say it is, and other sites cannot include it.
HttpHeaders safe_headers(const ImageDetails& image) {
  HttpHeaders headers{{"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", "default-src 'none'; sandbox"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"Cache-Control", "private, no-cache"}};
  if (auto etag = etag_of(image); !etag.empty()) headers.add("ETag", std::move(etag));
  return headers;
}

/// Sends a part of an object, piece by piece: of a large one, or to a slow client, no more than a piece is in memory.
Task<void> send_bytes(std::shared_ptr<ObjectReader> reader, ByteRange range, HttpBodyWriter* writer) {
  auto at = range.first;
  while (at <= range.last) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, range.last - at + 1));
    const auto piece = co_await reader->read(at, wanted);
    if (piece.empty()) throw Failure(FailureKind::store_error, "the object has become shorter");
    co_await writer->write(piece);
    at += piece.size();
  }
}

HttpReply read_reply(const HttpCall& call, const ImageDetails& image, std::unique_ptr<ObjectReader> reader) {
  const auto size = reader->size_bytes();
  HttpReply reply{.headers = safe_headers(image)};
  reply.headers.add("Content-Type", content_type_of(image));
  reply.headers.add("Content-Disposition", content_disposition(image));
  reply.headers.add("Accept-Ranges", "bytes");
  // A part of what the client has seen of another object is of no use to it.
  const auto condition = call.header("If-Range");
  const bool is_same = condition.empty() || condition == etag_of(image);
  const auto decision = is_same && call.method() == "GET" ? decide_range(call.header("Range"), size) : RangeDecision{};
  if (decision.answer == RangeAnswer::not_satisfiable) {
    throw Problem(ProblemKind::range_not_satisfiable, fmt::format("the image has {} bytes", size))
        .with("Content-Range", fmt::format("bytes */{}", size));
  }
  auto range = decision.range;
  if (decision.answer == RangeAnswer::part) {
    reply.status = 206;
    reply.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.last, size));
  } else if (size > 0) {
    range = {.first = 0, .last = size - 1};
  } else {
    return reply;
  }
  reply.stream_bytes = range.size();
  reply.stream = [shared = std::shared_ptr<ObjectReader>(std::move(reader)), range](HttpBodyWriter& writer) {
    return send_bytes(shared, range, &writer);
  };
  return reply;
}

HttpReply redirect_reply(const ImageDetails& image, std::string url) {
  HttpReply reply{.status = 302, .headers = safe_headers(image)};
  reply.headers.remove("ETag");
  // The URL is a key to the object: no cache keeps it longer than it is good.
  reply.headers.set("Cache-Control", "private, no-store");
  reply.headers.add("Location", std::move(url));
  return reply;
}

Problem gone(std::int64_t id) {
  return {ProblemKind::not_found, fmt::format("the object of image {} is no longer in the store", id)};
}

}  // namespace

std::string content_disposition(const ImageDetails& image) {
  const auto name = file_name_of(image);
  return fmt::format("inline; filename=\"{}\"; filename*=UTF-8''{}", ascii_name(name), percent_encode(name));
}

Task<HttpReply> ContentApi::content(ApiCall call) {
  const auto id = call.path_number();
  const auto image =
      co_await parts_.catalog.read([id](Repositories& catalog) { return catalog.library.find(ImageRow{id}); });
  if (!image) throw Problem(ProblemKind::not_found, fmt::format("there is no image {}", id));
  if (image->state != ImageState::stored || !image->key) {
    throw Problem(ProblemKind::not_found,
                  fmt::format("image {} is {}, so that it has no content", id, to_string(image->state)));
  }
  const auto etag = etag_of(*image);
  const auto known = call.http().header("If-None-Match");
  if (!etag.empty() && !known.empty() && matches_etag(known, etag)) {
    co_return HttpReply{.status = 304, .headers = safe_headers(*image)};
  }
  auto access = co_await parts_.content.open(ObjectKey{*image->key}, kUrlLifetime);
  if (!access) throw gone(id);
  if (!access->url.empty()) co_return redirect_reply(*image, std::move(access->url));
  co_return read_reply(call.http(), *image, std::move(access->reader));
}

void ContentApi::add_routes(Router& router) {
  router.add(
      {.method = "GET",
       .path = "/images/{id}/content",
       .name = "get_image_content",
       .tag = "images",
       .summary = "The bytes of a stored image",
       .help = "One range may be asked for; several are answered with the whole. Of an image in a bucket, the answer "
               "leads to the bucket for some minutes.",
       .answers = {{.help = "the image",
                    .schema = R"({"type":"string","format":"binary"})",
                    .media_type = "image/*",
                    .headers = {{"ETag", "the SHA-256 of the bytes"}}},
                   {.status = 206,
                    .help = "a part of the image",
                    .schema = R"({"type":"string","format":"binary"})",
                    .media_type = "image/*",
                    .headers = {{"Content-Range", "which bytes"}}},
                   {.status = 302, .help = "where the image is", .headers = {{"Location", "a URL of the bucket"}}},
                   {.status = 304, .help = "the client has it"}},
       .problems = {404, 416, 502, 503},
       .handler = [this](ApiCall call) { return content(std::move(call)); }});
}

}  // namespace creel
