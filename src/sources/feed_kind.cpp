#include "sources/feed_kind.h"

#include <array>
#include <charconv>
#include <utility>

#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "base/blocking.h"
#include "base/failure.h"
#include "base/text.h"
#include "sources/feed_parser.h"
#include "sources/url_request.h"

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kBatch = 500;

constexpr std::string_view kAccept =
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";

const std::array<SettingSpec, 5>& feed_settings() {
  static const std::array<SettingSpec, 5> settings = {{
      {.name = "html_images",
       .type = SettingType::boolean,
       .default_value = "true",
       .help = "Also take the images inside the text of items."},
      {.name = "thumbnails",
       .type = SettingType::boolean,
       .default_value = "true",
       .help = "Take the thumbnail of an item that has no other image."},
      {.name = "min_pixels",
       .type = SettingType::integer,
       .default_value = "3",
       .help = "Leave out images of texts that are declared narrower or lower: counting pixels, icons.",
       .min = 0,
       .max = 10'000},
      {.name = "headers", .type = SettingType::headers, .help = "Sent when the feed is fetched."},
      {.name = "authorization",
       .type = SettingType::secret,
       .help = "Sent as the Authorization header when the feed is fetched, e.g. 'Bearer ...'."},
  }};
  return settings;
}

FeedOptions options_of(const SourceConfig& source) {
  return {.has_html_images = source.flag("html_images"),
          .has_thumbnails = source.flag("thumbnails"),
          .html = {.min_pixels = static_cast<int>(source.integer("min_pixels").value_or(3))}};
}

PollRequest request_of(const SourceConfig& source) {
  auto request = url_request(source);
  if (!request.headers.find("Accept")) request.headers.add("Accept", std::string(kAccept));
  return request;
}

/// What is remembered of a feed's schedule, for polls that are answered with 304: "3600 0 96".
std::string memory_of(const FeedSchedule& schedule) {
  return fmt::format("{} {} {}", schedule.period.value_or(std::chrono::seconds(0)).count(),
                     schedule.skipped_hours.to_ulong(), schedule.skipped_days.to_ulong());
}

FeedSchedule schedule_of(std::string_view memory) {
  std::array<std::uint32_t, 3> numbers{};
  std::size_t count = 0;
  for (const auto part : split(memory, ' ')) {
    if (count < numbers.size()) std::from_chars(part.data(), part.data() + part.size(), numbers.at(count++));
  }
  FeedSchedule schedule{.skipped_hours = numbers[1], .skipped_days = numbers[2]};
  if (numbers[0] > 0) schedule.period = std::chrono::seconds(numbers[0]);
  return schedule;
}

void ask_for_wait(const FeedSchedule& schedule, PollRun& run) {
  if (const auto wait = wait_of(schedule, run.now())) run.wait_at_least(*wait);
}

void check_outcome(const FeedParser& parser, PollRun& run) {
  if (parser.broken_items() == 0) return;
  const auto message = fmt::format("{} of the feed's {} items are malformed", parser.broken_items(), parser.items());
  if (parser.broken_items() == parser.items()) throw Failure(FailureKind::bad_request, message);
  run.note_unusable(parser.broken_items(), message);
}

class FeedKind final : public SourceKind {
 public:
  std::string_view name() const override { return "feed"; }
  std::string_view help() const override { return "The images of an RSS, Atom or JSON feed."; }
  UrlUse url_use() const override { return UrlUse::needed; }
  std::string_view example_url() const override { return "https://example.com/feed.xml"; }
  std::span<const SettingSpec> settings() const override { return feed_settings(); }
  std::vector<SettingError> check(const SourceConfig& source) const override { return check_url_request(source); }
  Task<void> poll(const SourceConfig& source, PollRun& run) const override;

 private:
  /// Reads feeds, one at a time: that bounds the memory they take up, and keeps the loop free.
  mutable asio::thread_pool reader_{1};
};

Task<void> FeedKind::poll(const SourceConfig& source, PollRun& run) const {
  auto page = co_await run.fetch(request_of(source));
  if (page.is_unchanged) {
    ask_for_wait(schedule_of(run.memory()), run);
    co_return;
  }
  FeedAnswer answer{.body = std::move(page.body),
                    .content_type = std::string(page.headers.find("Content-Type").value_or("")),
                    .url = std::move(page.final_url)};
  const auto options = options_of(source);
  const auto parser = co_await run_blocking(
      reader_, [&answer, &options] { return std::make_unique<FeedParser>(std::move(answer), options); });
  ask_for_wait(parser->head().schedule, run);
  run.remember(memory_of(parser->head().schedule));
  bool has_records = false;
  for (;;) {
    auto records = co_await run_blocking(reader_, [&parser] { return parser->next(kBatch); });
    if (records.empty()) break;
    has_records = true;
    co_await run.add(std::move(records));
  }
  check_outcome(*parser, run);
  if (!has_records) run.note_shape(parser->sample());
}

}  // namespace

std::unique_ptr<const SourceKind> feed_kind() {
  return std::make_unique<FeedKind>();
}

}  // namespace creel
