#include <algorithm>
#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/units.h"
#include "cli/doctor_checks.h"
#include "cli/text_table.h"

namespace creel {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// S3 refuses signatures that are 15 minutes off, and tokens and schedules suffer sooner.
constexpr std::chrono::seconds kWrongClock = 300s;
constexpr std::chrono::seconds kDoubtfulClock = 60s;

std::string_view status_of(Finding::Verdict verdict) {
  switch (verdict) {
    case Finding::Verdict::good: return "ok";
    case Finding::Verdict::note: return "note";
    case Finding::Verdict::wrong: return "wrong";
  }
  return "";
}

}  // namespace

Finding wrong(std::string check, const Failure& failure, std::string advice) {
  return {.check = std::move(check),
          .verdict = Finding::Verdict::wrong,
          .found = failure.what(),
          .advice = std::move(advice)};
}

std::string advice_for_poll(FailureKind kind, const std::string& source) {
  switch (kind) {
    case FailureKind::bad_auth:
    case FailureKind::forbidden:
      return fmt::format(
          "Give it other credentials (creel source edit {0} --set-file NAME=FILE), then: creel source "
          "start {0}",
          source);
    case FailureKind::not_found:
      return fmt::format("Look whether its URL is still right: creel source edit {}", source);
    case FailureKind::rate_limited:
      return "Nothing: it waits as long as it was asked to; a longer --interval or a --rate-limit keeps it from "
             "happening";
    case FailureKind::blocked_address:
      return "It is at a private address: if that is meant, set sources.allow_private_network";
    case FailureKind::dns:
    case FailureKind::connect:
    case FailureKind::tls:
    case FailureKind::timeout:
    case FailureKind::server_error:
      return fmt::format(
          "Its server could not be reached or failed; it is tried again by itself, or now: creel source "
          "fetch {}",
          source);
    default: return fmt::format("See what it finds: creel source test {}", source);
  }
}

Finding judge_clocks(ClockAnswers answers, ClockPeer peer) {
  std::ranges::sort(answers, {}, [](const ClockAnswer& answer) { return std::abs(answer.ahead.count()); });
  const auto& middle = answers.at((answers.size() - 1) / 2);
  const auto apart = std::chrono::seconds(std::abs(middle.ahead.count()));
  Finding finding{.check = "clock",
                  .found = fmt::format("within {} of {}", format_duration(std::max(apart, 1s)), middle.server)};
  if (apart <= kDoubtfulClock) return finding;
  const bool may_be_theirs = peer == ClockPeer::sources && answers.size() == 1;
  finding.verdict = apart < kWrongClock || may_be_theirs ? Finding::Verdict::note : Finding::Verdict::wrong;
  finding.found = fmt::format("{} {} {}{}", format_duration(apart), middle.ahead.count() > 0 ? "ahead of" : "behind",
                              middle.server, may_be_theirs ? ", unless it is that server's clock which is wrong" : "");
  finding.advice =
      "Let the machine set its clock: timedatectl set-ntp true. With a wrong one tokens count as expired or as not "
      "valid "
      "yet, sources are asked too early or too late, certificates may be refused, and AWS refuses what is 15 minutes "
      "off";
  return finding;
}

std::string findings_text(const Findings& findings) {
  TextTable table({{""}, {"CHECK"}, {"FOUND"}});
  std::string advice;
  for (const auto& finding : findings) {
    table.add({std::string(status_of(finding.verdict)), finding.check, finding.found});
    if (!finding.advice.empty()) advice += fmt::format("{}: {}\n", shown(finding.check), shown(finding.advice));
  }
  return table.str() + (advice.empty() ? "" : "\nWhat to do\n" + advice);
}

std::string findings_json(const Findings& findings) {
  json::array checks;
  for (const auto& finding : findings) {
    checks.push_back(
        json::object{{"check", finding.check},
                     {"status", status_of(finding.verdict)},
                     {"found", finding.found},
                     {"advice", finding.advice.empty() ? json::value(nullptr) : json::value(finding.advice)}});
  }
  return json::serialize(json::object{{"ok", is_well(findings)}, {"checks", std::move(checks)}});
}

bool is_well(const Findings& findings) {
  return std::ranges::none_of(findings,
                              [](const Finding& finding) { return finding.verdict == Finding::Verdict::wrong; });
}

}  // namespace creel
