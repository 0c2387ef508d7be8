#include "support/memory_store.h"

#include <utility>

#include <boost/asio/this_coro.hpp>

namespace creel::testing {
namespace {

void append(std::string& bytes, const BodyView& body) {
  for (const auto piece : body.pieces()) bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
}

}  // namespace

class MemoryStore::UploadUnderWay final : public ObjectUpload {
 public:
  UploadUnderWay(MemoryStore& store, std::shared_ptr<Upload> record, ObjectMetadata metadata)
      : store_(store), record_(std::move(record)), object_{.bytes = {}, .metadata = std::move(metadata)} {}

  Task<void> add_part(BodyView part) override {
    co_await store_.begin_call();
    append(object_.bytes, part);
    record_->parts.push_back(part.size());
  }

  Task<PutResult> finish(ObjectKey key, PutCondition condition) override {
    co_await store_.begin_call();
    record_->end = Upload::End::finished;
    record_->condition = condition;
    co_return store_.keep(key, std::move(object_), condition);
  }

  Task<void> abort() override {
    if (store_.holding_aborts_) {
      co_await std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor)->wait();
    }
    record_->end = Upload::End::aborted;
    object_ = {};
    co_return;
  }

 private:
  MemoryStore& store_;
  std::shared_ptr<Upload> record_;
  Object object_;
};

void MemoryStore::release() {
  holding_ = false;
  for (const auto& wakeup : std::exchange(waiting_, {})) wakeup->notify();
}

Task<void> MemoryStore::begin_call() {
  const int number = ++calls_;
  if (holding_) {
    const auto wakeup = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
    waiting_.push_back(wakeup);
    co_await wakeup->wait();
  }
  if (const auto found = failures_.find(number); found != failures_.end()) throw found->second;
}

PutResult MemoryStore::keep(const ObjectKey& key, Object object, PutCondition condition) {
  const auto found = objects_.find(key.value);
  const bool is_there = found != objects_.end();
  const bool is_same = is_there && found->second.bytes == object.bytes;
  const bool keeps_it =
      condition == PutCondition::absent_only ? is_there : condition == PutCondition::unless_same && is_same;
  if (!keeps_it) objects_.insert_or_assign(key.value, std::move(object));
  return {.etag = "etag of " + key.value, .version_id = std::nullopt, .already_there = keeps_it};
}

Task<PutResult> MemoryStore::put(ObjectKey key, BodyView body, Sha256Digest sha256, ObjectMetadata metadata,
                                 PutCondition condition) {
  puts_.push_back({.key = key.value, .sha256 = to_hex(sha256), .condition = condition});
  co_await begin_call();
  Object object{.bytes = {}, .metadata = std::move(metadata)};
  append(object.bytes, body);
  co_return keep(key, std::move(object), condition);
}

Task<std::unique_ptr<ObjectUpload>> MemoryStore::begin_upload(ObjectKey key, ObjectMetadata metadata) {
  co_await begin_call();
  auto record = std::make_shared<Upload>(Upload{.begun_as = key.value});
  uploads_.push_back(record);
  co_return std::make_unique<UploadUnderWay>(*this, std::move(record), std::move(metadata));
}

Task<bool> MemoryStore::holds(ObjectKey key, std::uint64_t size_bytes, Sha256Digest sha256) {
  const auto found = objects_.find(key.value);
  co_return found != objects_.end() &&
      found->second.bytes.size() == size_bytes&& creel::sha256(found->second.bytes) == sha256;
}

Task<void> MemoryStore::remove(ObjectKey key) {
  if (const auto found = unremovable_.find(key.value); found != unremovable_.end()) throw found->second;
  objects_.erase(key.value);
  co_return;
}

Task<std::optional<std::string>> MemoryStore::get(ObjectKey key, std::size_t max_bytes) {
  const auto found = objects_.find(key.value);
  if (found == objects_.end()) co_return std::nullopt;
  co_return found->second.bytes.substr(0, max_bytes);
}

class MemoryStore::Reader final : public ObjectReader {
 public:
  explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Task<std::string> read(std::uint64_t offset, std::size_t max_bytes) override {
    co_return offset < bytes_.size() ? bytes_.substr(static_cast<std::size_t>(offset), max_bytes) : std::string();
  }

 private:
  std::string bytes_;
};

Task<std::optional<ObjectAccess>> MemoryStore::open(ObjectKey key, std::chrono::seconds) {
  std::optional<ObjectAccess> access;
  if (const auto found = objects_.find(key.value); found != objects_.end()) {
    access.emplace();
    access->reader = std::make_unique<Reader>(found->second.bytes);
  }
  co_return access;
}

}  // namespace creel::testing
