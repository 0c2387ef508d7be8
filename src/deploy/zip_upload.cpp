#include "deploy/zip_upload.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/hash.h"
#include "base/units.h"
#include "deploy/function_package.h"
#include "deploy/preflight.h"

namespace creel::deploy {

DeployZip DeployZip::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  auto zip = of(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!file) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("cannot read {}: {}; `creel package` and scripts/build make such a zip", path,
                              std::generic_category().message(errno)));
  }
  return zip;
}

DeployZip DeployZip::of(std::string bytes) {
  DeployZip zip{.bytes = std::move(bytes), .facts = {}};
  zip.facts = {.code_sha256 = code_sha256(zip.bytes), .bytes = zip.bytes.size()};
  return zip;
}

bool needs_bucket(const ZipFacts& zip) {
  return zip.bytes > kMaxDirectUploadBytes;
}

Task<aws::FunctionCode> ZipUpload::place(const DeployZip* zip) {
  if (!needs_bucket(zip->facts)) co_return aws::ZipBytes{zip->bytes};
  if (s3_ == nullptr) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("the zip has {}, and Lambda takes at most {} with the call: name a bucket of the same "
                              "region with --s3-bucket that it can go through",
                              format_bytes(zip->facts.bytes), format_bytes(kMaxDirectUploadBytes)));
  }
  const auto digest = sha256(zip->bytes);
  const aws::S3Object object{.bucket = bucket_, .key = fmt::format("creel/{}.zip", to_hex(digest))};
  if (!co_await s3_->head_object(object)) {
    co_await s3_->put_object({.object = object,
                              .headers = {.content_type = "application/zip"},
                              .body = BodyView(std::as_bytes(std::span(zip->bytes))),
                              .sha256 = digest});
  }
  co_return aws::ZipInBucket{object.bucket, object.key};
}

}  // namespace creel::deploy
