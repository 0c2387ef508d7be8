#include "sources/poll_fetcher.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/hash.h"
#include "base/text.h"
#include "net/host_limits.h"
#include "net/http_status.h"
#include "net/redirects.h"
#include "sources/caching_rules.h"
#include "sources/host_backoff.h"
#include "sources/request_pacer.h"

namespace creel {
namespace asio = boost::asio;
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxDiscardedBytes = 64 * 1024;
/// Longer validators are nobody's, and more of them than this are not worth keeping.
constexpr std::size_t kMaxValidatorBytes = 1024;
constexpr std::size_t kMaxValidators = 16;
constexpr const char* kUsedUp = "the number of requests it grants is used up";

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

bool is_permanent(int status) {
  return status == 301 || status == 308;
}

/// Failures that say that a host is not there, or is broken.
bool is_hosts_fault(FailureKind kind) {
  using enum FailureKind;
  return kind == dns || kind == connect || kind == tls || kind == timeout || kind == truncated || kind == server_error;
}

/// Headers that may be sent to any origin. All others may be meant for the one that they were given for.
bool is_for_everybody(std::string_view name) {
  return ascii_iequals(name, "Accept") || ascii_iequals(name, "Accept-Language");
}

bool is_private(const HttpHeaders& headers) {
  return std::ranges::any_of(headers, [](const auto& field) { return !is_for_everybody(field.first); });
}

HttpHeaders for_another_origin(const HttpHeaders& headers) {
  HttpHeaders kept;
  for (const auto& [name, value] : headers) {
    if (is_for_everybody(name)) kept.add(name, value);
  }
  return kept;
}

std::string small_header(const HttpHeaders& headers, std::string_view name) {
  const auto value = headers.find(name);
  return value && value->size() <= kMaxValidatorBytes ? std::string(*value) : std::string();
}

PollValidator validator_of(const HttpHeaders& headers) {
  return {.etag = small_header(headers, "ETag"), .last_modified = small_header(headers, "Last-Modified")};
}

/// Where a request has got to on its way along redirects.
struct Way {
  Url url;
  HttpHeaders headers;
  /// Where the source's URL has moved to for good, as far as is known.
  std::optional<Url> moved_to{};
  bool is_all_permanent = false;
  int redirects = 0;
};

Url target_of(const Url& from, std::string_view location) {
  try {
    return from.resolve(location);
  } catch (const Failure& reason) {
    throw Failure(FailureKind::redirected,
                  fmt::format("{}: redirected to a URL that cannot be used: {}", from.authority(), reason.what()));
  }
}

/// Follows one redirect.
void go_on(Way& way, int status, std::string_view location) {
  if (++way.redirects > kMaxRedirects) {
    throw Failure(FailureKind::redirected,
                  fmt::format("{}: redirected more than {} times", way.url.authority(), kMaxRedirects));
  }
  auto target = target_of(way.url, location);
  const bool is_elsewhere = target.origin() != way.url.origin();
  // The new place gets no credentials here, and must not get them by becoming the source's URL either.
  const bool is_upgrade = target.is_https() && target.host() == way.url.host();
  const bool is_safe =
      !is_elsewhere || is_upgrade || (!is_private(way.headers) && target.is_https() >= way.url.is_https());
  way.is_all_permanent = way.is_all_permanent && is_permanent(status) && is_safe;
  if (way.is_all_permanent) way.moved_to = target;
  if (is_elsewhere) way.headers = for_another_origin(way.headers);
  way.url = std::move(target);
}

/// Under what an account at a host is left alone; no host has a blank in its name.
std::string account_name(const std::string& host, const std::string& account) {
  return fmt::format("{} {}", host, short_hash(account));
}

/// Under what names a request may be held back.
std::vector<std::string> names_of(const Url& url, const std::string& account) {
  std::vector<std::string> names{url.authority()};
  if (!account.empty()) names.push_back(account_name(url.authority(), account));
  return names;
}

Failure named(const Url& url, const Failure& failure, std::optional<seconds> wait) {
  return {failure.kind(), fmt::format("{}: {}", url.authority(), failure.what()), wait};
}

}  // namespace

