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

TEST(DoctorFindings, JudgeAClockByHowFarItIsOff) {
  EXPECT_EQ(judge_clock(2s, "S3").verdict, Verdict::good);
  EXPECT_EQ(judge_clock(-29s, "S3").verdict, Verdict::good);
  EXPECT_EQ(judge_clock(60s, "S3").verdict, Verdict::note);
  const auto late = judge_clock(-600s, "S3");
  EXPECT_EQ(late.verdict, Verdict::wrong);
  EXPECT_THAT(late.found, HasSubstr("behind S3"));
  EXPECT_THAT(late.advice, HasSubstr("set-ntp"));
}

TEST(DoctorFindings, HaveAdviceForEveryFailureOfAPoll) {
  for (const auto kind : all_failure_kinds()) EXPECT_NE(advice_for_poll(kind, "cats"), "") << to_string(kind);
}

}  // namespace
}  // namespace creel
