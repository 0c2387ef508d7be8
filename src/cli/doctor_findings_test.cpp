#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/doctor_checks.h"

namespace creel {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Verdict = Finding::Verdict;

TEST(DoctorFindings, AreWellUnlessSomethingIsWrong) {
  EXPECT_TRUE(is_well({{.check = "a", .found = "b"}, {.check = "c", .verdict = Verdict::note, .found = "d"}}));
  EXPECT_FALSE(is_well({{.check = "a", .verdict = Verdict::wrong, .found = "b"}}));
}

TEST(DoctorFindings, SayWhatWasFoundAndWhatToDo) {
  const Findings findings{{.check = "store: put", .found = "takes objects"},
                          wrong("clock", Failure(FailureKind::timeout, "no answer"), "Set it")};
  const auto text = findings_text(findings);
  EXPECT_THAT(text, HasSubstr("ok     store: put  takes objects\n"));
  EXPECT_THAT(text, HasSubstr("wrong  clock       no answer\n"));
  EXPECT_THAT(text, HasSubstr("What to do\nclock: Set it\n"));
}

TEST(DoctorFindings, AreOneObjectForPrograms) {
  const auto value = json::parse(findings_json(
      {{.check = "a", .verdict = Verdict::wrong, .found = "b", .advice = "c"}, {.check = "d", .found = "e"}}));
  EXPECT_EQ(value, json::parse(R"({"ok": false, "checks": [
    {"check": "a", "status": "wrong", "found": "b", "advice": "c"},
    {"check": "d", "status": "ok", "found": "e", "advice": null}]})"));
}

Finding judge_service(std::chrono::seconds ahead) {
  return judge_clocks({{.server = "S3", .ahead = ahead}}, ClockPeer::service);
}

TEST(DoctorFindings, JudgeAClockByHowFarItIsOff) {
  EXPECT_EQ(judge_service(2s).verdict, Verdict::good);
  EXPECT_EQ(judge_service(-60s).verdict, Verdict::good);
  EXPECT_EQ(judge_service(61s).verdict, Verdict::note);
  EXPECT_THAT(judge_service(61s).found, HasSubstr("ahead of S3"));
  const auto late = judge_service(-600s);
  EXPECT_EQ(late.verdict, Verdict::wrong);
  EXPECT_THAT(late.found, HasSubstr("behind S3"));
  EXPECT_THAT(late.advice, HasSubstr("set-ntp"));
  EXPECT_THAT(late.advice, HasSubstr("tokens count as expired"));
}

TEST(DoctorFindings, BlameNoClockForThatOfOneServer) {
  const ClockAnswer wrong_one{.server = "https://a.example", .ahead = 7200s};
  const auto alone = judge_clocks({wrong_one}, ClockPeer::sources);
  EXPECT_EQ(alone.verdict, Verdict::note);
  EXPECT_THAT(alone.found, HasSubstr("unless it is that server's clock"));
  EXPECT_EQ(judge_clocks({wrong_one, {.server = "https://b.example", .ahead = 1s}}, ClockPeer::sources).verdict,
            Verdict::good);
  EXPECT_EQ(judge_clocks({wrong_one, {.server = "https://b.example", .ahead = -1s}, {.server = "c", .ahead = 3s}},
                         ClockPeer::sources)
                .verdict,
            Verdict::good);
}

TEST(DoctorFindings, BelieveSeveralServersThatAgree) {
  const auto finding = judge_clocks({{.server = "https://a.example", .ahead = 3600s},
                                     {.server = "https://b.example", .ahead = 0s},
                                     {.server = "https://c.example", .ahead = 3601s}},
                                    ClockPeer::sources);
  EXPECT_EQ(finding.verdict, Verdict::wrong);
  EXPECT_EQ(finding.found, "1h 00m ahead of https://a.example");
}

TEST(DoctorFindings, HaveAdviceForEveryFailureOfAPoll) {
  for (const auto kind : all_failure_kinds()) EXPECT_NE(advice_for_poll(kind, "cats"), "") << to_string(kind);
}

}  // namespace
}  // namespace creel