class PollFetcher::Impl {
 public:
  Impl(PollFetcherParts parts, PollFetcherOptions options)
      : parts_(std::move(parts)),
        options_(options),
        backoff_({.longest_wait = options.longest_wait}, parts_.random),
        limits_(std::max<std::size_t>(options.per_host, 1)) {}

  Task<PollPage> fetch(PollSession& session, PollRequest request);

  std::optional<SystemTime> host_blocked_until(const std::string& host) const {
    const auto pause = backoff_.pause(host, parts_.clock.now());
    return pause ? std::optional(pause->until) : std::nullopt;
  }

  void hold(const PollHold& hold) {
    const auto host = Url::parse(hold.url).authority();
    const auto name = hold.account.empty() ? host : account_name(host, hold.account);
    refused(name, hold.wait.value_or(options_.usual_hold), hold.reason);
  }

  void forget(SourceId source) { pacer_.forget(source); }

 private:
  /// An answer of one hop: a redirect, or the end of the way.
  struct Answer {
    int status = 0;
    HttpHeaders headers;
    std::string body;
  };

  Task<void> wait_for_turn(PollSession& session);
  Task<Answer> ask(PollSession& session, const PollRequest& request, const Way& way);
  Task<Answer> exchange(HttpRequest http_request, const PollRequest& request);
  HttpRequest http_request(const PollSession& session, const PollRequest& request, const Way& way) const;
  Task<void> look_up(PollSession& session, std::vector<std::string> names);
  void check_not_blocked(const Url& url, const std::string& account) const;
  void refused(const std::string& name, std::optional<seconds> wait, const std::string& reason);
  void take_note(const Url& url, const Answer& answer);
  void take_refusal(PollSession& session, const PollRequest& request, const Way& way, const Answer& answer);
  PollPage page(PollSession& session, const PollRequest& request, const Way& way, Answer answer);
  void ask_for(PollSession& session, std::optional<seconds> wait) const;

  PollFetcherParts parts_;
  PollFetcherOptions options_;
  HostBackoff backoff_;
  HostLimits limits_;
  RequestPacer pacer_;
};

Task<PollPage> PollFetcher::Impl::fetch(PollSession& session, PollRequest request) {
  Way way{.url = Url::parse(request.url), .headers = request.headers};
  const bool is_first = session.requests == 0;
  way.is_all_permanent = request.url == session.source_url || way.url.str() == session.source_url;
  for (;;) {
    auto answer = co_await ask(session, request, way);
    const auto location = answer.headers.find("Location");
    if (is_redirect(answer.status) && location) {
      go_on(way, answer.status, *location);
      continue;
    }
    const bool is_good = is_success(answer.status) || answer.status == 304;
    if (answer.status == 410 && way.is_all_permanent) session.hints.is_gone = true;
    if (!is_good) take_refusal(session, request, way, answer);
    if (is_good && is_first) ask_for(session, good_answer_wait(answer.headers, parts_.clock.now()));
    if (is_good && way.moved_to) session.hints.moved_to = way.moved_to->str();
    co_return page(session, request, way, std::move(answer));
  }
}

/// One request and its whole answer, in its turn.
Task<PollFetcher::Impl::Answer> PollFetcher::Impl::ask(PollSession& session, const PollRequest& request,
                                                       const Way& way) {
  co_await look_up(session, names_of(way.url, request.account));
  check_not_blocked(way.url, request.account);
  co_await wait_for_turn(session);
  const auto line = limits_.of(way.url.authority());
  const auto permit = co_await line->acquire();
  // Those that waited in line may have learned from the one in front.
  check_not_blocked(way.url, request.account);
  ++session.requests;
  std::optional<Failure> failure;
  try {
    auto answer = co_await exchange(http_request(session, request, way), request);
    take_note(way.url, answer);
    co_return answer;
  } catch (const Failure& thrown) {
    failure = thrown;
  }
  if (is_hosts_fault(failure->kind())) {
    backoff_.failed(way.url.authority(), failure->what(), parts_.clock.now());
  }
  throw named(way.url, *failure, failure->retry_after());
}

