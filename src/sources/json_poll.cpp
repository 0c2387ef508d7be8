#include "sources/json_poll.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include "base/failure.h"
#include "base/text.h"
#include "sources/json_record.h"
#include "sources/seen_memory.h"

namespace creel {
namespace {

namespace asio = boost::asio;

/// After so many results other work of the loop has its turn.
constexpr std::size_t kResultsAtATime = 500;
/// So many second requests that fail one after the other mean that the rest would fail too.
constexpr std::size_t kMaxFaultsInARow = 5;

/// For the log: there may be a key in the query.
std::string without_query(const Url& url) {
  return fmt::format("{}{}", url.origin(), url.encoded_path());
}

/// True for what concerns the poll and not only the record whose second request ended so.
bool ends_poll(FailureKind kind) {
  return kind == FailureKind::rate_limited || kind == FailureKind::cancelled || kind == FailureKind::internal;
}

/// What an answer looks like: of every list the first entry, of long texts the beginning.
constexpr std::string_view kShapeProgram = R"jq(
def shape:
  if type == "object" then with_entries(.value |= shape)
  elif type == "array" then
    if length > 1 then [(.[0] | shape), "and \(length - 1) more"] else map(shape) end
  elif type == "string" and length > 80 then .[0:80] + "..."
  else . end;
shape)jq";

/// What the results of one program come to.
struct Found {
  std::vector<JsonImage> images;
  std::optional<JsonNext> next;
  std::size_t left_out = 0;
  std::size_t without_url = 0;
  std::string first_complaint;

  std::size_t records() const { return images.size() + left_out; }
  std::string complaint() const {
    return fmt::format("{} of {} records cannot be used{}; the first: {}", left_out, records(),
                       without_url > 0 ? fmt::format(" ({} have no image_url)", without_url) : "", first_complaint);
  }
};

void take_result(Found& found, JsonResult result) {
  if (auto* image = std::get_if<JsonImage>(&result)) {
    found.images.push_back(std::move(*image));
  } else if (auto* next = std::get_if<JsonNext>(&result)) {
    if (found.next && *found.next != *next) {
      throw Failure(FailureKind::bad_request, "the jq program names two next pages: it must yield one at most");
    }
    found.next = std::move(*next);
  } else if (auto* bad = std::get_if<BadJsonRecord>(&result)) {
    if (found.left_out++ == 0) found.first_complaint = std::move(bad->message);
    if (bad->lacks_url) ++found.without_url;
  }
}

class JsonPoll {
 public:
  JsonPoll(JsonPlan plan, std::shared_ptr<const JqRunner> jq, PollRun& run)
      : plan_(std::move(plan)),
        jq_(std::move(jq)),
        run_(run),
        pages_(plan_.url, plan_.paging),
        followed_(run.memory()),
        is_first_poll_(run.memory().empty()),
        may_stop_(plan_.stop_after > 0 && followed_.is_whole()),
        is_conditional_(followed_.is_whole() || run.memory().empty()) {}

  Task<void> go() {
    while (co_await take_page()) continue;
    // A program that fits no answer, or a server that gives none: who has just set the source up has to know.
    if (first_fault_ && is_first_poll_ && followed_well_ == 0) throw Failure(*first_fault_);
    if (has_left_follows()) {
      followed_.set_whole(false);
    } else if (is_at_end_) {
      followed_.set_whole(true);
    }
    run_.remember(followed_.text());
  }

 private:
  /// True if there is another page to be read.
  Task<bool> take_page();
  Task<PollPage> fetch(Url url, std::vector<std::pair<std::string, std::string>> more_headers, bool is_conditional);
  Task<Found> found_in(std::vector<std::string> results);
  Task<std::vector<std::string>> run_program(JqJob job, const std::string& answer);
  Task<void> note_shape(std::string body);
  /// True if enough images are known.
  Task<bool> add(std::vector<JsonImage> images, std::string page_url);
  Task<void> follow(JsonImage image, std::string page_url);
  Task<void> add_followed(JsonImage image, Url url);
  void note_fault(const std::string& key, const Url& url, const Failure& fault);
  Task<void> flush();
  bool goes_on(const Found& found, const std::string& page_url);
  bool is_enough() const { return may_stop_ && known_in_a_row_ + skipped_in_a_row_ >= plan_.stop_after; }
  /// Of more records than the memory holds some would be followed at every poll, and the rest never ends.
  bool has_left_follows() const {
    const bool is_endless = followed_.is_full() && follow_records_ > SeenMemory::kMost;
    return has_skipped_follows_ && !is_endless;
  }
  void check(const Found& found, std::string_view where) const;

