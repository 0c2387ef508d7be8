#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "cli/backend_parts.h"
#include "cli/doctor_checks.h"
#include "cli/doctor_loop.h"
#include "net/http_status.h"
#include "net/resolver.h"

namespace creel {
namespace {

using Verdict = Finding::Verdict;
using namespace std::chrono_literals;

constexpr auto kPatience = 10s;
/// So many of the sources' servers are asked, each with one small request.
constexpr std::size_t kMostServers = 3;

/// Answers out of a cache say how old they are.
std::chrono::seconds age_of(const HttpHeaders& headers) {
  const auto age = headers.find("Age");
  int seconds = 0;
  if (age) std::from_chars(age->data(), age->data() + age->size(), seconds);
  return std::chrono::seconds(std::max(seconds, 0));
}

/// How far this machine's clock is ahead of a server's, by the Date of an answer to anything at all.
/// @throws Failure
Task<std::chrono::seconds> ahead_of(HttpClient& http, Url url, const Clock& clock) {
  HttpRequest request{.method = HttpMethod::head,
                      .url = url,
                      .headers = {},
                      .body = BodyView(),
                      .on_sent = {},
                      .deadline = clock.steady_now() + kPatience};
  const auto response = co_await http.send(std::move(request));
  const auto date = response.headers().find("Date");
  const auto theirs = date ? parse_http_date(*date) : std::nullopt;
  if (!theirs) {
    throw Failure(FailureKind::server_error, fmt::format("{} does not say what time it is", url.origin()));
  }
  co_return std::chrono::duration_cast<std::chrono::seconds>(clock.now() - (*theirs + age_of(response.headers())));
}

Task<void> ask(HttpClient& http, std::vector<Url> urls, const Clock& clock, ClockAnswers& answers, std::string& why) {
  for (const auto& url : urls) {
    try {
      const auto ahead = co_await ahead_of(http, url, clock);
      answers.push_back({.server = url.origin(), .ahead = ahead});
    } catch (const Failure& failure) {
      why = failure.what();
    }
  }
}

/// One URL a server.
std::vector<Url> some_servers(const std::vector<std::string>& addresses) {
  std::vector<Url> urls;
  std::set<std::string> origins;
  for (const auto& address : addresses) {
    try {
      auto url = Url::parse(address);
      if (urls.size() < kMostServers && origins.insert(url.origin()).second) urls.push_back(std::move(url));
    } catch (const Failure&) {
      // A list may be a file; what is wrong with a source is said where sources are looked at.
      continue;
    }
  }
  return urls;
}

Findings compare(const DoctorParts& parts, std::vector<Url> urls, HttpClientOptions options, ClockPeer peer) {
  DoctorLoop loop;
  Resolver resolver(parts.clock, system_lookup);
  HttpClient http(loop.executor(), std::move(options), resolver);
  ClockAnswers answers;
  std::string why;
  loop.run(ask(http, std::move(urls), parts.clock, answers, why));
  if (!answers.empty()) return {judge_clocks(std::move(answers), peer)};
  return {{.check = "clock",
           .verdict = Verdict::note,
           .found = fmt::format("nobody could be asked for the time: {}", why)}};
}

}  // namespace

Findings check_clock(const DoctorParts& parts) {
  try {
    if (const auto service = aws_service(parts)) {
      return compare(parts, {*service}, peer_options(parts.environment), ClockPeer::service);
    }
    auto servers = some_servers(source_servers(parts));
    if (servers.empty()) return {};
    return compare(parts, std::move(servers), web_options(parts.config, parts.environment), ClockPeer::sources);
  } catch (const Failure& failure) {
    return {{.check = "clock",
             .verdict = Verdict::note,
             .found = fmt::format("nobody could be asked for the time: {}", failure.what())}};
  }
}

}  // namespace creel
