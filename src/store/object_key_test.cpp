#include "store/object_key.h"

#include <random>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

using enum ImageType;
using testing::MatchesRegex;

const std::string kHash = "[0-9a-f]{8}";

std::string key_of_name(const std::string& file_name, ImageType type = jpeg, const std::string& folder = "") {
  return object_key({.folder = folder, .file_name = file_name}, Url::parse("https://example.com/x.jpg"), type, {})
      .value;
}

std::string key_of_url(const std::string& url, ImageType type = jpeg, const std::string& folder = "") {
  return object_key({.folder = folder, .file_name = ""}, Url::parse(url), type, {}).value;
}

TEST(ObjectKey, KeepsANameOfAllowedCharacters) {
  EXPECT_EQ(key_of_name("Sunset at sea.png", png, "wallpaper"), "wallpaper/Sunset at sea.png");
  EXPECT_EQ(key_of_name("a_b-C.1..2.JPG"), "a_b-C.1..2.JPG");
  EXPECT_EQ(key_of_name("beach-20240131.jpeg"), "beach-20240131.jpeg");
}

TEST(ObjectKey, HashesTheOriginalNameWhereCharactersWereRemoved) {
  EXPECT_EQ(key_of_name("Ferien, Zürich!.jpg"), "Ferien Zrich-" + short_hash("Ferien, Zürich!.jpg") + ".jpg");
  EXPECT_EQ(key_of_name("a/b\\c.jpg"), "abc-" + short_hash("a/b\\c.jpg") + ".jpg");
  EXPECT_EQ(key_of_name("日本.jpg"), "_-" + short_hash("日本.jpg") + ".jpg");
  EXPECT_EQ(key_of_name("日本"), "_-" + short_hash("日本") + ".jpg");
}

TEST(ObjectKey, CorrectsTheExtensionToTheBytes) {
  EXPECT_EQ(key_of_name("photo.jpg", png), "photo-" + short_hash("photo.jpg") + ".png");
  EXPECT_EQ(key_of_name("photo", png), "photo-" + short_hash("photo") + ".png");
  EXPECT_EQ(key_of_name("photo.php", webp), "photo-" + short_hash("photo.php") + ".webp");
  EXPECT_EQ(key_of_name("photo.v2.final", webp), "photo.v2.final-" + short_hash("photo.v2.final") + ".webp");
  EXPECT_EQ(key_of_name("Draft v1.5", webp), "Draft v1.5-" + short_hash("Draft v1.5") + ".webp");
  EXPECT_EQ(key_of_name("Mr. Smith", webp), "Mr. Smith-" + short_hash("Mr. Smith") + ".webp");
}

TEST(ObjectKey, KeepsAnyNameOfTheRightExtension) {
  EXPECT_EQ(key_of_name("a.jpeg"), "a.jpeg");
  EXPECT_EQ(key_of_name("a.TIF", tiff), "a.TIF");
  EXPECT_EQ(key_of_name("a!.JPEG"), "a-" + short_hash("a!.JPEG") + ".JPEG");
}

TEST(ObjectKey, DropsDotsAndSpacesAtTheEnds) {
  EXPECT_EQ(key_of_name(".hidden.jpg"), "hidden-" + short_hash(".hidden.jpg") + ".jpg");
  EXPECT_EQ(key_of_name(" a.jpg. "), "a-" + short_hash(" a.jpg. ") + ".jpg");
  EXPECT_EQ(key_of_name("."), "_-" + short_hash(".") + ".jpg");
  EXPECT_EQ(key_of_name(".."), "_-" + short_hash("..") + ".jpg");
  EXPECT_EQ(key_of_name("../../etc/passwd"), "etcpasswd-" + short_hash("../../etc/passwd") + ".jpg");
}

TEST(ObjectKey, CutsALongNameBehindAHash) {
  const std::string name(300, 'n');
  EXPECT_EQ(key_of_name(name + ".jpg"), std::string(187, 'n') + "-" + short_hash(name + ".jpg") + ".jpg");
  EXPECT_EQ(key_of_name(std::string(196, 'n') + ".jpg"), std::string(196, 'n') + ".jpg");
}

