#include "emulator/report_lines.h"

#include <gtest/gtest.h>

namespace creel::emulator {
namespace {

TEST(ReportLines, AreThoseOfTheService) {
  EXPECT_EQ(start_line("id", "$LATEST"), "START RequestId: id Version: $LATEST\n");
  EXPECT_EQ(end_line("id"), "END RequestId: id\n");
  EXPECT_EQ(report_line({.request_id = "id",
                         .duration = Milliseconds(1.234),
                         .init_duration = Milliseconds(20.5),
                         .memory_mb = 128,
                         .max_memory_bytes = 15 * 1024 * 1024 + 1}),
            "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 22 ms\tMemory Size: 128 MB\tMax Memory Used: 16 "
            "MB\tInit Duration: 20.50 ms\t\n");
}

TEST(ReportLines, LeaveOutTheStartOfAWarmEnvironment) {
  EXPECT_EQ(
      report_line({.request_id = "id", .duration = Milliseconds(3000), .memory_mb = 128, .status = "timeout"}),
      "REPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: "
      "0 MB\tStatus: timeout\t\n");
}

TEST(ReportLines, TellOfAStartThatFailed) {
  EXPECT_EQ(init_report_line(Milliseconds(10000), "timeout", ""),
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n");
  EXPECT_EQ(init_report_line(Milliseconds(2), "error", "Runtime.ExitError"),
            "INIT_REPORT Init Duration: 2.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n");
}

TEST(BilledDuration, IsRoundedUpAndAtLeastOne) {
  EXPECT_EQ(billed_milliseconds(Milliseconds(0.01), std::nullopt), 1);
  EXPECT_EQ(billed_milliseconds(Milliseconds(1.0), std::nullopt), 1);
  EXPECT_EQ(billed_milliseconds(Milliseconds(1.01), std::nullopt), 2);
  EXPECT_EQ(billed_milliseconds(Milliseconds(1.5), Milliseconds(1.5)), 3);
}

TEST(LogTail, KeepsTheLast4KiB) {
  LogTail tail;
  tail.append("short");
  EXPECT_EQ(tail.text(), "short");
  tail.append(std::string(4095, 'x'));
  EXPECT_EQ(tail.text(), "t" + std::string(4095, 'x'));
  for (int i = 0; i < 100; ++i) tail.append(std::string(1000, 'y'));
  EXPECT_EQ(tail.text(), std::string(4096, 'y'));
}

}  // namespace
}  // namespace creel::emulator
