#include "catalog/image_row.h"

#include <array>

#include <soci/soci.h>

#include "catalog/persisted_time.h"

namespace creel {
namespace {

struct Text {
  std::string value;
  soci::indicator set = soci::i_null;

  std::optional<std::string> get() const {
    if (set != soci::i_ok) return std::nullopt;
    return value;
  }
};

struct Number {
  long long value = 0;
  soci::indicator set = soci::i_null;

  template <class Value>
  std::optional<Value> get() const {
    if (set != soci::i_ok) return std::nullopt;
    return static_cast<Value>(value);
  }

  std::optional<SystemTime> time() const {
    if (set != soci::i_ok) return std::nullopt;
    return from_persisted(value);
  }
};

}  // namespace

const std::string& ImageRowQuery::columns() {
  // In the order in which Impl reads them.
  static const std::string names =
      "i.id, i.source_id, i.state, i.attempts, i.found_at, i.updated_at, i.image_id, i.image_url, i.folder_name,"
      " i.file_name, i.meta, s.name, i.nsfw, i.failure_kind, i.next_attempt_at, i.size_bytes, i.width, i.height,"
      " i.published_at, i.stored_at, i.final_url, i.page_url, i.title, i.description, i.attribution_id,"
      " i.attribution_name, i.attribution_url, i.failure_message, i.key, i.store_url, i.content_type, i.sha256, i.etag,"
      " i.origin_etag, i.origin_last_modified";
  return names;
}

class ImageRowQuery::Impl {
 public:
  explicit Impl(soci::session& session) : statement(session) {
    for (auto* number : {&id, &source_id, &state, &attempts, &found_at, &updated_at})
      statement.exchange(soci::into(*number));
    for (auto* text : {&image_id, &image_url, &folder_name, &file_name, &meta, &source_name}) {
      statement.exchange(soci::into(*text));
    }
    for (auto* number :
         {&nsfw, &failure_kind, &next_attempt_at, &size_bytes, &width, &height, &published_at, &stored_at}) {
      statement.exchange(soci::into(number->value, number->set));
    }
    for (auto* text :
         {&final_url, &page_url, &title, &description, &attribution_id, &attribution_name, &attribution_url,
          &failure_message, &key, &store_url, &content_type, &sha256, &etag, &origin_etag, &origin_last_modified}) {
      statement.exchange(soci::into(text->value, text->set));
    }
  }

  std::optional<FailureFacts> failure() const {
    if (failure_kind.set != soci::i_ok) return std::nullopt;
    return FailureFacts{creel::failure_kind(static_cast<int>(failure_kind.value)).value_or(FailureKind::internal),
                        failure_message.get().value_or("")};
  }

  /// Zero stands for "at once".
  std::optional<SystemTime> next_attempt() const {
    if (state != static_cast<long long>(ImageState::pending) || next_attempt_at.value == 0) return std::nullopt;
    return next_attempt_at.time();
  }

  soci::statement statement;
  long long id = 0;
  long long source_id = 0;
  long long state = 0;
  long long attempts = 0;
  long long found_at = 0;
  long long updated_at = 0;
  std::string image_id;
  std::string image_url;
  std::string folder_name;
  std::string file_name;
  std::string meta;
  std::string source_name;
  Number nsfw;
  Number failure_kind;
  Number next_attempt_at;
  Number size_bytes;
  Number width;
  Number height;
  Number published_at;
  Number stored_at;
  Text final_url;
  Text page_url;
  Text title;
  Text description;
  Text attribution_id;
  Text attribution_name;
  Text attribution_url;
  Text failure_message;
  Text key;
  Text store_url;
  Text content_type;
  Text sha256;
  Text etag;
  Text origin_etag;
  Text origin_last_modified;
};

ImageRowQuery::ImageRowQuery(soci::session& session) : impl_(std::make_unique<Impl>(session)) {}
ImageRowQuery::~ImageRowQuery() = default;

void ImageRowQuery::bind(const std::string& name, const long long& value) {
  impl_->statement.exchange(soci::use(value, name));
}

void ImageRowQuery::bind(const std::string& name, const std::string& value) {
  impl_->statement.exchange(soci::use(value, name));
}

void ImageRowQuery::prepare(const std::string& sql) {
  impl_->statement.alloc();
  impl_->statement.prepare(sql);
  impl_->statement.define_and_bind();
}

bool ImageRowQuery::execute() {
  return impl_->statement.execute(true);
}

bool ImageRowQuery::fetch() {
  return impl_->statement.fetch();
}

ImageDetails ImageRowQuery::row() const {
  const auto& in = *impl_;
  ImageDetails image;
  image.id = ImageRow{in.id};
  image.source = SourceId{in.source_id};
  image.source_name = in.source_name;
  image.image_id = in.image_id;
  image.image_url = in.image_url;
  image.final_url = in.final_url.get();
  image.page_url = in.page_url.get();
  image.title = in.title.get();
  image.description = in.description.get();
  image.attribution_id = in.attribution_id.get();
  image.attribution_name = in.attribution_name.get();
  image.attribution_url = in.attribution_url.get();
  if (const auto nsfw = in.nsfw.get<int>()) image.nsfw = *nsfw != 0;
  image.state = static_cast<ImageState>(in.state);
  image.failure = in.failure();
  image.attempts = static_cast<int>(in.attempts);
  image.next_attempt_at = in.next_attempt();
  image.key = in.key.get();
  image.store_url = in.store_url.get();
  image.size_bytes = in.size_bytes.get<std::uint64_t>();
  image.type = in.content_type.get();
  image.width = in.width.get<std::uint32_t>();
  image.height = in.height.get<std::uint32_t>();
  image.sha256 = in.sha256.get();
  image.etag = in.etag.get();
  image.origin_etag = in.origin_etag.get();
  image.origin_last_modified = in.origin_last_modified.get();
  image.folder_name = in.folder_name;
  image.file_name = in.file_name;
  image.meta = in.meta;
  image.published_at = in.published_at.time();
  image.found_at = from_persisted(in.found_at);
  image.stored_at = in.stored_at.time();
  image.updated_at = from_persisted(in.updated_at);
  return image;
}

}  // namespace creel
