#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace creel {

/// Memory for bodies in blocks of one size, kept for the next body when one is done with.
/// Threads: its own event loop, and so are the buffers made from it.
class BlockPool {
 public:
  static constexpr std::size_t kBlockBytes = 16 * 1024;
  using Block = std::array<std::byte, kBlockBytes>;

  /// @param max_idle_blocks  how many unused blocks are kept rather than given back to the system
  explicit BlockPool(std::size_t max_idle_blocks = 256) : max_idle_blocks_(max_idle_blocks) {}

  std::unique_ptr<Block> take();
  void give_back(std::unique_ptr<Block> block);

 private:
  std::size_t max_idle_blocks_;
  std::vector<std::unique_ptr<Block>> idle_;
};

/// A read-only look at the bytes of a body that lie in several pieces. It owns nothing: the bytes must outlive it.
class BodyView {
 public:
  BodyView() = default;
  explicit BodyView(std::span<const std::byte> whole) : pieces_{whole}, size_(whole.size()) {}
  explicit BodyView(std::vector<std::span<const std::byte>> pieces);

  std::size_t size() const { return size_; }
  std::span<const std::span<const std::byte>> pieces() const { return pieces_; }

  /// Copies bytes from `offset` on into `out` and returns how many there were: fewer than asked for at the end.
  std::size_t read(std::size_t offset, std::span<std::byte> out) const;

 private:
  std::vector<std::span<const std::byte>> pieces_;
  std::size_t size_ = 0;
};

/// A body in memory: a chain of blocks from a pool, which gets them back when the buffer goes.
class ByteBuffer {
 public:
  explicit ByteBuffer(BlockPool& pool) : pool_(&pool) {}
  ~ByteBuffer() { clear(); }
  ByteBuffer(ByteBuffer&& other) noexcept;
  ByteBuffer& operator=(ByteBuffer&& other) noexcept;

  void append(std::span<const std::byte> data);
  void clear();

  std::size_t size() const { return size_; }

  /// The bytes so far; valid until the buffer is changed, and also when the buffer itself is moved.
  BodyView view() const;

 private:
  BlockPool* pool_;
  std::vector<std::unique_ptr<BlockPool::Block>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace creel
