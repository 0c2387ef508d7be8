#include "base/byte_buffer.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace creel {
namespace {

constexpr auto kBlock = BlockPool::kBlockBytes;

/// `size` bytes of which no two neighbouring blocks are equal.
std::string sample(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / kBlock);
  return text;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string read(const BodyView& view, std::size_t offset, std::size_t count) {
  std::string text(count, '?');
  text.resize(view.read(offset, std::as_writable_bytes(std::span(text))));
  return text;
}

std::string all_of(const BodyView& view) {
  return read(view, 0, view.size() + 1);
}

TEST(BlockPool, HandsAReturnedBlockOutAgain) {
  BlockPool pool;
  auto block = pool.take();
  const auto* const address = block.get();
  pool.give_back(std::move(block));
  const auto again = pool.take();
  EXPECT_EQ(again.get(), address);
  EXPECT_NE(pool.take().get(), address) << "it is lent once";
}

TEST(BlockPool, KeepsNoMoreIdleBlocksThanItMay) {
  BlockPool pool(1);
  auto kept = pool.take();
  auto freed = pool.take();
  const auto* const address = kept.get();
  pool.give_back(std::move(kept));
  pool.give_back(std::move(freed));
  EXPECT_EQ(pool.take().get(), address) << "the one that came when there was room";
}

TEST(ByteBuffer, HoldsWhatWasAppendedWhateverThePieces) {
  const auto whole = sample(3 * kBlock + 17);
  for (const std::size_t piece : {std::size_t{1000}, kBlock - 1, kBlock, kBlock + 1, whole.size()}) {
    BlockPool pool;
    ByteBuffer buffer(pool);
    for (std::size_t at = 0; at < whole.size(); at += piece)
      buffer.append(bytes_of(whole).subspan(at, std::min(piece, whole.size() - at)));
    EXPECT_EQ(buffer.size(), whole.size());
    EXPECT_EQ(buffer.view().pieces().size(), 4U);
    EXPECT_EQ(all_of(buffer.view()), whole) << piece;
  }
}

TEST(ByteBuffer, HasAnEmptyViewWhileItIsEmpty) {
  BlockPool pool;
  ByteBuffer buffer(pool);
  buffer.append({});
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(buffer.view().size(), 0U);
  EXPECT_TRUE(buffer.view().pieces().empty());
}

TEST(ByteBuffer, TakesNoBlockBeforeItNeedsIt) {
  const auto block = sample(kBlock);
  BlockPool pool;
  ByteBuffer buffer(pool);
  buffer.append(bytes_of(block));
  EXPECT_EQ(buffer.view().pieces().size(), 1U);
  buffer.append(bytes_of("x"));
  EXPECT_EQ(buffer.view().pieces().size(), 2U);
  EXPECT_EQ(buffer.view().pieces()[1].size(), 1U);
}

TEST(ByteBuffer, GivesItsBlocksBackWhenItIsClearedAndWhenItGoes) {
  BlockPool pool;
  const std::byte* address = nullptr;
  {
    ByteBuffer buffer(pool);
    buffer.append(bytes_of("first"));
    address = buffer.view().pieces()[0].data();
    buffer.clear();
    EXPECT_EQ(buffer.size(), 0U);
    buffer.append(bytes_of("second"));
    EXPECT_EQ(buffer.view().pieces()[0].data(), address);
    EXPECT_EQ(all_of(buffer.view()), "second");
  }
  EXPECT_EQ(pool.take()->data(), address);
}

TEST(ByteBuffer, KeepsItsViewsValidWhenItIsMoved) {
  BlockPool pool;
  const auto whole = sample(2 * kBlock);
  ByteBuffer first(pool);
  first.append(bytes_of(whole));
  const auto view = first.view();
  ByteBuffer second(std::move(first));
  EXPECT_EQ(all_of(view), whole);
  EXPECT_EQ(all_of(second.view()), whole);
}

TEST(ByteBuffer, IsEmptyAndUsableAfterItWasMovedFrom) {
  BlockPool pool;
  ByteBuffer first(pool);
  first.append(bytes_of("one"));
  ByteBuffer second(std::move(first));
  EXPECT_EQ(first.size(), 0U);
  EXPECT_TRUE(first.view().pieces().empty());
  first.append(bytes_of("two"));
  EXPECT_EQ(all_of(first.view()), "two");
  EXPECT_EQ(all_of(second.view()), "one");
}

TEST(ByteBuffer, GivesItsOwnBlocksBackWhenItIsAssignedTo) {
  BlockPool pool;
  ByteBuffer first(pool);
  first.append(bytes_of("one"));
  const auto* const given_back = first.view().pieces()[0].data();
  ByteBuffer second(pool);
  second.append(bytes_of("two"));
  first = std::move(second);
  EXPECT_EQ(all_of(first.view()), "two");
  EXPECT_EQ(pool.take()->data(), given_back);
  auto& same = first;
  first = std::move(same);
  EXPECT_EQ(all_of(first.view()), "two");
}

TEST(BodyView, ReadsAcrossBlockBorders) {
  BlockPool pool;
  const auto whole = sample(3 * kBlock);
  ByteBuffer buffer(pool);
  buffer.append(bytes_of(whole));
  for (const std::size_t offset : {std::size_t{0}, kBlock - 5, kBlock, kBlock + 5, 2 * kBlock - 1}) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{10}, kBlock, kBlock + 3}) {
      EXPECT_EQ(read(buffer.view(), offset, count), whole.substr(offset, count)) << offset << ' ' << count;
    }
  }
}

TEST(BodyView, ReadsLessAtTheEndAndNothingBeyond) {
  const std::string text = "0123456789";
  const BodyView view(bytes_of(text));
  EXPECT_EQ(read(view, 7, 10), "789");
  EXPECT_EQ(read(view, 10, 1), "");
  EXPECT_EQ(read(view, 1000, 1), "");
  EXPECT_EQ(read(view, 3, 0), "");
  EXPECT_EQ(read(BodyView(), 0, 1), "");
}

TEST(BodyView, TakesPiecesOfAnySizeAndEmptyOnes) {
  const BodyView view({bytes_of("ab"), bytes_of(""), bytes_of("c"), bytes_of(""), bytes_of("defg")});
  EXPECT_EQ(view.size(), 7U);
  EXPECT_EQ(all_of(view), "abcdefg");
  EXPECT_EQ(read(view, 1, 3), "bcd");
}

}  // namespace
}  // namespace creel
