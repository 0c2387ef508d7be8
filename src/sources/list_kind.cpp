#include "sources/list_kind.h"

#include <array>
#include <map>
#include <sstream>
#include <utility>

#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "base/blocking.h"
#include "base/failure.h"
#include "base/text.h"
#include "sources/fd_input.h"
#include "sources/image_list.h"
#include "sources/local_list.h"
#include "sources/text_time.h"
#include "sources/url_request.h"

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kMaxBadLinesLogged = 10;
/// Of a list on the web, which is held while it is read.
constexpr std::size_t kMaxDownloadBytes = 64UL * 1024 * 1024;

const std::array<SettingSpec, 3>& list_settings() {
  static const std::array<SettingSpec, 3> all = {{
      {.name = "format",
       .type = SettingType::one_of,
       .default_value = "\"auto\"",
       .help = "The list's form; 'auto' goes by the ending of its name.",
       .choices = {"auto", "urls", "csv", "jsonl"}},
      {.name = "headers", .type = SettingType::headers, .help = "Sent when the list is fetched."},
      {.name = "authorization",
       .type = SettingType::secret,
       .help = "Sent as the Authorization header when the list is fetched, e.g. 'Bearer ...'."},
  }};
  return all;
}

bool is_file(const SourceConfig& source) {
  return source.url.find("://") == std::string::npos;
}

ListFormat format_of(const SourceConfig& source, std::string_view location) {
  const auto format = list_format(source.text("format").value_or("auto"));
  return format.value_or(list_format_of(location));
}

PollRequest request_of(const SourceConfig& source) {
  auto request = url_request(source);
  request.max_bytes = kMaxDownloadBytes;
  return request;
}

/// Metadata that the catalog has a column for goes there. False for all other, and for what the column cannot take.
bool take_fact(ImageRecord& record, std::string_view name, const std::string& value) {
  static const std::map<std::string_view, std::optional<std::string> ImageRecord::*> texts = {
      {"title", &ImageRecord::title},
      {"description", &ImageRecord::description},
      {"attribution_id", &ImageRecord::attribution_id},
      {"attribution_name", &ImageRecord::attribution_name},
      {"attribution_url", &ImageRecord::attribution_url},
      {"page_url", &ImageRecord::page_url}};
  if (const auto text = texts.find(name); text != texts.end()) {
    record.*text->second = value;
    return true;
  }
  if (name == "nsfw" && (value == "true" || value == "false")) {
    record.nsfw = value == "true";
    return true;
  }
  if (name == "published_at") {
    record.published_at = iso_time(value);
    return record.published_at.has_value();
  }
  return false;
}

ImageRecord record_of(ListedImage image) {
  ImageRecord record;
  record.image_url = std::move(image.url);
  record.folder = std::move(image.folder);
  record.file_name = std::move(image.file_name);
  record.fetch_headers = std::move(image.headers);
  for (auto& [name, value] : image.meta) {
    if (!take_fact(record, name, value)) record.meta.emplace_back(std::move(name), std::move(value));
  }
  return record;
}

/// Reads a list in batches. Threads: one at a time.
class BatchReader {
 public:
  BatchReader(std::unique_ptr<std::istream> input, std::string name, ListFormat format)
      : list_(std::move(input), std::move(name), format) {}

  /// None at the end.
  std::vector<ImageRecord> next(const Log& log);

  std::size_t bad_lines() const { return bad_lines_; }
  std::size_t images() const { return images_; }

 private:
  ImageList list_;
  std::size_t bad_lines_ = 0;
  std::size_t images_ = 0;
};

std::vector<ImageRecord> BatchReader::next(const Log& log) {
  std::vector<ImageRecord> records;
  while (records.size() < kBatch) {
    auto item = list_.next();
    if (!item) break;
    if (auto* image = std::get_if<ListedImage>(&*item)) {
      records.push_back(record_of(std::move(*image)));
      ++images_;
    } else if (++bad_lines_ <= kMaxBadLinesLogged) {
      const auto& bad = std::get<BadLine>(*item);
      log->warn("{}: {}", bad.position, bad.message);
    }
  }
  return records;
}