  JsonPlan plan_;
  std::shared_ptr<const JqRunner> jq_;
  PollRun& run_;
  JsonPages pages_;
  SeenMemory followed_;
  bool is_first_poll_;
  /// Unless an earlier poll has come to its end, images may be missing behind those that are known.
  bool may_stop_;
  /// What an earlier poll left is to be read even if the first page has not changed.
  bool is_conditional_;
  /// Records that wait to be added.
  std::vector<ImageRecord> pending_;
  std::size_t known_in_a_row_ = 0;
  /// Records that were followed up in an earlier poll, since the last new image.
  std::size_t skipped_in_a_row_ = 0;
  std::size_t follows_ = 0;
  /// Records that name a second request, made or not.
  std::size_t follow_records_ = 0;
  bool has_skipped_follows_ = false;
  bool has_noted_shape_ = false;
  std::size_t followed_well_ = 0;
  /// Of the second requests that failed.
  std::optional<Failure> first_fault_;
  std::size_t faults_in_a_row_ = 0;
  bool is_at_end_ = false;
};

Task<PollPage> JsonPoll::fetch(Url url, std::vector<std::pair<std::string, std::string>> more_headers,
                               bool is_conditional) {
  PollRequest request;
  request.url = url.str();
  request.is_conditional = is_conditional;
  request.headers.add("Accept", "application/json");
  for (const auto& [name, value] : plan_.headers) request.headers.set(name, value);
  if (url.origin() == plan_.url.origin()) {
    for (const auto& [name, value] : plan_.secret_headers) request.headers.set(name, value.reveal());
  }
  for (const auto& [name, value] : more_headers) request.headers.set(name, value);
  co_return co_await run_.fetch(std::move(request));
}

Task<Found> JsonPoll::found_in(std::vector<std::string> results) {
  const auto executor = co_await asio::this_coro::executor;
  Found found;
  std::size_t number = 0;
  std::size_t taken = 0;
  for (const auto& line : results) {
    for (auto& result : read_json_results(line, number)) {
      take_result(found, std::move(result));
      if (++taken % kResultsAtATime == 0) co_await asio::post(executor, asio::use_awaitable);
    }
  }
  co_return found;
}

void JsonPoll::check(const Found& found, std::string_view where) const {
  if (found.left_out == 0) return;
  if (found.images.empty()) throw Failure(FailureKind::bad_request, fmt::format("{}: {}", where, found.complaint()));
  run_.note_unusable(found.left_out, fmt::format("{}: {}", where, found.complaint()));
}

Task<bool> JsonPoll::take_page() {
  auto page = co_await fetch(pages_.url(), {}, pages_.number() == 1 && is_conditional_);
  if (page.is_unchanged) co_return false;
  JqJob job;
  job.program = plan_.program;
  job.variables = json_variables(plan_.settings, page.final_url, pages_.number());
  job.input = page.body;
  auto results = co_await run_program(std::move(job), page.body);
  auto found = co_await found_in(std::move(results));
  if (pages_.number() == 1 && found.images.empty()) co_await note_shape(std::move(page.body));
  check(found, fmt::format("page {}", pages_.number()));

  auto images = std::exchange(found.images, {});
  found.left_out += images.size();
  const bool has_enough = co_await add(std::move(images), page.final_url);
  if (has_enough) co_return false;
  is_at_end_ = pages_.number() >= plan_.max_pages || !goes_on(found, page.final_url);
  co_return !is_at_end_;
}

bool JsonPoll::goes_on(const Found& found, const std::string& page_url) {
  switch (pages_.go_on(found.next, page_url, found.records())) {
    case JsonPages::Step::next: return true;
    case JsonPages::Step::end: return false;
    case JsonPages::Step::loop: break;
  }
  run_.log()->warn("page {} names a next page that was read already: the poll ends there", pages_.number());
  return false;
}

/// What the program yields. If it fails, whoever writes it gets to see what it was given.
Task<std::vector<std::string>> JsonPoll::run_program(JqJob job, const std::string& answer) {
  std::optional<Failure> fault;
  try {
    co_return co_await jq_->run(std::move(job));
  } catch (const Failure& failure) {
    fault = failure;
  }
  co_await note_shape(answer);
  throw Failure(*fault);
}

Task<void> JsonPoll::note_shape(std::string body) {
  if (std::exchange(has_noted_shape_, true)) co_return;
  JqJob job;
  job.program = kShapeProgram;
  job.input = std::move(body);
  job.limits.wall_time = std::chrono::seconds(3);
  std::vector<std::string> results;
  try {
    results = co_await jq_->run(std::move(job));
  } catch (const Failure&) {
    // The shape only helps those who write a program; it is no reason for a poll to fail.
  }
  if (!results.empty()) run_.note_shape(std::move(results.front()));
}

Task<bool> JsonPoll::add(std::vector<JsonImage> images, std::string page_url) {
  for (auto& image : images) {
    if (!image.follow) {
      resolve_urls(image.record, page_url);
      pending_.push_back(std::move(image.record));
      continue;
    }
    co_await flush();
    if (is_enough()) co_return true;
    co_await follow(std::move(image), page_url);
    co_await flush();
  }
  co_await flush();
  co_return is_enough();
}

Task<void> JsonPoll::flush() {
  if (pending_.empty()) co_return;
  auto records = std::exchange(pending_, {});
  const auto count = records.size();
  const auto added = co_await run_.add(std::move(records));
  known_in_a_row_ = added.known_in_a_row;
  if (known_in_a_row_ < count) skipped_in_a_row_ = 0;
}

Task<void> JsonPoll::follow(JsonImage image, std::string page_url) {
  if (plan_.follow_program.empty()) {
    throw Failure(FailureKind::bad_request, "a record has a follow, but the source has no follow_program");
  }
  std::optional<Url> url;
  try {
    url = Url::parse(page_url).resolve(image.follow->url);
  } catch (const Failure& failure) {
    throw Failure(FailureKind::bad_request, fmt::format("follow: {}", failure.what()));
  }
  const auto key = image.record.image_id.empty() ? url->str() : image.record.image_id;
  ++follow_records_;
  if (followed_.contains(key)) {
    ++skipped_in_a_row_;
    co_return;
  }
  // What is left comes with the next poll, since it is not remembered.
  if (follows_ >= plan_.max_follows) {
    has_skipped_follows_ = true;
    co_return;
  }
  ++follows_;
  std::optional<Failure> fault;
  try {
    co_await add_followed(std::move(image), *url);
  } catch (const Failure& failure) {
    if (ends_poll(failure.kind())) throw;
    fault = failure;
  }
  if (fault) {
    note_fault(key, *url, *fault);
    co_return;
  }
  ++followed_well_;
  faults_in_a_row_ = 0;
  followed_.remember(key);
}

/// A record is passed over whose second request has failed, so that it does not keep those behind it from being found.
/// What may go better another time is left for the next poll once, and after that for whenever the record is seen.
void JsonPoll::note_fault(const std::string& key, const Url& url, const Failure& fault) {
  if (!first_fault_) first_fault_ = fault;
  run_.note_unusable(
      1, fmt::format("{} is passed over: {}: {}", without_query(url), to_string(fault.kind()), fault.what()));
  if (!is_retryable(fault.kind())) {
    followed_.remember(key);
    return;
  }
  if (++faults_in_a_row_ >= kMaxFaultsInARow) throw Failure(fault);
  const auto mark = "failed " + key;
  if (followed_.contains(mark)) return;
  followed_.remember(mark);
  has_skipped_follows_ = true;
}

Task<void> JsonPoll::add_followed(JsonImage image, Url url) {
  std::optional<PollPage> page;
  try {
    page = co_await fetch(url, image.follow->headers, false);
  } catch (const Failure& failure) {
    if (failure.kind() != FailureKind::not_found) throw;
    run_.note_unusable(1, fmt::format("{} is not there", without_query(url)));
  }
  if (!page) co_return;
  JqJob job;
  job.program = plan_.follow_program;
  job.variables = json_variables(plan_.settings, page->final_url, pages_.number(), image.json);
  job.input = page->body;
  auto results = co_await run_program(std::move(job), page->body);
  auto found = co_await found_in(std::move(results));
  check(found, fmt::format("answer to the follow of {}", image.record.image_id));
  const bool asks_for_more =
      found.next || std::ranges::any_of(found.images, [](const JsonImage& one) { return one.follow.has_value(); });
  if (asks_for_more) {
    throw Failure(FailureKind::bad_request,
                  "the follow_program yields a next page or a follow: it must yield images only");
  }
  for (auto& one : found.images) {
    resolve_urls(one.record, page->final_url);
    pending_.push_back(std::move(one.record));
  }
}

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

}  // namespace

std::string json_variables(const std::map<std::string, std::string>& settings, std::string_view url, std::size_t page,
                           std::string_view record) {
  std::string members;
  for (const auto& [name, value] : settings) {
    members += fmt::format("{}{}:{}", members.empty() ? "" : ",", quoted(name), value);
  }
  const auto more = record.empty() ? "" : fmt::format(R"(,"record":{})", record);
  return fmt::format(R"({{"settings":{{{}}},"url":{},"page":{}{}}})", members, quoted(url), page, more);
}

Task<void> poll_json(JsonPlan plan, std::shared_ptr<const JqRunner> jq, PollRun& run) {
  JsonPoll poll(std::move(plan), std::move(jq), run);
  co_await poll.go();
}

}  // namespace creel
