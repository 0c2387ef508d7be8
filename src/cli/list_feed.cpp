#include "cli/list_feed.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include "base/blocking.h"
#include "base/wakeup.h"
#include "sources/list_download.h"

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kStandardInput = "-";

bool is_web_address(std::string_view input) {
  return input.starts_with("http://") || input.starts_with("https://");
}

std::array<FileDescriptor, 2> new_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace

/// A list that is being downloaded while it is read.
struct ListFeed::Download {
  explicit Download(const asio::any_io_executor& executor) : ended(std::make_shared<Wakeup>(executor)) {}

  std::shared_ptr<Wakeup> ended;
  std::exception_ptr failure;
};

struct ListFeed::Input {
  std::string name;
  ListFormat format;
  /// Empty for a list that is downloaded.
  std::unique_ptr<std::istream> stream;
};

ListFeed::ListFeed(ListFeedParts parts, const JobOptions& job) : parts_(std::move(parts)), job_(job) {}

ListFeed::~ListFeed() {
  stop();
  list_thread_.join();
}

void ListFeed::add(const std::string& input, std::optional<ListFormat> format) {
  auto added = std::make_unique<Input>();
  added->name = input;
  if (input == kStandardInput) {
    added->name = "(standard input)";
    added->format = format.value_or(ListFormat::urls);
    added->stream = open_input(FileDescriptor(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)), input_stop_);
  } else if (is_web_address(input)) {
    added->format = format.value_or(list_format_of(Url::parse(input).encoded_path()));
  } else {
    added->format = format.value_or(list_format_of(input));
    added->stream = open_input(open_file(input), input_stop_);
  }
  inputs_.push_back(std::move(added));
}

void ListFeed::stop() {
  stopping_ = true;
  input_stop_.stop();
}

Task<void> ListFeed::run(SourceId source, PollId poll, std::function<void()> on_added) {
  for (const auto& input : inputs_) {
    if (stopping_) co_return;
    std::optional<Failure> broken;
    try {
      co_await run_input(*input, source, poll, on_added);
    } catch (const Failure& failure) {
      if (failure.kind() == FailureKind::internal) throw;
      broken = cause_of(failure);
    }
    if (broken && !stopping_) refuse_list(input->name, *broken);
  }
}

Task<void> ListFeed::run_input(Input& input, SourceId source, PollId poll, const std::function<void()>& on_added) {
  if (!input.stream) input.stream = download(input.name);
  std::unique_ptr<ImageList> list;
  for (bool at_end = false; !at_end && !stopping_;) {
    const auto batch = co_await run_blocking(list_thread_, [&] {
      if (!list) list = std::make_unique<ImageList>(std::move(input.stream), input.name, input.format);
      return read_batch(*list, job_);
    });
    at_end = batch.at_end;
    const auto sightings = co_await run_blocking(parts_.catalog_thread, [&] {
      return parts_.images.see(source, poll, queue_of(poll), batch.found, job_.retry_failed, parts_.clock.now());
    });
    take(batch, intake_result(batch, sightings));
    on_added();
    if (batch.broken) throw Failure(*batch.broken);
  }
  if (const auto ended = std::exchange(download_, nullptr); ended && !stopping_) {
    co_await ended->ended->wait();
    if (ended->failure) std::rethrow_exception(ended->failure);
  }
}

std::unique_ptr<std::istream> ListFeed::download(const std::string& url) {
  auto [read_end, write_end] = new_pipe();
  download_ = std::make_shared<Download>(parts_.executor);
  asio::co_spawn(parts_.executor, download_list(parts_.http, Url::parse(url), parts_.clock.now(), std::move(write_end)),
                 [download = download_](const std::exception_ptr& failure) {
                   download->failure = failure;
                   download->ended->notify();
                 });
  return open_input(std::move(read_end), input_stop_);
}

/// Of a list that could not be read because its download failed, that failure.
Failure ListFeed::cause_of(const Failure& failure) {
  const auto ended = std::exchange(download_, nullptr);
  if (!ended || !ended->failure) return failure;
  try {
    std::rethrow_exception(ended->failure);
  } catch (const Failure& cause) {
    return cause;
  }
}

void ListFeed::take(const ListBatch& batch, const IntakeResult& result) {
  parts_.tally.count_listed(result.waiting + result.reports.size());
  parts_.tally.count_failed_before(result.failed_before);
  for (const auto& [url, bad] : batch.refused) parts_.log->warn("{}: {}", bad.position, bad.message);
  for (const auto& report : result.reports) parts_.listener.on_image(report);
}

void ListFeed::refuse_list(const std::string& name, const Failure& failure) {
  parts_.log->error("the list {} could not be read to its end: {}", name, failure.what());
  parts_.tally.count_listed(1);
  parts_.listener.on_image({.url = name, .failure = FailureFacts{failure.kind(), failure.what()}});
}

}  // namespace creel