class ListKind final : public SourceKind {
 public:
  explicit ListKind(ListKindOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "list"; }
  std::string_view label() const override { return "List of URLs"; }
  std::string_view help() const override {
    return "A list of image URLs, as text, CSV or JSON Lines; new lines are found at each poll.";
  }
  UrlUse url_use() const override { return UrlUse::needed; }
  std::string_view example_url() const override { return "https://example.com/images.txt"; }
  bool takes_files() const override { return true; }
  std::span<const SettingSpec> settings() const override { return list_settings(); }
  std::vector<SettingError> check(const SourceConfig& source) const override;
  Task<void> poll(const SourceConfig& source, PollRun& run) const override;

 private:
  Task<void> poll_url(const SourceConfig& source, PollRun& run) const;
  Task<void> poll_file(const SourceConfig& source, std::filesystem::path path, PollRun& run) const;
  Task<void> add_all(std::unique_ptr<std::istream> input, std::string name, ListFormat format, PollRun& run) const;

  ListPlaces places() const { return {.folders = options_.folders, .closed = options_.closed}; }

  ListKindOptions options_;
  /// Reads lists, one at a time, and keeps the loop free of files and of parsing.
  mutable asio::thread_pool reader_{1};
};

std::vector<SettingError> ListKind::check(const SourceConfig& source) const {
  auto errors = check_url_request(source);
  const auto error = is_file(source) ? path_error(source.url, places()) : std::nullopt;
  if (error) errors.push_back({.pointer = "/url", .message = *error});
  return errors;
}

Task<void> ListKind::poll(const SourceConfig& source, PollRun& run) const {
  if (is_file(source)) {
    co_await poll_file(source, source.url, run);
  } else {
    co_await poll_url(source, run);
  }
}

Task<void> ListKind::poll_url(const SourceConfig& source, PollRun& run) const {
  auto page = co_await run.fetch(request_of(source));
  if (page.is_unchanged) co_return;
  // Positions name the list; what stands behind the "?" of its URL may be a secret.
  const auto url = Url::parse(source.url);
  auto name = url.origin() + url.encoded_path();
  auto input = std::make_unique<std::istringstream>(std::move(page.body));
  co_await add_all(std::move(input), std::move(name), format_of(source, url.encoded_path()), run);
}

Task<void> ListKind::poll_file(const SourceConfig& source, std::filesystem::path path, PollRun& run) const {
  InputStop never;
  std::string version;
  auto input = co_await run_blocking(reader_, [&] {
    auto file = open_local_list(path, places());
    version = file_version(file);
    return open_input(std::move(file), never);
  });
  if (version == run.memory()) co_return;
  co_await add_all(std::move(input), path.string(), format_of(source, path.native()), run);
  run.remember(std::move(version));
}

Task<void> ListKind::add_all(std::unique_ptr<std::istream> input, std::string name, ListFormat format,
                             PollRun& run) const {
  std::unique_ptr<BatchReader> reader;
  for (;;) {
    auto records = co_await run_blocking(reader_, [&] {
      if (!reader) reader = std::make_unique<BatchReader>(std::move(input), name, format);
      return reader->next(run.log());
    });
    if (records.empty()) break;
    co_await run.add(std::move(records));
  }
  if (reader->bad_lines() == 0) co_return;
  const auto message = fmt::format("{} lines of the list could not be read", reader->bad_lines());
  if (reader->images() == 0) throw Failure(FailureKind::bad_request, message);
  run.note_unusable(reader->bad_lines(), message);
}

}  // namespace

std::unique_ptr<const SourceKind> list_kind(ListKindOptions options) {
  return std::make_unique<ListKind>(std::move(options));
}

}  // namespace creel
