#include "api/jwks_source.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/wakeup.h"
#include "net/http_client.h"
#include "net/url.h"

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kMaxSetBytes = std::size_t{512} * 1024;

bool are_same(const std::vector<VerificationKey>& one, const std::vector<VerificationKey>& other) {
  return std::ranges::equal(one, other, [](const auto& a, const auto& b) {
    return a.id == b.id && a.algorithm == b.algorithm && a.material == b.material;
  });
}

}  // namespace

class JwksSource::State : public std::enable_shared_from_this<JwksSource::State> {
 public:
  State(HttpClient& http, Url url, const Clock& clock, Log log, JwksOptions options)
      : http_(http), url_(std::move(url)), clock_(clock), log_(std::move(log)), options_(options) {}

  static Task<std::vector<VerificationKey>> find(std::shared_ptr<State> self, TokenAlgorithm algorithm,
                                                 std::string key_id);
  std::uint64_t generation() const { return generation_; }

 private:
  std::vector<VerificationKey> known(TokenAlgorithm algorithm, const std::string& key_id) const;
  bool may_fetch(std::chrono::seconds wait) const { return !tried_at_ || clock_.steady_now() - *tried_at_ >= wait; }
  bool may_look_for_unknown();
  static Task<void> refresh(std::shared_ptr<State> self);
  static Task<void> refresh_or_wait(std::shared_ptr<State> self);
  Task<std::string> fetch();

  HttpClient& http_;
  const Url url_;
  const Clock& clock_;
  const Log log_;
  const JwksOptions options_;

  std::vector<VerificationKey> keys_;
  std::uint64_t generation_ = 0;
  std::optional<SteadyTime> tried_at_;
  std::optional<SteadyTime> fetched_at_;
  /// When the fetches for unknown keys would all have had their time.
  SteadyTime looked_until_{};
  bool is_fetching_ = false;
  std::vector<std::shared_ptr<Wakeup>> waiting_;
};

std::vector<VerificationKey> JwksSource::State::known(TokenAlgorithm algorithm, const std::string& key_id) const {
  std::vector<VerificationKey> found;
  for (const auto& key : keys_) {
    if (key.algorithm == algorithm && (key_id.empty() || key.id == key_id)) found.push_back(key);
  }
  return found;
}

/// Counts the fetch that follows.
bool JwksSource::State::may_look_for_unknown() {
  const auto now = clock_.steady_now();
  const auto until = std::max(looked_until_, now) + options_.shortest_wait;
  if (until - now > options_.burst * options_.shortest_wait) return false;
  looked_until_ = until;
  return true;
}

Task<std::vector<VerificationKey>> JwksSource::State::find(std::shared_ptr<State> self, TokenAlgorithm algorithm,
                                                           std::string key_id) {
  auto found = self->known(algorithm, key_id);
  if (found.empty()) {
    if (self->is_fetching_ ||
        (self->fetched_at_ ? self->may_look_for_unknown() : self->may_fetch(self->options_.first_wait))) {
      co_await refresh_or_wait(self);
      found = self->known(algorithm, key_id);
    }
  } else if (!self->is_fetching_ && self->may_fetch(self->options_.shortest_wait) &&
             self->clock_.steady_now() - *self->fetched_at_ >= self->options_.max_age) {
    // The old keys do until the new ones are there.
    asio::co_spawn(co_await asio::this_coro::executor, refresh(self), must_not_fail);
  }
  if (!self->fetched_at_) {
    throw Problem(ProblemKind::unavailable, "the keys that tokens are checked with cannot be fetched for now")
        .with("Retry-After", std::to_string(self->options_.first_wait.count()));
  }
  co_return found;
}

Task<void> JwksSource::State::refresh_or_wait(std::shared_ptr<State> self) {
  const auto executor = co_await asio::this_coro::executor;
  // The fetch goes on by itself: it is not only for the request that happens to come first.
  if (!self->is_fetching_) asio::co_spawn(executor, refresh(self), must_not_fail);
  self->is_fetching_ = true;
  const auto turn = std::make_shared<Wakeup>(executor);
  self->waiting_.push_back(turn);
  co_await turn->wait();
}

Task<std::string> JwksSource::State::fetch() {
  HttpHeaders headers{{"Accept", "application/jwk-set+json, application/json"}};
  HttpRequest request{.method = HttpMethod::get,
                      .url = url_,
                      .headers = std::move(headers),
                      .body = {},
                      .on_sent = {},
                      .deadline = std::chrono::steady_clock::now() + options_.timeout,
                      .accept_encoding = "gzip"};
  auto response = co_await http_.send(std::move(request));
  if (response.status() != 200) {
    throw Failure(FailureKind::server_error, fmt::format("the answer's status is {}", response.status()));
  }
  co_return co_await response.read_text(kMaxSetBytes);
}

Task<void> JwksSource::State::refresh(std::shared_ptr<State> self) {
  self->is_fetching_ = true;
  self->tried_at_ = self->clock_.steady_now();
  try {
    auto keys = parse_jwks(co_await self->fetch());
    if (keys.empty()) throw Failure(FailureKind::server_error, "it has no key for RS256 or ES256");
    self->fetched_at_ = self->clock_.steady_now();
    if (!are_same(keys, self->keys_)) {
      self->log_->info("keys for tokens fetched from {}: {}", self->url_.origin(), keys.size());
      self->keys_ = std::move(keys);
      ++self->generation_;
    }
  } catch (const std::exception& failure) {
    self->log_->warn("the keys for tokens cannot be fetched from {}: {}{}", self->url_.origin(), failure.what(),
                     self->fetched_at_ ? "; those known are used on" : "");
  }
  self->is_fetching_ = false;
  for (const auto& turn : std::exchange(self->waiting_, {})) turn->notify();
}

JwksSource::JwksSource(HttpClient& http, const std::string& url, const Clock& clock, Log log, JwksOptions options)
    : state_(std::make_shared<State>(http, Url::parse(url), clock, log, options)) {
  if (!Url::parse(url).is_https()) {
    log->warn("the keys for tokens come from {} without TLS: whoever can change what is sent can make tokens", url);
  }
}

JwksSource::~JwksSource() = default;

Task<std::vector<VerificationKey>> JwksSource::find(TokenAlgorithm algorithm, std::string key_id) {
  return State::find(state_, algorithm, std::move(key_id));
}

std::uint64_t JwksSource::generation() const {
  return state_->generation();
}

}  // namespace creel