TEST(ObjectKey, ANameMadeToLookLikeAnothersKeyIsHashedToo) {
  const auto key = key_of_name("photo!.jpg");
  EXPECT_THAT(key, MatchesRegex("photo-" + kHash + "[.]jpg"));
  EXPECT_THAT(key_of_name(key), MatchesRegex("photo-" + kHash + "-" + kHash + "[.]jpg"));

  const auto folder = key_of_name("a.jpg", jpeg, "x!");
  EXPECT_NE(key_of_name("a.jpg", jpeg, folder.substr(0, folder.find('/'))), folder);
}

TEST(ObjectKey, AHashAlwaysHasALetterSoThatDatesAreNoHashes) {
  for (int i = 0; i < 500; ++i) {
    const auto key = key_of_name(fmt::format("{}!.jpg", i));
    const auto hash = key.substr(key.size() - 12, 8);
    EXPECT_NE(hash.find_first_of("abcdef"), std::string::npos) << key;
  }
}

TEST(ObjectKey, TakesHostAndPathOfTheUrl) {
  EXPECT_EQ(key_of_url("https://Example.com/a/b%20c/d.jpg"), "example.com/a/b c/d.jpg");
  EXPECT_EQ(key_of_url("http://example.com:80/d.jpg#top", jpeg, "web/today"), "web/today/example.com/d.jpg");
}

TEST(ObjectKey, CleansTheAuthority) {
  EXPECT_EQ(key_of_url("http://example.com:8080/d.jpg"),
            "example.com8080-" + short_hash("example.com:8080") + "/d.jpg");
  EXPECT_EQ(key_of_url("http://[2001:db8::1]/d.jpg"), "2001db81-" + short_hash("[2001:db8::1]") + "/d.jpg");
}

TEST(ObjectKey, HashesTheUrlWhereThereIsAQuery) {
  const std::string url = "https://example.com/a/b.jpg?w=100";
  EXPECT_EQ(key_of_url(url), "example.com/a/b-" + short_hash(url) + ".jpg");
  EXPECT_EQ(key_of_url(url, png), "example.com/a/b-" + short_hash(url) + ".png");
  EXPECT_NE(key_of_url("https://example.com/?id=1"), key_of_url("https://example.com/?id=2"));
}

TEST(ObjectKey, NamesAPathWithoutFileIndex) {
  EXPECT_THAT(key_of_url("https://example.com"), MatchesRegex("example.com/index-" + kHash + "[.]jpg"));
  EXPECT_THAT(key_of_url("https://example.com/a/", png), MatchesRegex("example.com/a/index-" + kHash + "[.]png"));
  EXPECT_EQ(key_of_url("https://example.com/index.jpg"), "example.com/index.jpg");
}

TEST(ObjectKey, PathsThatDecodeToOneNameStayApart) {
  EXPECT_NE(key_of_url("https://example.com/%61.jpg"), key_of_url("https://example.com/a.jpg"));
  EXPECT_NE(key_of_url("https://example.com/a%2Fb.jpg"), key_of_url("https://example.com/a/b.jpg"));
  EXPECT_NE(key_of_url("https://example.com//a.jpg"), key_of_url("https://example.com/a.jpg"));
}

TEST(ObjectKey, AnImageIsNeverTheFolderOfAnother) {
  EXPECT_EQ(key_of_url("https://example.com/Foo.png", png), "example.com/Foo.png");
  EXPECT_EQ(key_of_url("https://example.com/Foo.png/small.png", png),
            "example.com/Foo.png-" + short_hash("Foo.png") + "/small.png");
}

TEST(ObjectKey, FoldsWhatIsTooDeepOrTooLong) {
  std::string deep = "https://example.com";
  for (int i = 0; i < 500; ++i) deep += fmt::format("/{}", i);
  const auto folded = key_of_url(deep + "/a.jpg");
  EXPECT_EQ(split(folded, '/').size(), 32U);
  EXPECT_TRUE(folded.starts_with("example.com/0/1/2/"));
  EXPECT_THAT(folded, MatchesRegex(".*/28/_-" + kHash + "/a[.]jpg"));
  EXPECT_NE(key_of_url(deep + "/x/a.jpg"), folded);

  const auto wide = "https://example.com/" + std::string(250, 'x') + "/" + std::string(250, 'y') + "/" +
                    std::string(250, 'z') + "/" + std::string(250, 'q') + "/" + std::string(250, 'f');
  EXPECT_LE(key_of_url(wide).size(), 900U);
  EXPECT_NE(key_of_url(wide), key_of_url(wide + "f"));
}

