#include "aws/s3_client.h"

#include <charconv>

#include <fmt/format.h>

#include "aws/one_line.h"
#include "aws/s3_error.h"
#include "aws/xml.h"
#include "base/base64.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {
namespace {

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";
constexpr std::chrono::seconds kLongestLifetime{7 * 24 * 3600};
constexpr int kNotFound = 404;
constexpr int kPreconditionFailed = 412;

void add_header(HttpHeaders& to, std::string name, std::string value) {
  if (!is_header_safe(name) || !is_header_safe(value)) {
    throw Failure(FailureKind::bad_request, fmt::format("metadata '{}' has a line end in it", name.substr(0, 100)));
  }
  to.add(std::move(name), std::move(value));
}

HttpHeaders object_headers(const S3ObjectHeaders& headers) {
  HttpHeaders result;
  add_header(result, "Content-Type", headers.content_type.empty() ? "application/octet-stream" : headers.content_type);
  for (const auto& [name, value] : headers.metadata) {
    add_header(result, fmt::format("{}{}", kMetadataPrefix, name), value);
  }
  return result;
}

std::string header_of(const HttpAnswer& answer, std::string_view name) {
  return std::string(answer.headers.find(name).value_or(""));
}

std::string unquoted(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

S3Stored stored_of(const HttpAnswer& answer) {
  S3Stored stored{.etag = {}, .version_id = {}, .already_there = answer.status == kPreconditionFailed};
  if (stored.already_there) return stored;
  stored.etag = unquoted(header_of(answer, "ETag"));
  if (stored.etag.empty() && !answer.body.empty()) stored.etag = unquoted(xml_text(answer.body, "ETag").value_or(""));
  if (const auto version = answer.headers.find("x-amz-version-id"); version && *version != "null") {
    stored.version_id = std::string(*version);
  }
  return stored;
}

S3ObjectInfo info_of(const HttpAnswer& answer) {
  S3ObjectInfo info{.size = 0,
                    .etag = unquoted(header_of(answer, "ETag")),
                    .content_type = header_of(answer, "Content-Type"),
                    .metadata = {}};
  const auto length = header_of(answer, "Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), info.size);
  for (const auto& [name, value] : answer.headers) {
    const auto lower = ascii_lower(name);
    if (lower.starts_with(kMetadataPrefix)) info.metadata.emplace_back(lower.substr(kMetadataPrefix.size()), value);
  }
  return info;
}

void refuse_overwriting(S3Request& request, S3Overwrite overwrite) {
  if (overwrite == S3Overwrite::allowed) return;
  request.headers.add("If-None-Match", "*");
  request.answers.push_back(kPreconditionFailed);
}

/// <CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"..."</ETag></Part>...</CompleteMultipartUpload>
std::string completion_xml(const std::vector<std::string>& etags) {
  std::string xml = R"(<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1, xml_escape(etags[i]));
  }
  return xml + "</CompleteMultipartUpload>";
}

/// <Delete><Quiet>true</Quiet><Object><Key>...</Key></Object>...</Delete>
std::string deletion_xml(const std::vector<std::string>& keys) {
  std::string xml = R"(<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>)";
  for (const auto& key : keys) xml += fmt::format("<Object><Key>{}</Key></Object>", xml_escape(key));
  return xml + "</Delete>";
}

/// Why no XML, and so no call that names many, can carry `key`; nothing if it can.
std::string_view fault_of_key(std::string_view key) {
  constexpr std::size_t kMaxKeyBytes = 1024;
  if (key.empty()) return "is empty";
  if (key.size() > kMaxKeyBytes) return "has more than 1024 bytes";
  if (!is_utf8(key)) return "is not UTF-8";
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  };
  return std::ranges::any_of(key, is_control) ? "has a control character" : "";
}

/// What an <Error> of the answer says.
S3NotDeleted not_deleted(const std::string& bucket, const XmlRecord& record, int status) {
  const auto find = [&record](std::string_view name) {
    const auto found = std::ranges::find(record, name, &XmlRecord::value_type::first);
    return found == record.end() ? std::string() : found->second;
  };
  auto key = find("Key");
  const S3Error error{.status = status, .code = one_line(find("Code")), .message = one_line(find("Message"))};
  auto failure = to_failure(error, fmt::format("delete of s3://{}/{}", bucket, key));
  return {std::move(key), std::move(failure)};
}

BodyView view_of(std::string_view text) {
  return BodyView(std::as_bytes(std::span(text)));
}

[[noreturn]] void refuse_answer(std::string_view action, const S3Object& object, std::string_view missing) {
  throw Failure(FailureKind::store_error,
                fmt::format("{} of s3://{}/{}: the answer has no {}", action, object.bucket, object.key, missing));
}

}  // namespace

