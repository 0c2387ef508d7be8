// The reader of feeds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/failure.h"
#include "sources/feed_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    creel::FeedParser parser(
        {.body = {reinterpret_cast<const char*>(data), size}, .content_type = "", .url = "https://a.example/feed"}, {});
    for (auto records = parser.next(100); !records.empty(); records = parser.next(100)) {
      for (const auto& record : records) {
        if (record.image_id.empty() || !record.image_url.starts_with("http")) std::abort();
      }
    }
  } catch (const creel::Failure&) {
    return 0;
  }
  return 0;
}
