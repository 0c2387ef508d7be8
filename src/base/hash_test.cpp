#include "base/hash.h"

#include <vector>

#include <gtest/gtest.h>

namespace creel {
namespace {

std::vector<std::uint8_t> key_of(std::string_view text) {
  return {text.begin(), text.end()};
}

/// Vectors: FIPS 180-4 examples of NIST.
TEST(Sha256, AgreesWithThePublishedVectors) {
  const struct {
    std::string text;
    std::string_view digest;
  } cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [text, digest] : cases) EXPECT_EQ(to_hex(sha256(text)), digest);
}

TEST(Sha256, IsTheSameInPiecesAsOverTheWhole) {
  const std::string whole(1000, 'x');
  for (const std::size_t piece : {1U, 63U, 64U, 65U, 999U}) {
    Sha256 hash;
    for (std::size_t at = 0; at < whole.size(); at += piece) {
      hash.update(std::as_bytes(std::span(whole)).subspan(at, std::min(piece, whole.size() - at)));
    }
    hash.update({});
    EXPECT_EQ(hash.finish(), sha256(whole)) << piece;
  }
}

TEST(Sha256, GoesOnWhenItIsMoved) {
  Sha256 first;
  first.update(std::as_bytes(std::span("ab", 2)));
  Sha256 second(std::move(first));
  second.update(std::as_bytes(std::span("c", 1)));
  EXPECT_EQ(second.finish(), sha256("abc"));
}

/// Vectors: RFC 4231, test cases 1, 2 and 6.
TEST(HmacSha256, AgreesWithThePublishedVectors) {
  EXPECT_EQ(to_hex(hmac_sha256(std::vector<std::uint8_t>(20, 0x0b), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(key_of("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::vector<std::uint8_t>(131, 0xaa),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, TakesAnEmptyKeyAndAnEmptyText) {
  EXPECT_EQ(to_hex(hmac_sha256({}, "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hex, IsLowerCaseWithTwoDigitsAByte) {
  EXPECT_EQ(to_hex(std::vector<std::uint8_t>{0x00, 0x0f, 0xa0, 0xff}), "000fa0ff");
  EXPECT_EQ(to_hex({}), "");
}

TEST(ShortHash, IsTheBeginningOfTheSha256) {
  EXPECT_EQ(short_hash("abc"), "ba7816bf");
  EXPECT_EQ(short_hash(""), "e3b0c442");
}

}  // namespace
}  // namespace creel