std::optional<std::string> S3ObjectInfo::find_metadata(std::string_view name) const {
  for (const auto& [key, value] : metadata) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Task<S3Stored> S3Client::put_object(S3Put put) {
  S3Request request{.action = "put",
                    .method = HttpMethod::put,
                    .object = put.object,
                    .headers = object_headers(put.headers),
                    .body = put.body,
                    .sha256 = put.sha256,
                    .hooks = put.hooks};
  request.headers.add("x-amz-checksum-sha256", base64_encode(put.sha256));
  refuse_overwriting(request, put.overwrite);
  co_return stored_of(co_await transport_.execute(std::move(request)));
}

Task<std::optional<S3ObjectInfo>> S3Client::head_object(S3Object object) {
  S3Request request{.action = "head", .method = HttpMethod::head, .object = object};
  // After HEAD there is no body that could tell the reason; what is really
  // wrong, the next call will say.
  request.answers = {400, 403, kNotFound};
  const auto answer = co_await transport_.execute(std::move(request));
  if (answer.status >= 300) co_return std::nullopt;
  co_return info_of(answer);
}

Task<std::optional<std::string>> S3Client::get_object(S3Object object, std::size_t max_bytes) {
  S3Request request{.action = "get", .method = HttpMethod::get, .object = object};
  request.max_answer_bytes = std::max(max_bytes, request.max_answer_bytes);
  request.answers = {kNotFound};
  auto answer = co_await transport_.execute(std::move(request));
  if (answer.status == kNotFound) co_return std::nullopt;
  if (answer.body.size() > max_bytes) {
    throw Failure(FailureKind::too_large, fmt::format("the object has more than {} bytes", max_bytes));
  }
  co_return std::move(answer.body);
}

Task<void> S3Client::delete_object(S3Object object) {
  S3Request request{.action = "delete", .method = HttpMethod::delete_, .object = object};
  request.answers = {kNotFound};
  co_await transport_.execute(std::move(request));
}

Task<std::vector<S3NotDeleted>> S3Client::delete_objects(std::string bucket, std::vector<std::string> keys) {
  if (keys.size() > kMostDeletedAtOnce) throw std::logic_error("too many keys for one call");
  std::vector<S3NotDeleted> failed;
  std::erase_if(keys, [&](const std::string& key) {
    const auto fault = fault_of_key(key);
    if (fault.empty()) return false;
    failed.push_back(
        {key, Failure(FailureKind::bad_request, fmt::format("the key '{}' {}", utf8_prefix(key, 200), fault))});
    return true;
  });
  if (keys.empty()) co_return failed;

  const auto xml = deletion_xml(keys);
  const auto digest = sha256(xml);
  S3Request request{.action = "delete of many",
                    .method = HttpMethod::post,
                    .object = {.bucket = bucket, .key = ""},
                    .target = S3Target::bucket,
                    .query = {{"delete", ""}},
                    .headers = {{"Content-Type", "application/xml"}},
                    .body = view_of(xml),
                    .sha256 = digest,
                    // Each error names its key, of at most 1 KiB.
                    .max_answer_bytes = 4 * 1024 * 1024};
  // S3 takes either; stores that are older than the checksums want the first.
  request.headers.add("Content-MD5", base64_encode(md5(xml)));
  request.headers.add("x-amz-checksum-sha256", base64_encode(digest));
  const auto answer = co_await transport_.execute(std::move(request));
  if (xml_root(answer.body) != "DeleteResult") {
    throw Failure(FailureKind::store_error,
                  fmt::format("delete of many of s3://{}: the answer is no DeleteResult", bucket));
  }
  for (const auto& record : xml_records(answer.body, "Error"))
    failed.push_back(not_deleted(bucket, record, answer.status));
  co_return failed;
}

Task<S3Stored> S3Client::copy_object(S3Object from, S3Object to) {
  S3Request request{.action = "copy", .method = HttpMethod::put, .object = to};
  request.headers.add("x-amz-copy-source",
                      fmt::format("/{}/{}", percent_encode(from.bucket), percent_encode(from.key, "/")));
  co_return stored_of(co_await transport_.execute(std::move(request)));
}

Task<std::string> S3Client::create_multipart_upload(S3Object object, S3ObjectHeaders headers) {
  S3Request request{.action = "begin of the upload",
                    .method = HttpMethod::post,
                    .object = object,
                    .query = {{"uploads", ""}},
                    .headers = object_headers(headers)};
  const auto answer = co_await transport_.execute(std::move(request));
  auto id = xml_text(answer.body, "UploadId");
  if (!id || id->empty()) refuse_answer("begin of the upload", object, "UploadId");
  co_return std::move(*id);
}

Task<std::string> S3Client::upload_part(S3Part part) {
  S3Request request{.action = "upload of a part",
                    .method = HttpMethod::put,
                    .object = part.object,
                    .query = {{"partNumber", std::to_string(part.number)}, {"uploadId", part.upload_id}},
                    .body = part.body,
                    .hooks = part.hooks};
  const auto answer = co_await transport_.execute(std::move(request));
  auto etag = header_of(answer, "ETag");
  if (etag.empty()) refuse_answer("upload of a part", part.object, "ETag");
  co_return etag;
}

Task<S3Stored> S3Client::complete_multipart_upload(S3Completion completion) {
  const auto xml = completion_xml(completion.etags);
  S3Request request{.action = "end of the upload",
                    .method = HttpMethod::post,
                    .object = completion.object,
                    .query = {{"uploadId", completion.upload_id}},
                    .headers = {{"Content-Type", "application/xml"}},
                    .body = view_of(xml),
                    .sha256 = sha256(xml),
                    .hooks = {.on_throttled = completion.hooks.on_throttled}};
  refuse_overwriting(request, completion.overwrite);
  co_return stored_of(co_await transport_.execute(std::move(request)));
}

Task<void> S3Client::abort_multipart_upload(S3Object object, std::string upload_id) {
  S3Request request{.action = "abort of the upload",
                    .method = HttpMethod::delete_,
                    .object = object,
                    .query = {{"uploadId", upload_id}}};
  request.answers = {kNotFound};
  co_await transport_.execute(std::move(request));
}

Task<std::string> S3Client::presign_get(S3Object object, std::chrono::seconds lifetime) {
  if (lifetime.count() < 1 || lifetime > kLongestLifetime) {
    throw Failure(FailureKind::bad_request, "a signed URL lives from one second to seven days");
  }
  return transport_.presign_get(std::move(object), lifetime);
}

}  // namespace creel::aws
