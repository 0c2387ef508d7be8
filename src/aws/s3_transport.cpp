#include "aws/s3_transport.h"

#include <variant>

#include <fmt/format.h>

#include "aws/s3_error.h"
#include "aws/xml.h"
#include "base/failure.h"

namespace creel::aws {
namespace {

constexpr std::string_view kChecksumHeader = "x-amz-checksum-sha256";

std::string payload_hash(const S3Request& request, bool over_tls) {
  if (request.sha256) return to_hex(*request.sha256);
  if (request.body.size() == 0) return std::string(kEmptyPayload);
  if (over_tls) return std::string(kUnsignedPayload);
  Sha256 hash;
  for (const auto piece : request.body.pieces()) hash.update(piece);
  return to_hex(hash.finish());
}

}  // namespace

/// One call with all its tries.
class S3Transport::Call {
 public:
  Call(S3Transport& transport, S3Request request)
      : transport_(transport),
        context_(transport.context_),
        request_(std::move(request)),
        payload_hash_(payload_hash(request_, transport.endpoint_.is_https())),
        give_up_at_(context_.clock.steady_now() + transport.options_.execution_timeout),
        retries_(transport.options_.retry, context_.quota, context_.random) {}

  Task<HttpAnswer> run() {
    for (;;) {
      auto outcome = co_await attempt();
      if (auto* answer = std::get_if<HttpAnswer>(&outcome)) {
        retries_.succeeded();
        co_return std::move(*answer);
      }
      if (const auto* error = std::get_if<S3Error>(&outcome)) {
        if (correct(*error)) continue;
        co_await wait_or_throw(judge(*error), error->retry_after, to_failure(*error, action()));
      } else {
        const auto& network = std::get<Failure>(outcome);
        const auto failure = to_store_failure(network, action());
        const bool try_again = is_retryable(network.kind()) || network.kind() == FailureKind::tls;
        const auto recovery = try_again ? S3Recovery::retry : S3Recovery::give_up;
        co_await wait_or_throw({failure.kind(), recovery, {}}, std::nullopt, failure);
      }
    }
  }

 private:
  /// What S3 answered, the error it answered with, or why nothing was heard
  /// from it. Holds no connection any more.
  using Outcome = std::variant<HttpAnswer, S3Error, Failure>;

  Task<Outcome> attempt() {
    co_await get_credentials();
    auto request = signed_request();
    try {
      auto answer = co_await exchange(context_.http, std::move(request), request_.max_answer_bytes);
      if (is_answer(answer)) co_return answer;
      // The body of an object may be anything, also an <Error>.
      if (request_.method == HttpMethod::get && answer.status < 300) co_return answer;
      if (auto error = find_s3_error(answer, transport_.clock_.now())) co_return std::move(*error);
      co_return answer;
    } catch (const Failure& failure) {
      if (failure.kind() == FailureKind::too_large) throw;
      co_return failure;
    }
  }

  Task<void> get_credentials() {
    try {
      credentials_ = co_await context_.credentials.get();
    } catch (const Failure& failure) {
      throw Failure(FailureKind::store_denied, fmt::format("{}: {}", action(), failure.what()));
    }
  }

  HttpRequest signed_request() {
    region_ = transport_.region_of(request_.object.bucket);
    const auto& [bucket, key] = request_.object;
    const auto& endpoint = transport_.endpoint_;
    const auto location = request_.target == S3Target::bucket ? endpoint.locate_bucket(region_, bucket)
                                                              : endpoint.locate(region_, bucket, key);
    SigV4Request to_sign{.method = std::string(to_string(request_.method)),
                         .host = location.host,
                         .encoded_path = location.encoded_path,
                         .query = request_.query,
                         .headers = request_.headers,
                         .payload_hash = payload_hash_};
    if (!transport_.knows_checksums_) to_sign.headers.remove(kChecksumHeader);
    signed_offset_ = transport_.clock_.offset();
    transport_.signer_.sign(to_sign, credentials_, region_, transport_.clock_.now());

    const auto now = context_.clock.steady_now();
    auto request = make_request(request_.method, signed_url(location.origin, location.encoded_path, request_.query),
                                std::min(now + transport_.options_.request_timeout, give_up_at_));
    request.headers = std::move(to_sign.headers);
    request.body = request_.body;
    request.on_sent = request_.hooks.on_sent;
    return request;
  }

