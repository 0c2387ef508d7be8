#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "catalog/image_repository.h"
#include "net/http_client.h"
#include "sources/host_blocks.h"
#include "sources/source_kind.h"

namespace creel {

/// What a server said of an answer's version, byte for byte; empty for what it did not say.
struct PollValidator {
  std::string etag;
  std::string last_modified;

  bool operator==(const PollValidator&) const = default;
};

/// By URL, behind redirects.
using PollValidators = std::map<std::string, PollValidator>;

/// What the answers of one poll ask of the next ones.
struct PollHints {
  /// The next poll is to be no sooner than this after the present one: the most that was asked for by the answer to the
  /// poll's first request (Cache-Control, Expires), by refusals (Retry-After) and by limits that are used up. At most
  /// `PollFetcherOptions::longest_wait`.
  std::optional<std::chrono::seconds> asked_wait;
  /// Where the source's URL has moved to for good (301, 308), and a good answer came from there: to be taken over once the
  /// poll has ended well. Never a URL that would get the source's credentials without having had them before, nor one
  /// without TLS in place of one with it.
  std::optional<std::string> moved_to;
  /// The source's URL was answered with 410: it will not come back. The failure that is thrown is a not_found.
  bool is_gone = false;
};

/// One poll as the fetcher sees it: what it brings, and what its requests leave behind. Must outlive them.
struct PollSession {
  // What the poll brings.

  /// Whose poll it is: requests keep their distance from poll to poll. Empty for a poll that is no source's (a test),
  /// which keeps it for itself.
  std::optional<SourceId> source;
  std::string source_url;
  /// Requests a minute; no limit if empty.
  std::optional<double> rate_limit;
  /// Those of the last poll that ended well.
  PollValidators known;

  // What it leaves behind.

  /// Those of this poll's answers: what the next one is to bring, once this one has ended well. Of a poll that failed they
  /// are dropped, since its answer may not have been used, and `known` stays.
  PollValidators seen;
  PollHints hints;
  /// How many requests were sent, redirects included.
  std::size_t requests = 0;

  // The fetcher's own.

  SteadyTime next_request{};
  /// The hosts of which it is known what others have learned.
  std::set<std::string> looked_up{};
};

struct PollFetcherOptions {
  /// Requests to one host at a time. At least 1.
  std::size_t per_host = 2;
  /// The most that a peer's word can make us wait.
  std::chrono::seconds longest_wait{24 * 3600};
  /// For one request, the body included.
  std::chrono::seconds timeout{120};
  /// How long a hold lasts if nobody says for how long.
  std::chrono::seconds usual_hold{3 * 3600};
};

struct PollFetcherParts {
  boost::asio::any_io_executor executor;
  /// Its options hold the address policy and the User-Agent, which names the program and where to complain.
  HttpClient& http;
  const Clock& clock;
  Random random;
  Log log;
  /// What other programs know, and what is to outlive this one; none if null.
  HostBlocks* blocks = nullptr;
};

/// Gets the pages of all polls of the process. It asks politely: with the validators of the last answer, so that
/// nothing is sent twice; keeping to the source's rate limit; so many requests to one host at a time; and not at all
/// while a host has asked to be left alone (429 or 503 with Retry-After, or a limit that is used up), or was found
/// broken several times in a row. What one source learns about a host holds for all sources on it; that a host has refused
/// holds for other programs too, and after a restart.
/// Threads: the executor's.
class PollFetcher {
 public:
  PollFetcher(PollFetcherParts parts, PollFetcherOptions options);
  ~PollFetcher();
  PollFetcher(const PollFetcher&) = delete;
  PollFetcher& operator=(const PollFetcher&) = delete;

  /// Gets one page. Cancelling the coroutine ends the request, or the wait for its turn.
  /// @param session  must outlive the call
  /// @throws Failure  as `PollRun::fetch`; rate_limited with a wait, without a request, while the host is left alone
  Task<PollPage> fetch(PollSession& session, PollRequest request);

  /// As `PollRun::hold`.
  void hold(const PollHold& hold);

  /// Until when a host, by its authority, is left alone; nothing if it may be asked.
  std::optional<SystemTime> host_blocked_until(const std::string& host) const;

  /// Drops what is kept of a source that was deleted.
  void forget(SourceId source);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
