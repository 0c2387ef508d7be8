#pragma once

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/failure.h"
#include "sources/seen_memory.h"
#include "sources/source_kind.h"

namespace creel::testing {

/// A poll whose pages are written down beforehand, and which keeps what the kind of source does.
class FakePollRun final : public PollRun {
 public:
  struct Answer {
    std::string body;
    int status = 200;
    HttpHeaders headers{};
  };

  void answer(const std::string& url, std::string body) { answers_[url] = {.body = std::move(body)}; }
  void answer(const std::string& url, Answer answer) { answers_[url] = std::move(answer); }
  /// The page can be had after all.
  void mend(const std::string& url) { failures_.erase(url); }
  /// What all other URLs answer.
  void set_default(std::string body) { default_ = std::move(body); }
  /// The page is thrown at who asks for it.
  void fail(const std::string& url, Failure failure) { failures_.emplace(url, std::move(failure)); }
  /// An image that the catalog knows already.
  void know(const std::string& image_id) { known_.insert(image_id); }
  void set_memory(std::string memory) { memory_ = std::move(memory); }
  /// The last poll added new images and did not end well.
  void break_off() { memory_ = not_whole(std::move(memory_)); }
  void set_now(SystemTime now) { now_ = now; }

  const std::vector<PollRequest>& requests() const { return requests_; }
  std::vector<std::string> urls() const {
    std::vector<std::string> all;
    for (const auto& request : requests_) all.push_back(request.url);
    return all;
  }
  const std::vector<ImageRecord>& records() const { return records_; }
  const std::string& shape() const { return shape_; }
  std::chrono::seconds longest_wait() const { return longest_wait_; }
  const std::vector<PollHold>& holds() const { return holds_; }
  std::uint64_t unusable() const { return unusable_; }
  const std::vector<std::string>& unusable_reasons() const { return unusable_reasons_; }

  /// The most requests that were under way at once.
  std::size_t peak() const { return peak_; }

  Task<PollPage> fetch(PollRequest request) override {
    requests_.push_back(request);
    peak_ = std::max(peak_, ++in_flight_);
    // Others may begin meanwhile.
    for (int i = 0; i < 3; ++i) {
      co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    }
    --in_flight_;
    if (const auto failure = failures_.find(request.url); failure != failures_.end()) throw failure->second;
    const auto found = answers_.find(request.url);
    if (found == answers_.end() && default_) {
      PollPage page;
      page.body = *default_;
      page.final_url = request.url;
      co_return page;
    }
    if (found == answers_.end()) throw Failure(FailureKind::not_found, "no answer was written down for " + request.url);
    const auto& answer = found->second;
    if (answer.status >= 400 && !request.gives_refusals) throw Failure(FailureKind::server_error, "refused");
    PollPage page;
    page.is_unchanged = answer.status == 304;
    page.status = answer.status;
    page.headers = answer.headers;
    page.body = answer.body;
    page.final_url = request.url;
    co_return page;
  }

  Task<PollAdded> add(std::vector<ImageRecord> records) override {
    PollAdded added;
    for (auto& record : records) {
      const bool is_known = !known_.insert(record.image_id).second;
      known_in_a_row_ = is_known ? known_in_a_row_ + 1 : 0;
      if (!is_known) ++added.new_images;
      records_.push_back(std::move(record));
    }
    added.known_in_a_row = known_in_a_row_;
    co_return added;
  }

  void hold(PollHold hold) override { holds_.push_back(std::move(hold)); }
  void wait_at_least(std::chrono::seconds wait) override { longest_wait_ = std::max(longest_wait_, wait); }
  std::string memory() const override { return memory_; }
  void remember(std::string memory) override { memory_ = std::move(memory); }
  void note_unusable(std::uint64_t count, std::string reason) override {
    unusable_ += count;
    unusable_reasons_.push_back(std::move(reason));
  }
  void note_shape(std::string sample) override { shape_ = std::move(sample); }
  SystemTime now() const override { return now_; }
  const Log& log() const override { return log_; }

 private:
  std::map<std::string, Answer> answers_;
  std::map<std::string, Failure> failures_;
  std::optional<std::string> default_;
  std::set<std::string> known_;
  std::vector<PollRequest> requests_;
  std::vector<ImageRecord> records_;
  std::vector<PollHold> holds_;
  std::uint64_t unusable_ = 0;
  std::vector<std::string> unusable_reasons_;
  std::size_t in_flight_ = 0;
  std::size_t peak_ = 0;
  std::size_t known_in_a_row_ = 0;
  std::string memory_;
  std::string shape_;
  std::chrono::seconds longest_wait_{0};
  SystemTime now_{};
  Log log_ = silent_log();
};

inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace creel::testing
