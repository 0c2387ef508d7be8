#include "api/image_csv.h"

#include <concepts>
#include <string_view>

#include <fmt/format.h>

#include "api/csv_text.h"
#include "api/image_json.h"
#include "api/json_text.h"

namespace creel {
namespace {

/// The fields of one line.
class CsvLine {
 public:
  explicit CsvLine(std::string& out) : out_(out) {}

  CsvLine& add(std::string_view text) {
    begin_field();
    append_csv_text(out_, text);
    return *this;
  }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  CsvLine& add(Number number) {
    begin_field();
    out_ += fmt::format_int(number).c_str();
    return *this;
  }
  CsvLine& add(std::same_as<bool> auto flag) {
    begin_field();
    out_ += flag ? "true" : "false";
    return *this;
  }
  CsvLine& add(SystemTime time) {
    begin_field();
    append_time(out_, time);
    return *this;
  }
  template <class Value>
  CsvLine& add(const std::optional<Value>& value) {
    if (value) return add(*value);
    begin_field();
    return *this;
  }
  void end() { out_ += "\r\n"; }

 private:
  void begin_field() {
    if (!is_first_) out_ += ',';
    is_first_ = false;
  }

  std::string& out_;
  bool is_first_ = true;
};

}  // namespace

std::string image_csv_header() {
  return "id,source_id,source,image_id,image_url,final_url,page_url,title,description,attribution_id,attribution_name,"
         "attribution_url,nsfw,state,failure_kind,failure_message,attempts,next_attempt_at,key,store_url,size_bytes,"
         "type,"
         "width,height,sha256,etag,origin_etag,origin_last_modified,folder_name,file_name,meta,published_at,found_at,"
         "stored_at,updated_at\r\n";
}

void append_image_csv(std::string& out, const ImageDetails& image) {
  const auto& failure = image.failure;
  const auto kind = failure ? std::optional(to_string(failure->kind)) : std::nullopt;
  const auto message = failure ? std::optional<std::string_view>(failure->message) : std::nullopt;
  CsvLine line(out);
  line.add(static_cast<std::int64_t>(image.id)).add(static_cast<std::int64_t>(image.source));
  line.add(image.source_name).add(image.image_id).add(image.image_url).add(image.final_url).add(image.page_url);
  line.add(image.title).add(image.description);
  line.add(image.attribution_id).add(image.attribution_name).add(image.attribution_url).add(image.nsfw);
  line.add(to_string(image.state)).add(kind).add(message).add(image.attempts).add(image.next_attempt_at);
  line.add(object_fact(image, image.key))
      .add(object_fact(image, image.store_url))
      .add(image.size_bytes)
      .add(image.type)
      .add(image.width)
      .add(image.height);
  line.add(object_fact(image, image.sha256))
      .add(object_fact(image, image.etag))
      .add(image.origin_etag)
      .add(image.origin_last_modified);
  line.add(image.folder_name).add(image.file_name).add(image.meta.empty() ? "{}" : image.meta);
  line.add(image.published_at).add(image.found_at).add(image.stored_at).add(image.updated_at).end();
}

}  // namespace creel