Task<PollFetcher::Impl::Answer> PollFetcher::Impl::exchange(HttpRequest http_request, const PollRequest& request) {
  auto response = co_await parts_.http.send(std::move(http_request));
  Answer answer{.status = response.status(), .headers = response.headers()};
  if (is_success(answer.status) || (answer.status >= 400 && request.gives_refusals)) {
    answer.body = co_await response.read_text(request.max_bytes);
  } else {
    co_await response.discard(kMaxDiscardedBytes);
  }
  co_return answer;
}

HttpRequest PollFetcher::Impl::http_request(const PollSession& session, const PollRequest& request,
                                            const Way& way) const {
  HttpRequest sent{.url = way.url,
                   .headers = way.headers,
                   .deadline = parts_.clock.steady_now() + options_.timeout,
                   .accept_encoding = "gzip, deflate"};
  const auto known = session.known.find(way.url.str());
  if (!request.is_conditional || known == session.known.end()) return sent;
  const auto& [etag, last_modified] = known->second;
  if (!etag.empty() && is_header_safe(etag)) sent.headers.set("If-None-Match", etag);
  if (!last_modified.empty() && is_header_safe(last_modified)) sent.headers.set("If-Modified-Since", last_modified);
  return sent;
}

/// Once in a poll for each host: what others know of it by then.
Task<void> PollFetcher::Impl::look_up(PollSession& session, std::vector<std::string> names) {
  if (parts_.blocks == nullptr) co_return;
  std::erase_if(names, [&](const std::string& name) { return !session.looked_up.insert(name).second; });
  if (names.empty()) co_return;
  const auto blocks = co_await parts_.blocks->find(std::move(names));
  for (const auto& block : blocks) {
    backoff_.learn(block.host, {.until = block.until, .reason = block.reason}, parts_.clock.now());
  }
}

void PollFetcher::Impl::check_not_blocked(const Url& url, const std::string& account) const {
  const auto now = parts_.clock.now();
  std::optional<HostBackoff::Pause> longest;
  for (const auto& name : names_of(url, account)) {
    auto pause = backoff_.pause(name, now);
    if (pause && (!longest || pause->until > longest->until)) longest = std::move(pause);
  }
  if (!longest) return;
  throw Failure(FailureKind::rate_limited,
                fmt::format("{} is left alone for now: {}", url.authority(), longest->reason),
                backoff_.spread_wait(*longest, now));
}

void PollFetcher::Impl::refused(const std::string& name, std::optional<seconds> wait, const std::string& reason) {
  const auto pause = backoff_.refused(name, wait, reason, parts_.clock.now());
  if (pause && parts_.blocks != nullptr) {
    parts_.blocks->note({.host = name, .until = pause->until, .reason = pause->reason});
  }
}

Task<void> PollFetcher::Impl::wait_for_turn(PollSession& session) {
  if (!session.rate_limit || *session.rate_limit <= 0) co_return;
  const auto now = parts_.clock.steady_now();
  const auto start = session.source ? pacer_.reserve(*session.source, *session.rate_limit, now)
                                    : RequestPacer::reserve(session.next_request, *session.rate_limit, now);
  if (start <= now) co_return;
  asio::steady_timer timer(parts_.executor, start - now);
  co_await timer.async_wait(asio::use_awaitable);
}

