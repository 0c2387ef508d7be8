#include "store/s3_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel {
namespace {

/// The name of the digest in the user metadata.
constexpr std::string_view kDigestName = "sha256";

/// Headers for `metadata`, with the digest if it has none yet.
aws::S3ObjectHeaders headers_of(ObjectMetadata metadata, const Sha256Digest& sha256) {
  aws::S3ObjectHeaders headers{.content_type = std::move(metadata.content_type), .metadata = std::move(metadata.user)};
  const auto has_name = [](const auto& field) { return field.first == kDigestName; };
  if (std::ranges::none_of(headers.metadata, has_name)) headers.metadata.emplace_back(kDigestName, to_hex(sha256));
  return headers;
}

PutResult result_of(aws::S3Stored stored) {
  return {.etag = std::move(stored.etag),
          .version_id = std::move(stored.version_id),
          .already_there = stored.already_there};
}

constexpr PutResult already_there() {
  return {.etag = {}, .version_id = {}, .already_there = true};
}

aws::S3Overwrite overwrite_of(PutCondition condition) {
  return condition == PutCondition::absent_only ? aws::S3Overwrite::refused : aws::S3Overwrite::allowed;
}

}  // namespace

/// A multipart upload. Its parts are on the store's limit one by one, so that a large image holds no place
/// while its next part is on its way from the origin.
class S3Store::Upload final : public ObjectUpload {
 public:
  Upload(S3Store& store, ObjectKey key, std::string id) : store_(store), key_(std::move(key)), id_(std::move(id)) {}

  Task<void> add_part(BodyView part) override {
    try {
      const auto permit = co_await store_.limit_.acquire();
      const int number = static_cast<int>(etags_.size()) + 1;
      etags_.push_back(co_await store_.client_.upload_part(
          {.object = store_.object(key_), .upload_id = id_, .number = number, .body = part, .hooks = store_.hooks()}));
    } catch (const Failure& failure) {
      store_.failed(key_, failure.what());
      throw;
    }
    store_.limit_.on_success();
  }

  Task<PutResult> finish(ObjectKey key, PutCondition condition) override {
    PutResult result;
    try {
      const auto permit = co_await store_.limit_.acquire();
      result = key == key_ ? co_await complete(condition) : co_await complete_and_move(key, condition);
    } catch (const Failure& failure) {
      store_.failed(key, failure.what());
      throw;
    }
    store_.completed(key);
    co_return result;
  }

  Task<void> abort() override {
    try {
      co_await store_.client_.abort_multipart_upload(store_.object(key_), id_);
    } catch (const Failure& failure) {
      store_.log_->warn("the parts of an unfinished upload could not be removed: {}", failure.what());
    }
  }

 private:
  Task<PutResult> complete(PutCondition condition) {
    auto stored = co_await store_.client_.complete_multipart_upload({.object = store_.object(key_),
                                                                     .upload_id = id_,
                                                                     .etags = etags_,
                                                                     .overwrite = overwrite_of(condition),
                                                                     .hooks = store_.hooks()});
    // Refused because of what is there, the upload itself goes on to exist.
    if (stored.already_there) co_await abort();
    co_return result_of(std::move(stored));
  }

  /// S3 cannot rename: the object is copied and what it was copied from removed.
  Task<PutResult> complete_and_move(ObjectKey to, PutCondition condition) {
    if (condition == PutCondition::absent_only && co_await store_.client_.head_object(store_.object(to))) {
      co_await abort();
      co_return already_there();
    }
    co_await complete(PutCondition::always);
    auto stored = co_await store_.client_.copy_object(store_.object(key_), store_.object(to));
    co_await store_.client_.delete_object(store_.object(key_));
    co_return result_of(std::move(stored));
  }

  S3Store& store_;
  const ObjectKey key_;
  const std::string id_;
  std::vector<std::string> etags_;
};

S3Store::S3Store(aws::S3Client& client, S3StoreOptions options, AdaptiveLimit& limit, UploadListener* listener, Log log)
    : client_(client), options_(std::move(options)), limit_(limit), listener_(listener), log_(std::move(log)) {
  while (options_.prefix.ends_with('/')) options_.prefix.pop_back();
}

