#pragma once

#include <atomic>
#include <cstdint>

#include "base/log.h"
#include "store/object_store.h"

namespace creel {

/// Counts the bytes that go to the store, for the progress line, and writes the ends of uploads to the log.
/// Threads: any.
class UploadProgress final : public UploadListener {
 public:
  explicit UploadProgress(Log log) : log_(std::move(log)) {}

  void on_bytes_sent(std::size_t bytes) override { sent_bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  void on_completed(const ObjectKey& key) override { log_->debug("stored {}", key.value); }
  void on_failed(const ObjectKey& key, std::string_view reason) override {
    log_->debug("could not store {}: {}", key.value, reason);
  }

  std::uint64_t sent_bytes() const { return sent_bytes_.load(std::memory_order_relaxed); }

 private:
  Log log_;
  std::atomic<std::uint64_t> sent_bytes_{0};
};

}  // namespace creel
