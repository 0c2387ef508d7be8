#include "aws/service_transport.h"

#include <variant>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

std::string path_of(const Url& endpoint, const std::vector<std::string>& segments) {
  std::string_view before = endpoint.encoded_path();
  while (before.ends_with('/')) before.remove_suffix(1);
  return std::string(before) + encode_path({segments.begin(), segments.end()});
}

}  // namespace

/// One call with all its tries.
class ServiceTransport::Call {
 public:
  Call(ServiceTransport& transport, ServiceRequest request)
      : transport_(transport),
        context_(transport.context_),
        request_(std::move(request)),
        payload_hash_(request_.body.empty() ? std::string(kEmptyPayload) : to_hex(sha256(request_.body))),
        give_up_at_(std::min(request_.deadline, context_.clock.steady_now() +
                                                    std::max(transport.options_.execution_timeout, request_.timeout))),
        retries_(transport.options_.retry, context_.quota, context_.random) {}

  Task<HttpAnswer> run() {
    for (;;) {
      auto outcome = co_await attempt();
      if (auto* answer = std::get_if<HttpAnswer>(&outcome)) {
        if (request_.tries == ServiceRequest::Tries::many) retries_.succeeded();
        co_return std::move(*answer);
      }
      if (const auto* fault = std::get_if<ServiceFault>(&outcome)) {
        const auto verdict = judge(*fault);
        if (correct(*fault, verdict)) continue;
        const auto wait = next_wait(verdict.recovery, fault->retry_after);
        if (!wait) throw to_error(*fault, verdict, action());
        co_await sleep_for(*wait);
      } else {
        const auto& network = std::get<Failure>(outcome);
        const auto wait =
            next_wait(is_retryable(network.kind()) ? ServiceRecovery::retry : ServiceRecovery::give_up, std::nullopt);
        if (!wait) throw Failure(network.kind(), fmt::format("{}: {}", action(), network.what()));
        co_await sleep_for(*wait);
      }
    }
  }

 private:
  /// What the service answered, why it refused, or why nothing was heard from
  /// it. Holds no connection any more.
  using Outcome = std::variant<HttpAnswer, ServiceFault, Failure>;

  Task<Outcome> attempt() {
    co_await get_credentials();
    auto request = signed_request();
    try {
      auto answer = co_await exchange(context_.http, std::move(request), request_.max_answer_bytes);
      if (answer.status >= 300) co_return read_fault(answer, transport_.clock_.now());
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
      throw Failure(FailureKind::bad_auth, fmt::format("{}: {}", action(), failure.what()));
    }
  }

  HttpRequest signed_request() {
    const auto& endpoint = transport_.options_.endpoint;
    SigV4Request to_sign{.method = std::string(to_string(request_.method)),
                         .host = endpoint.url().authority(),
                         .encoded_path = path_of(endpoint.url(), request_.path),
                         .query = request_.query,
                         .headers = request_.headers,
                         .payload_hash = payload_hash_};
    signed_offset_ = transport_.clock_.offset();
    transport_.signer_.sign(to_sign, credentials_, endpoint.signing_region(), transport_.clock_.now());

    auto request = make_request(
        request_.method, signed_url(endpoint.url().origin(), to_sign.encoded_path, request_.query), try_deadline());
    request.headers = std::move(to_sign.headers);
    request.body = BodyView(std::as_bytes(std::span(request_.body)));
    return request;
  }

  SteadyTime try_deadline() const {
    if (request_.tries == ServiceRequest::Tries::one) return request_.deadline;
    const auto timeout = std::max(transport_.options_.request_timeout, request_.timeout);
    return std::min(context_.clock.steady_now() + timeout, give_up_at_);
  }

  /// True if the cause is removed, so that the call can be sent again at once.
  /// Each kind of correction is made once.
  bool correct(const ServiceFault& fault, const ServiceVerdict& verdict) {
    switch (verdict.recovery) {
      case ServiceRecovery::correct_clock:
        return transport_.clock_.correct(signed_offset_, fault.date) && first_time(clock_corrected_);
      case ServiceRecovery::renew_credentials:
        context_.credentials.refuse(credentials_);
        return first_time(credentials_renewed_);
      default: return false;
    }
  }

  static bool first_time(bool& done) { return !std::exchange(done, true); }

  /// How long to wait before the next try; nothing if there is none.
  std::optional<std::chrono::milliseconds> next_wait(ServiceRecovery recovery,
                                                     std::optional<std::chrono::milliseconds> asked) {
    if (request_.tries == ServiceRequest::Tries::one) return std::nullopt;
    const bool throttled = recovery == ServiceRecovery::slow_down;
    if (!throttled && recovery != ServiceRecovery::retry) return std::nullopt;
    const auto wait = retries_.next_wait(throttled ? RetryReason::throttled : RetryReason::transient, asked);
    if (!wait || context_.clock.steady_now() + *wait >= give_up_at_) return std::nullopt;
    return wait;
  }

  std::string action() const { return fmt::format("{} at {}", request_.action, transport_.options_.endpoint.name()); }

  ServiceTransport& transport_;
  const ServiceContext& context_;
  const ServiceRequest request_;
  const std::string payload_hash_;
  const SteadyTime give_up_at_;
  RetryRun retries_;
  Credentials credentials_;
  std::chrono::seconds signed_offset_{0};
  bool clock_corrected_ = false;
  bool credentials_renewed_ = false;
};

ServiceTransport::ServiceTransport(ServiceContext context, ServiceOptions options)
    : context_(std::move(context)),
      options_(std::move(options)),
      signer_(options_.signing_name, SigV4Flavour::general),
      clock_(context_.clock) {}

Task<HttpAnswer> ServiceTransport::execute(ServiceRequest request) {
  Call call(*this, std::move(request));
  co_return co_await call.run();
}

}  // namespace creel::aws
