#include "base/byte_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace creel {

std::unique_ptr<BlockPool::Block> BlockPool::take() {
  if (idle_.empty()) return std::make_unique_for_overwrite<Block>();
  auto block = std::move(idle_.back());
  idle_.pop_back();
  return block;
}

void BlockPool::give_back(std::unique_ptr<Block> block) {
  if (idle_.size() < max_idle_blocks_) idle_.push_back(std::move(block));
}

BodyView::BodyView(std::vector<std::span<const std::byte>> pieces) : pieces_(std::move(pieces)) {
  for (const auto& piece : pieces_) size_ += piece.size();
}

std::size_t BodyView::read(std::size_t offset, std::span<std::byte> out) const {
  std::size_t copied = 0;
  for (const auto& piece : pieces_) {
    if (copied == out.size()) break;
    if (offset >= piece.size()) {
      offset -= piece.size();
      continue;
    }
    const auto count = std::min(piece.size() - offset, out.size() - copied);
    std::memcpy(out.data() + copied, piece.data() + offset, count);
    copied += count;
    offset = 0;
  }
  return copied;
}

ByteBuffer::ByteBuffer(ByteBuffer&& other) noexcept
    : pool_(other.pool_), blocks_(std::move(other.blocks_)), size_(std::exchange(other.size_, 0)) {
  other.blocks_.clear();
}

ByteBuffer& ByteBuffer::operator=(ByteBuffer&& other) noexcept {
  if (this != &other) {
    clear();
    pool_ = other.pool_;
    blocks_ = std::move(other.blocks_);
    other.blocks_.clear();
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void ByteBuffer::append(std::span<const std::byte> data) {
  while (!data.empty()) {
    const auto used = size_ % BlockPool::kBlockBytes;
    if (used == 0) blocks_.push_back(pool_->take());
    const auto count = std::min(data.size(), BlockPool::kBlockBytes - used);
    std::memcpy(blocks_.back()->data() + used, data.data(), count);
    size_ += count;
    data = data.subspan(count);
  }
}

void ByteBuffer::clear() {
  for (auto& block : blocks_) pool_->give_back(std::move(block));
  blocks_.clear();
  size_ = 0;
}

BodyView ByteBuffer::view() const {
  std::vector<std::span<const std::byte>> pieces;
  pieces.reserve(blocks_.size());
  std::size_t left = size_;
  for (const auto& block : blocks_) {
    const auto count = std::min(left, BlockPool::kBlockBytes);
    pieces.emplace_back(block->data(), count);
    left -= count;
  }
  return BodyView(std::move(pieces));
}

}  // namespace creel