TEST(ObjectKey, ContentModeNamesTheBytes) {
  const auto digest = sha256("bytes");
  const auto hex = to_hex(digest);
  const KeyParts parts{.mode = KeyMode::content, .folder = "all", .file_name = "ignored.jpg"};
  EXPECT_EQ(object_key(parts, Url::parse("https://example.com/x.jpg"), webp, digest).value,
            "all/" + hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" + hex + ".webp");
}

TEST(ObjectKey, RefusesFoldersThatAreNone) {
  for (const auto* folder : {"..", "a/../b", "a/..", "/a", "a/", "a//b", "/"}) {
    try {
      check_folder(folder);
      ADD_FAILURE() << folder;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    }
    EXPECT_THROW(key_of_name("a.jpg", jpeg, folder), Failure) << folder;
  }
  for (const auto* folder : {"", "a", "a/b c/d.e", "...", "日本"}) EXPECT_NO_THROW(check_folder(folder)) << folder;
}

TEST(ObjectKey, CleansTheFolderSegmentBySegment) {
  EXPECT_EQ(key_of_name("a.jpg", jpeg, "ok/b:c/.d"),
            "ok/bc-" + short_hash("b:c") + "/d-" + short_hash(".d") + "/a.jpg");
}

// --- Properties, over generated names
// ------------------------------------------------------------------------------

class Generator {
 public:
  std::size_t below(std::size_t end) { return random_() % end; }

  std::string text(std::span<const std::string> pieces, std::size_t max_pieces) {
    std::string result;
    for (auto count = below(max_pieces + 1); count > 0; --count) result += pieces[below(pieces.size())];
    return result;
  }

 private:
  std::mt19937 random_{20240131};
};

void expect_sound(const std::string& key) {
  EXPECT_LE(key.size(), 900U) << key;
  const auto segments = split(key, '/');
  EXPECT_LE(segments.size(), 32U) << key;
  for (const auto segment : segments) {
    ASSERT_FALSE(segment.empty()) << key;
    EXPECT_LE(segment.size(), 200U) << key;
    EXPECT_EQ(std::string_view(". ").find(segment.front()), std::string_view::npos) << key;
    EXPECT_EQ(std::string_view(". ").find(segment.back()), std::string_view::npos) << key;
    EXPECT_TRUE(std::ranges::all_of(segment, [](unsigned char c) {
      return c < 0x80 &&
             (std::isalnum(c) != 0 || std::string_view(" ._-").find(static_cast<char>(c)) != std::string_view::npos);
    })) << key;
  }
}

/// Makes keys of different inputs and sees that they differ, and that no key is a folder of another.
class Collisions {
 public:
  void add(const std::string& key, const std::string& input) {
    expect_sound(key);
    const auto [known, is_new] = inputs_.emplace(key, input);
    EXPECT_TRUE(is_new || known->second == input) << key << " of both\n" << input << "\nand\n" << known->second;
    for (auto end = key.find('/'); end != std::string::npos; end = key.find('/', end + 1)) {
      folders_.insert(key.substr(0, end));
    }
  }

  void expect_no_key_is_a_folder() const {
    for (const auto& folder : folders_) EXPECT_FALSE(inputs_.contains(folder)) << folder;
  }

  std::size_t count() const { return inputs_.size(); }

 private:
  std::unordered_map<std::string, std::string> inputs_;
  std::set<std::string> folders_;
};

const std::vector<std::string> kNamePieces = {"a",
                                              "B",
                                              "7",
                                              " ",
                                              ".",
                                              "..",
                                              "_",
                                              "-",
                                              "/",
                                              "\\",
                                              "%2e",
                                              "%",
                                              ":",
                                              "ü",
                                              "日",
                                              "\n",
                                              "é",
                                              "?",
                                              "#",
                                              "~",
                                              "\x7f",
                                              ".jpg",
                                              ".png",
                                              ".php",
                                              ".final",
                                              "jpg",
                                              "-1a2b3c4d",
                                              "-12345678",
                                              std::string(1, '\0'),
                                              std::string(120, 'w')};

TEST(ObjectKeyProperty, GeneratedNamesNeverCollide) {
  Generator generator;
  Collisions collisions;
  for (int i = 0; i < 20'000; ++i) {
    const auto name = generator.text(kNamePieces, 6);
    if (name.empty()) continue;
    const auto key = key_of_name(name);
    collisions.add(key, name);
    collisions.add(key_of_name(key), key);
  }
  collisions.expect_no_key_is_a_folder();
  EXPECT_GT(collisions.count(), 10'000U);
}

TEST(ObjectKeyProperty, GeneratedFoldersNeverCollide) {
  Generator generator;
  Collisions collisions;
  for (int i = 0; i < 20'000; ++i) {
    const auto folder = generator.text(kNamePieces, 5);
    try {
      collisions.add(key_of_name("a.jpg", jpeg, folder), folder);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    }
  }
  EXPECT_GT(collisions.count(), 5'000U);
}

TEST(ObjectKeyProperty, GeneratedUrlsNeverCollide) {
  const std::vector<std::string> hosts = {"example.com", "example.com.", "example.com:81",
                                          "[::1]",       "10.0.0.1",     "a-1a2b3c4d"};
  const std::vector<std::string> path_pieces = {"a",
                                                "b",
                                                "%61",
                                                "%2F",
                                                "%2e",
                                                "%00",
                                                "%E6%97%A5",
                                                "%20",
                                                "+",
                                                ".",
                                                "-",
                                                "/",
                                                "/",
                                                "//",
                                                "/..",
                                                ";",
                                                "@",
                                                "(",
                                                "~",
                                                ".jpg",
                                                ".png",
                                                ".jpg/",
                                                "index",
                                                "-1a2b3c4d",
                                                "_",
                                                "/deep/deep/deep/deep/deep/deep/deep",
                                                std::string(90, 'w')};
  const std::vector<std::string> query_pieces = {"a", "=", "&", "1", "%26", "/", "?"};
  Generator generator;
  Collisions collisions;
  for (int i = 0; i < 20'000; ++i) {
    auto text = "https://" + hosts[generator.below(hosts.size())] + "/" + generator.text(path_pieces, 12);
    if (generator.below(4) == 0) text += "?" + generator.text(query_pieces, 3);
    const auto url = Url::parse(text);
    collisions.add(object_key({}, url, jpeg, {}).value, url.str());
  }
  collisions.expect_no_key_is_a_folder();
  EXPECT_GT(collisions.count(), 10'000U);
}

TEST(PossibleKeys, HaveTheKeyOfEveryType) {
  const auto url = Url::parse("https://example.com/x.jpg");
  const KeyParts parts{.folder = "pets", .file_name = "cat.jpg"};
  const auto keys = possible_keys(parts, url);
  for (const auto type : {jpeg, png, gif, webp, avif, heic, bmp, tiff, svg, ico, jxl}) {
    EXPECT_THAT(keys, testing::Contains(object_key(parts, url, type, {})));
  }
  EXPECT_EQ(keys.size(), 11U);
}

TEST(PossibleKeys, AreUnknownWhereTheyAreMadeOfTheBytes) {
  EXPECT_THAT(possible_keys({.mode = KeyMode::content}, Url::parse("https://example.com/x.jpg")), testing::IsEmpty());
}

TEST(ObjectKeyProperty, TheTypeNeverLetsTwoNamesCollide) {
  Collisions collisions;
  for (const auto type : {jpeg, png, gif, webp, avif, heic, bmp, tiff, svg, ico, jxl}) {
    for (const auto* name : {"a", "a.jpg", "a.png", "a.jpeg", "a.", "a.tif", "a.tiff", "a.heif", "a.v2", "a.final"}) {
      const auto key = key_of_name(name, type);
      collisions.add(key, name);
      EXPECT_TRUE(is_extension_of(key.substr(key.rfind('.') + 1), type)) << key;
    }
  }
}

}  // namespace
}  // namespace creel
