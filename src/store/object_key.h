#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "image/image_probe.h"
#include "net/url.h"
#include "store/object_store.h"

namespace creel {

enum class KeyMode : std::uint8_t {
  /// Folder and file name, or the URL's host and path.
  named,
  /// `ab/cd/<sha256>.<ext>`: equal bytes are stored once.
  content,
};

/// What a key is made of. It depends on these alone, never on order or on other images.
struct KeyParts {
  KeyMode mode = KeyMode::named;
  /// "a/b"; empty for none. Cleaned segment by segment.
  std::string folder;
  /// Empty: host and path of the URL are folders and file name.
  std::string file_name;
};

/// The key of an image whose bytes are known: `folder` and then, in `named` mode, `file_name` or else the
/// URL's authority, folders and file name, percent-decoded (the scheme plays no part; a path without file
/// name: "index").
///
/// Only ASCII letters, digits, space, ".", "_" and "-" of a name survive, and neither dots nor spaces at its
/// ends. Wherever that removes anything, or the extension has to be added or corrected to the type of the
/// bytes, "-" and eight hex digits of the original name's hash are added before the extension. A query string
/// adds eight hex digits of the URL's hash. The key has at most 900 bytes and 32 segments, its segments at
/// most 200 bytes: names are cut, and folders in the middle folded into one, with a hash again.
///
/// Two names never fall together, so a hash is added as well to a name that ends like a hashed one
/// ("x-1f2e3d4c.jpg") and to a folder that ends like an image ("x.jpg"): a key is never the folder of
/// another.
/// @throws Failure bad_request  a folder with "..", an empty segment or a leading "/"
ObjectKey object_key(const KeyParts& parts, const Url& url, ImageType type, const Sha256Digest& sha256);

/// All keys that the image may come to have, by the type that its bytes turn out to be of; none in `content` mode, where
/// they depend on the bytes themselves.
/// @throws Failure bad_request  as `object_key`
std::vector<ObjectKey> possible_keys(const KeyParts& parts, const Url& url);

/// Checks a folder before any work is begun. @throws Failure bad_request
void check_folder(std::string_view folder);

}  // namespace creel