  /// True for a status that the caller knows what to do with, unless it is the
  /// bucket that is elsewhere or nowhere.
  bool is_answer(const HttpAnswer& answer) const {
    if (std::ranges::find(request_.answers, answer.status) == request_.answers.end()) return false;
    const auto region = answer.headers.find("x-amz-bucket-region");
    return (!region || *region == region_) && xml_text(answer.body, "Code") != "NoSuchBucket";
  }

  /// True if the cause is removed, so that the call can be sent again at once.
  /// Each kind of correction is made once.
  bool correct(const S3Error& error) {
    if (!error.region.empty() && error.region != region_) {
      transport_.regions_[request_.object.bucket] = error.region;
      return first_time(region_changed_);
    }
    switch (judge(error).recovery) {
      case S3Recovery::correct_clock:
        return transport_.clock_.correct(signed_offset_, error.date) && first_time(clock_corrected_);
      case S3Recovery::renew_credentials:
        context_.credentials.refuse(credentials_);
        return first_time(credentials_renewed_);
      case S3Recovery::leave_out_checksum:
        if (!transport_.knows_checksums_ || !request_.headers.find(kChecksumHeader)) return false;
        transport_.knows_checksums_ = false;
        return true;
      default: return false;
    }
  }

  static bool first_time(bool& done) { return !std::exchange(done, true); }

  /// Returns when it is time to try again. @throws failure  if there is no
  /// other try
  Task<void> wait_or_throw(S3Verdict verdict, std::optional<std::chrono::milliseconds> asked, Failure failure) {
    const bool throttled = verdict.recovery == S3Recovery::slow_down;
    if (throttled && request_.hooks.on_throttled) request_.hooks.on_throttled();
    if (!throttled && verdict.recovery != S3Recovery::retry) throw failure;
    const auto wait = retries_.next_wait(throttled ? RetryReason::throttled : RetryReason::transient, asked);
    if (!wait || context_.clock.steady_now() + *wait >= give_up_at_) throw failure;
    co_await sleep_for(*wait);
  }

  std::string action() const {
    return fmt::format("{} of s3://{}/{} at {}", request_.action, request_.object.bucket, request_.object.key,
                       transport_.endpoint_.name());
  }

  S3Transport& transport_;
  const S3Context& context_;
  const S3Request request_;
  const std::string payload_hash_;
  const SteadyTime give_up_at_;
  RetryRun retries_;
  Credentials credentials_;
  std::string region_;
  bool region_changed_ = false;
  std::chrono::seconds signed_offset_{0};
  bool clock_corrected_ = false;
  bool credentials_renewed_ = false;
};

S3Transport::S3Transport(S3Context context, S3Options options)
    : context_(std::move(context)),
      options_(std::move(options)),
      endpoint_(options_.endpoint_url),
      clock_(context_.clock) {}

Task<HttpAnswer> S3Transport::execute(S3Request request) {
  Call call(*this, std::move(request));
  co_return co_await call.run();
}

Task<std::string> S3Transport::presign_get(S3Object object, std::chrono::seconds lifetime) {
  const auto credentials = co_await context_.credentials.get();
  const auto& region = region_of(object.bucket);
  const auto location = endpoint_.locate(region, object.bucket, object.key);
  SigV4Request request{.method = "GET",
                       .host = location.host,
                       .encoded_path = location.encoded_path,
                       .payload_hash = std::string(kUnsignedPayload)};
  signer_.presign(request, credentials, region, clock_.now(), lifetime);
  co_return signed_url(location.origin, location.encoded_path, request.query).str();
}

const std::string& S3Transport::region_of(const std::string& bucket) const {
  const auto known = regions_.find(bucket);
  return known == regions_.end() ? options_.region : known->second;
}

}  // namespace creel::aws
