// A libFuzzer target for the reader of feeds, with src/sources/testdata/feeds as its first corpus:
//   clang++-19 -std=c++23 -O1 -g -fsanitize=fuzzer,address,undefined -Isrc tests/fuzz/feed_parser_fuzz.cpp
//     src/sources/{charset,feed_item,feed_parser,feed_schedule,html_entities,html_images,html_scanner,text_time}.cpp
//     src/sources/{html_text,json_feed,media_rss,srcset,xml_feed,xml_items,xml_names}.cpp
//     src/net/{http_headers,http_status,url}.cpp src/base/{failure,hash,text}.cpp
//     -lfmt -lcurl -lcrypto -lidn2 -lboost_json -lpugixml
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