Task<PutResult> S3Store::put(ObjectKey key, BodyView body, Sha256Digest sha256, ObjectMetadata metadata,
                             PutCondition condition) {
  aws::S3Put put{.object = object(key),
                 .headers = headers_of(std::move(metadata), sha256),
                 .body = std::move(body),
                 .sha256 = sha256,
                 .overwrite = overwrite_of(condition),
                 .hooks = hooks()};
  PutResult result;
  try {
    const auto permit = co_await limit_.acquire();
    result = co_await put_unless_same(std::move(put), condition);
  } catch (const Failure& failure) {
    failed(key, failure.what());
    throw;
  }
  completed(key);
  co_return result;
}

Task<PutResult> S3Store::put_unless_same(aws::S3Put put, PutCondition condition) {
  if (condition == PutCondition::unless_same && co_await has_same(put.object, put.body.size(), to_hex(put.sha256))) {
    co_return already_there();
  }
  auto stored = co_await client_.put_object(std::move(put));
  co_return result_of(std::move(stored));
}

Task<bool> S3Store::has_same(aws::S3Object object, std::size_t size, std::string sha256_hex) {
  const auto info = co_await client_.head_object(object);
  co_return info && info->size == size && info->find_metadata(kDigestName) == sha256_hex;
}

Task<std::unique_ptr<ObjectUpload>> S3Store::begin_upload(ObjectKey key, ObjectMetadata metadata) {
  const aws::S3ObjectHeaders headers{.content_type = metadata.content_type, .metadata = metadata.user};
  std::string id;
  try {
    id = co_await client_.create_multipart_upload(object(key), headers);
  } catch (const Failure& failure) {
    failed(key, failure.what());
    throw;
  }
  co_return std::make_unique<Upload>(*this, std::move(key), std::move(id));
}

Task<bool> S3Store::holds(ObjectKey key, std::uint64_t size_bytes, Sha256Digest sha256) {
  const auto permit = co_await limit_.acquire();
  const auto info = co_await client_.head_object(object(key));
  if (!info || info->size != size_bytes) co_return false;
  const auto digest = info->find_metadata(kDigestName);
  co_return !digest || *digest == to_hex(sha256);
}

Task<void> S3Store::remove(ObjectKey key) {
  return client_.delete_object(object(key));
}

Task<std::optional<std::string>> S3Store::get(ObjectKey key, std::size_t max_bytes) {
  return client_.get_object(object(key), max_bytes);
}

Task<std::optional<ObjectAccess>> S3Store::open(ObjectKey key, std::chrono::seconds url_lifetime) {
  // A URL can be made for what is not there too, but would then lead to an error of the store's own.
  const auto info = co_await client_.head_object(object(key));
  std::optional<ObjectAccess> access;
  if (info) {
    access.emplace();
    access->url = co_await client_.presign_get(object(key), url_lifetime);
  }
  co_return access;
}

std::string S3Store::location(const ObjectKey& key) const {
  const auto object = this->object(key);
  return fmt::format("s3://{}/{}", object.bucket, object.key);
}

aws::S3Object S3Store::object(const ObjectKey& key) const {
  const auto full_key = options_.prefix.empty() ? key.value : fmt::format("{}/{}", options_.prefix, key.value);
  return {.bucket = options_.bucket, .key = full_key};
}

aws::S3Hooks S3Store::hooks() {
  aws::S3Hooks hooks;
  hooks.on_throttled = [this] { limit_.on_throttled(); };
  if (listener_ != nullptr) hooks.on_sent = [this](std::size_t bytes) { listener_->on_bytes_sent(bytes); };
  return hooks;
}

void S3Store::completed(const ObjectKey& key) {
  limit_.on_success();
  if (listener_ != nullptr) listener_->on_completed(key);
}

void S3Store::failed(const ObjectKey& key, std::string_view reason) {
  if (listener_ != nullptr) listener_->on_failed(key, reason);
}

}  // namespace creel
