#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sources/poll_fetcher.h"
#include "support/http_test.h"
#include "support/scripted_server.h"
#include "support/started.h"

namespace creel::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline ScriptedServer::Script answers(int status, Headers headers = {}, std::string body = "page") {
  return [=](const WireRequest&) { return WireReply::response(status, body, headers); };
}

/// What other programs know, written down beforehand.
struct FakeHostBlocks final : HostBlocks {
  Task<std::vector<HostBlock>> find(std::vector<std::string> hosts) override {
    std::vector<HostBlock> found;
    for (const auto& host : hosts) {
      looked_up.push_back(host);
      if (const auto block = known.find(host); block != known.end()) found.push_back(block->second);
    }
    co_return found;
  }
  void note(HostBlock block) override { noted.push_back(std::move(block)); }

  std::map<std::string, HostBlock> known;
  std::vector<std::string> looked_up;
  std::vector<HostBlock> noted;
};

class PollFetcherTest : public HttpTest {
 protected:
  void SetUp() override {
    client();
    make({});
  }

  void make(PollFetcherOptions options) {
    fetcher_ = std::make_unique<PollFetcher>(PollFetcherParts{.executor = loop_.get_executor(),
                                                              .http = client(),
                                                              .clock = clock_,
                                                              .random = [] { return 0.5; },
                                                              .log = silent_log(),
                                                              .blocks = &blocks_},
                                             options);
  }

  PollPage fetch(const std::string& url) { return fetch({.url = url}); }
  PollPage fetch(PollRequest request) { return run(loop_, fetcher_->fetch(session_, std::move(request))); }

  /// The failure with which fetching ends.
  Failure failure_at(const std::string& url) { return failure_of({.url = url}); }
  Failure failure_of(PollRequest request) {
    try {
      fetch(std::move(request));
    } catch (const Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "no failure";
    return {FailureKind::internal, ""};
  }

  void run_until_done(const Started<PollPage>& started) {
    loop_.restart();
    while (!started.done()) loop_.run_one();
  }

  /// Begins the next poll of the same source.
  void next_poll() {
    session_ = {.source = session_.source, .source_url = session_.source_url, .known = session_.seen};
  }

  static std::string authority(const ScriptedServer& server) { return "127.0.0.1:" + std::to_string(server.port()); }

  PollSession session_{.source = SourceId{1}};
  FakeHostBlocks blocks_;
  std::unique_ptr<PollFetcher> fetcher_;
};

}  // namespace creel::testing
