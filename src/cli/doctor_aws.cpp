#include <boost/json.hpp>
#include <fmt/format.h>

#include "aws/lambda_control.h"
#include "base/log.h"
#include "base/units.h"
#include "cli/aws_session.h"
#include "cli/backend_parts.h"
#include "cli/doctor_checks.h"
#include "cli/doctor_loop.h"
#include "cli/function_error.h"

namespace creel {
namespace {

namespace json = boost::json;
using Verdict = Finding::Verdict;
using namespace std::chrono_literals;

constexpr auto kPatience = 30s;
/// A batch of nothing.
constexpr std::string_view kHarmless = R"({"requests": []})";

/// What stands behind the checks of AWS.
struct Session {
  explicit Session(const DoctorParts& parts)
      : resolver(parts.clock, system_lookup),
        route(route_options(parts.config)),
        session(loop.executor(),
                {.profile = parts.config.store.profile,
                 .region = parts.config.store.region,
                 .endpoint_url = route.endpoint_url},
                parts.environment, resolver, parts.clock, silent_log()) {}

  DoctorLoop loop;
  Resolver resolver;
  LambdaRouteOptions route;
  AwsSession session;
};

bool uses_aws(const ServeConfig& config) {
  return config.store_to().starts_with("s3://") || !config.ingest.via.empty();
}

Task<void> look_at_credentials(aws::CredentialsProvider& provider, const Clock& clock, Findings& findings) {
  const auto found = co_await provider.get();
  std::string text = fmt::format("access key {}...", found.access_key_id.substr(0, 4));
  if (found.expires_at) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(*found.expires_at - clock.now());
    text += fmt::format(", good for {} and then renewed", format_duration(std::max(left, 0s)));
  }
  findings.push_back({.check = "credentials", .found = std::move(text)});
}

Task<void> look_at_function(Session& parts, Findings& findings) {
  aws::LambdaControl control(parts.session.context(), parts.session.lambda_options());
  const auto& route = parts.route;
  Finding finding{.check = "function", .found = {}};
  try {
    const auto found = co_await control.get_configuration(route.function, route.qualifier);
    if (!found) {
      finding.verdict = Verdict::wrong;
      finding.found = fmt::format("there is no function {}{}{} at {}", route.function,
                                  route.qualifier.empty() ? "" : ":", route.qualifier, control.endpoint().name());
      finding.advice = "Look at ingest.via and the region, or deploy it: docs/guide/deploy.md";
    } else {
      finding.found = fmt::format("{} version {}, {} MB, {} s", found->name, found->version, found->memory_mb,
                                  found->timeout_seconds);
    }
  } catch (const Failure& failure) {
    // Those who may invoke a function need not be allowed to look at it.
    if (failure.kind() != FailureKind::forbidden && failure.kind() != FailureKind::bad_auth) throw;
    finding.verdict = Verdict::note;
    finding.found = failure.what();
    finding.advice = "Allow lambda:GetFunctionConfiguration, or set ingest.function_timeout";
  }
  findings.push_back(std::move(finding));
}

Finding judge_answer(const aws::LambdaAnswer& answer, const std::string& function) {
  if (!answer.function_error.empty()) {
    return {.check = "function: invoke",
            .verdict = Verdict::wrong,
            .found = describe(parse_function_error(answer.payload), function),
            .advice = "Look into its log; creel deploy puts the right zip there"};
  }
  boost::system::error_code error;
  const auto value = json::parse(answer.payload, error);
  if (error || !value.is_object() || !value.get_object().contains("statusCode")) {
    return {.check = "function: invoke",
            .verdict = Verdict::wrong,
            .found = "it answers, but not as fetch-store-image does",
            .advice = "Look at ingest.via, and at the function's handler: it must be fetch-store-image"};
  }
  return {.check = "function: invoke",
          .found = fmt::format("it answers{}",
                               answer.executed_version.empty() ? "" : ", version " + answer.executed_version)};
}

Task<void> invoke_function(Session& parts, const Clock& clock, Findings& findings) {
  aws::LambdaClient client(parts.session.context(), parts.session.lambda_options());
  aws::LambdaInvocation invocation{.function = parts.route.function,
                                   .qualifier = parts.route.qualifier,
                                   .payload = std::string(kHarmless),
                                   .deadline = clock.steady_now() + kPatience};
  const auto answer = co_await client.invoke(std::move(invocation));
  findings.push_back(judge_answer(answer, parts.route.function));
}

Url service_url(const ServeConfig& config, Session& parts) {
  if (!config.ingest.via.empty()) {
    const auto& endpoint = parts.session.lambda_options().endpoint_url;
    if (!endpoint.empty()) return Url::parse(endpoint);
    return Url::parse(fmt::format("https://lambda.{}.amazonaws.com/", parts.session.region()));
  }
  const auto custom = config.store.endpoint_url.empty() ? parts.session.endpoint_url("S3") : config.store.endpoint_url;
  if (!custom.empty()) return Url::parse(custom);
  return Url::parse(fmt::format("https://s3.{}.amazonaws.com/", parts.session.region()));
}

}  // namespace

Findings check_credentials(const DoctorParts& parts) {
  if (!uses_aws(parts.config)) return {};
  Findings findings;
  try {
    Session session(parts);
    session.loop.run(look_at_credentials(session.session.credentials(), parts.clock, findings));
  } catch (const Failure& failure) {
    findings.push_back(wrong("credentials", failure, "Give some as the AWS tools take them: docs/guide/bucket.md"));
  }
  return findings;
}

Findings check_function(const DoctorParts& parts) {
  if (parts.config.ingest.via.empty()) return {};
  Findings findings;
  try {
    Session session(parts);
    session.loop.run(look_at_function(session, findings));
    session.loop.run(invoke_function(session, parts.clock, findings));
  } catch (const Failure& failure) {
    findings.push_back(wrong("function: invoke", failure,
                             "Look at ingest.via, the region or ingest.lambda_endpoint_url, and whether "
                             "lambda:InvokeFunction is allowed"));
  }
  return findings;
}

std::optional<Url> aws_service(const DoctorParts& parts) {
  if (!uses_aws(parts.config)) return std::nullopt;
  Session session(parts);
  return service_url(parts.config, session);
}

}  // namespace creel
