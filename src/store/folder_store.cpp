#include "store/folder_store.h"

#include <utility>

#include "base/blocking.h"
#include "store/folder_store_files.h"

namespace creel {
namespace {

/// Runs file work for the object `key` and tells the listener of its failure.
template <class Work>
Task<std::invoke_result_t<Work&>> run_reported(boost::asio::thread_pool& files, UploadListener* listener, ObjectKey key,
                                               Work work) {
  try {
    co_return co_await run_blocking(files, std::move(work));
  } catch (const std::exception& failure) {
    if (listener != nullptr) listener->on_failed(key, failure.what());
    throw;
  }
}

PutResult put_file(const ObjectFolder& folder, const ObjectKey& key, const BodyView& body, const Sha256Digest& sha256,
                   PutCondition condition) {
  const bool there = (condition == PutCondition::absent_only && folder.exists(key)) ||
                     (condition == PutCondition::unless_same && folder.holds(key, body.size(), sha256));
  if (there) return {.already_there = true};
  const auto file = folder.begin();
  file->append(body);
  return {.already_there = !folder.publish(*file, key, condition)};
}

class FolderUpload final : public ObjectUpload {
 public:
  FolderUpload(const ObjectFolder& folder, boost::asio::thread_pool& files, UploadListener* listener, ObjectKey key,
               std::unique_ptr<UnfinishedFile> file)
      : folder_(folder), files_(files), listener_(listener), key_(std::move(key)), file_(std::move(file)) {}

  Task<void> add_part(BodyView part) override {
    co_await run_reported(files_, listener_, key_, [&] { file_->append(part); });
    if (listener_ != nullptr) listener_->on_bytes_sent(part.size());
  }

  Task<PutResult> finish(ObjectKey key, PutCondition condition) override {
    const bool published = co_await run_reported(files_, listener_, key, [&] {
      const bool done = folder_.publish(*file_, key, condition);
      file_.reset();
      return done;
    });
    if (listener_ != nullptr) listener_->on_completed(key);
    co_return PutResult{.already_there = !published};
  }

  Task<void> abort() override {
    co_await run_blocking(files_, [&] { file_.reset(); });
  }

 private:
  const ObjectFolder& folder_;
  boost::asio::thread_pool& files_;
  UploadListener* listener_;
  ObjectKey key_;
  std::unique_ptr<UnfinishedFile> file_;
};

class FolderReader final : public ObjectReader {
 public:
  FolderReader(boost::asio::thread_pool& files, std::unique_ptr<OpenFile> file)
      : files_(files), file_(std::move(file)) {}

  std::uint64_t size_bytes() const override { return file_->size_bytes(); }

  Task<std::string> read(std::uint64_t offset, std::size_t max_bytes) override {
    co_return co_await run_blocking(files_, [&] { return file_->read(offset, max_bytes); });
  }

 private:
  boost::asio::thread_pool& files_;
  std::unique_ptr<OpenFile> file_;
};

}  // namespace

FolderStore::FolderStore(std::filesystem::path root, boost::asio::thread_pool& files, UploadListener* listener,
                         std::string prefix)
    : folder_(std::make_unique<ObjectFolder>(std::move(root), std::move(prefix))), files_(files), listener_(listener) {}

FolderStore::~FolderStore() = default;

Task<PutResult> FolderStore::put(ObjectKey key, BodyView body, Sha256Digest sha256, ObjectMetadata,
                                 PutCondition condition) {
  auto result =
      co_await run_reported(files_, listener_, key, [&] { return put_file(*folder_, key, body, sha256, condition); });
  if (listener_ != nullptr && !result.already_there) {
    listener_->on_bytes_sent(body.size());
    listener_->on_completed(key);
  }
  co_return result;
}

Task<std::unique_ptr<ObjectUpload>> FolderStore::begin_upload(ObjectKey key, ObjectMetadata) {
  auto file = co_await run_reported(files_, listener_, key, [&] { return folder_->begin(); });
  co_return std::make_unique<FolderUpload>(*folder_, files_, listener_, std::move(key), std::move(file));
}

Task<bool> FolderStore::holds(ObjectKey key, std::uint64_t size_bytes, Sha256Digest sha256) {
  co_return co_await run_blocking(files_, [&] { return folder_->holds(key, size_bytes, sha256); });
}

Task<void> FolderStore::remove(ObjectKey key) {
  co_await run_blocking(files_, [&] { folder_->remove(key); });
}

Task<std::optional<std::string>> FolderStore::get(ObjectKey key, std::size_t max_bytes) {
  co_return co_await run_blocking(files_, [&] { return folder_->read(key, max_bytes); });
}

Task<std::optional<ObjectAccess>> FolderStore::open(ObjectKey key, std::chrono::seconds) {
  auto file = co_await run_blocking(files_, [&] { return folder_->open(key); });
  std::optional<ObjectAccess> access;
  if (file) {
    access.emplace();
    access->reader = std::make_unique<FolderReader>(files_, std::move(file));
  }
  co_return access;
}

std::string FolderStore::location(const ObjectKey& key) const {
  return folder_->path_of(key).string();
}

}  // namespace creel