/// What an answer says about its host.
void PollFetcher::Impl::take_note(const Url& url, const Answer& answer) {
  const auto now = parts_.clock.now();
  const auto host = url.authority();
  const auto reason = fmt::format("it answered with status {}", answer.status);
  const auto wait = answer.status == 429 || answer.status == 503 ? refusal_wait(answer.headers, now) : std::nullopt;
  if (answer.status == 429 || wait) {
    refused(host, wait, reason);
    parts_.log->info("{}: status {}; no source asks it again before its time", host, answer.status);
  } else if (answer.status >= 500) {
    backoff_.failed(host, reason, now);
  } else {
    backoff_.succeeded(host);
    const auto renewal = used_up_wait(answer.headers, now);
    if (renewal && *renewal > seconds(0)) refused(host, renewal, kUsedUp);
  }
}

/// Throws what an answer that is none means, unless it was asked for.
void PollFetcher::Impl::take_refusal(PollSession& session, const PollRequest& request, const Way& way,
                                     const Answer& answer) {
  const auto now = parts_.clock.now();
  auto failure = failure_for_status(answer.status, answer.headers, now);
  auto wait = failure.retry_after();
  if (answer.status == 429 || answer.status == 503) wait = refusal_wait(answer.headers, now);
  // Some interfaces refuse with 403 when their limit is used up.
  if (answer.status == 403) {
    if (const auto renewal = used_up_wait(answer.headers, now)) {
      failure = Failure(FailureKind::rate_limited, kUsedUp);
      wait = renewal;
    }
  }
  if (wait) wait = std::min(*wait, options_.longest_wait);
  ask_for(session, wait);
  if (answer.status < 400 || !request.gives_refusals) throw named(way.url, failure, wait);
}

PollPage PollFetcher::Impl::page(PollSession& session, const PollRequest& request, const Way& way, Answer answer) {
  const auto now = parts_.clock.now();
  if (const auto wait = used_up_wait(answer.headers, now); wait && *wait > seconds(0)) {
    ask_for(session, wait);
  }
  const auto url = way.url.str();
  PollPage page{.is_unchanged = answer.status == 304, .status = answer.status, .final_url = url};
  auto validator = validator_of(answer.headers);
  if (page.is_unchanged) {
    const auto known = session.known.find(url);
    const bool has_asked = request.is_conditional && known != session.known.end();
    if (!has_asked && !request.headers.find("If-None-Match") && !request.headers.find("If-Modified-Since")) {
      throw Failure(
          FailureKind::server_error,
          fmt::format("{}: it answered with status 304, though any version was asked for", way.url.authority()));
    }
    if (has_asked && validator.etag.empty()) validator.etag = known->second.etag;
    if (has_asked && validator.last_modified.empty()) validator.last_modified = known->second.last_modified;
  }
  const bool is_worth_keeping = validator != PollValidator() && answer.status < 400;
  if (request.is_conditional && is_worth_keeping && session.seen.size() < kMaxValidators) {
    session.seen.insert_or_assign(url, std::move(validator));
  }
  page.headers = std::move(answer.headers);
  page.body = std::move(answer.body);
  return page;
}

void PollFetcher::Impl::ask_for(PollSession& session, std::optional<seconds> wait) const {
  if (!wait) return;
  auto& asked = session.hints.asked_wait;
  asked = std::max(asked.value_or(seconds(0)), std::min(*wait, options_.longest_wait));
}

PollFetcher::PollFetcher(PollFetcherParts parts, PollFetcherOptions options)
    : impl_(std::make_unique<Impl>(std::move(parts), options)) {}

PollFetcher::~PollFetcher() = default;

Task<PollPage> PollFetcher::fetch(PollSession& session, PollRequest request) {
  return impl_->fetch(session, std::move(request));
}

void PollFetcher::hold(const PollHold& hold) {
  impl_->hold(hold);
}

std::optional<SystemTime> PollFetcher::host_blocked_until(const std::string& host) const {
  return impl_->host_blocked_until(host);
}

void PollFetcher::forget(SourceId source) {
  impl_->forget(source);
}

}  // namespace creel
