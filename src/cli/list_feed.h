#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "base/log.h"
#include "base/task.h"
#include "cli/tally.h"
#include "ingest/job_options.h"
#include "ingest/list_intake.h"
#include "net/http_client.h"
#include "sources/fd_input.h"
#include "sources/image_list.h"

namespace creel {

/// What a feed works with; all of it must outlive it.
struct ListFeedParts {
  boost::asio::any_io_executor executor;
  /// For lists on the web.
  HttpClient& http;
  boost::asio::thread_pool& catalog_thread;
  ImageRepository& images;
  const Clock& clock;
  Tally& tally;
  ReportListener& listener;
  Log log;
};

/// Reads the lists of one run into the catalog, one after the other. Threads: the main loop.
class ListFeed {
 public:
  ListFeed(ListFeedParts parts, const JobOptions& job);
  ~ListFeed();

  /// Opens an INPUT of the command line: a file, "-" for standard input, or an http(s) URL.
  /// @throws Failure bad_request | bad_url  it cannot be read
  void add(const std::string& input, std::optional<ListFormat> format);

  /// Reads all lists. A list that breaks off is reported as a failure of its own, and the others go on.
  /// @param on_added  called when images were added to the catalog's queue
  /// @throws Failure internal  the catalog cannot be written
  Task<void> run(SourceId source, PollId poll, std::function<void()> on_added);

  /// Ends the reading, also of an input that gives nothing at the moment. Threads: any.
  void stop();

 private:
  struct Input;
  struct Download;

  std::unique_ptr<std::istream> download(const std::string& url);
  Task<void> run_input(Input& input, SourceId source, PollId poll, const std::function<void()>& on_added);
  Failure cause_of(const Failure& failure);
  void take(const ListBatch& batch, const IntakeResult& result);
  void refuse_list(const std::string& name, const Failure& failure);

  ListFeedParts parts_;
  const JobOptions& job_;
  InputStop input_stop_;
  std::vector<std::unique_ptr<Input>> inputs_;
  std::shared_ptr<Download> download_;
  boost::asio::thread_pool list_thread_{1};
  std::atomic<bool> stopping_ = false;
};

}  // namespace creel
