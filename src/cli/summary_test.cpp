#include "cli/summary.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace creel {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// Nine images and lines: 4 stored of 1,000 bytes each, 2 already, 3 failed.
Tally some_tally() {
  Tally tally;
  tally.count_listed(9);
  for (int i = 0; i < 4; ++i) {
    tally.count({.status = ImageStatus::stored, .stored = StoredFacts{.size_bytes = 1000}});
  }
  for (int i = 0; i < 2; ++i) {
    tally.count({.status = ImageStatus::already, .stored = StoredFacts{.size_bytes = 1000}});
  }
  for (const auto kind : {FailureKind::timeout, FailureKind::not_found, FailureKind::timeout}) {
    tally.count({.status = ImageStatus::failed, .failure = FailureFacts{kind, ""}});
  }
  return tally;
}

TEST(Tally, CountsWhatBecameOfTheImages) {
  const auto tally = some_tally();
  EXPECT_EQ(tally.total(), 9U);
  EXPECT_EQ(tally.done(), 9U);
  EXPECT_EQ(tally.stored(), 4U);
  EXPECT_EQ(tally.already(), 2U);
  EXPECT_EQ(tally.failed(), 3U);
  EXPECT_EQ(tally.stored_bytes(), 4000U) << "of what was there already nothing was stored";
  EXPECT_EQ(tally.failures().at(FailureKind::timeout), 2U);
}

TEST(Summary, IsOneJsonObjectWithTheDocumentedKeys) {
  const auto text = summary_json(some_tally(), 2s);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto summary = json::parse(text).as_object();
  std::vector<std::string> keys;
  for (const auto& field : summary) keys.emplace_back(field.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"total", "stored", "already", "failed", "bytes", "seconds",
                                            "images_per_second", "failures"}));
  EXPECT_EQ(summary.at("total").to_number<int>(), 9);
  EXPECT_EQ(summary.at("stored").to_number<int>(), 4);
  EXPECT_EQ(summary.at("already").to_number<int>(), 2);
  EXPECT_EQ(summary.at("failed").to_number<int>(), 3);
  EXPECT_EQ(summary.at("bytes").to_number<int>(), 4000);
  EXPECT_DOUBLE_EQ(summary.at("seconds").to_number<double>(), 2);
  EXPECT_DOUBLE_EQ(summary.at("images_per_second").to_number<double>(), 2);
  const auto& failures = summary.at("failures").as_object();
  EXPECT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures.at("timeout").to_number<int>(), 2);
  EXPECT_EQ(failures.at("not_found").to_number<int>(), 1);
}

TEST(Summary, OfNothingIsValidAsWell) {
  const auto summary = json::parse(summary_json({}, 0s));
  EXPECT_EQ(summary.at("total").to_number<int>(), 0);
  EXPECT_EQ(summary.at("images_per_second").to_number<double>(), 0);
  EXPECT_TRUE(summary.at("failures").as_object().empty());
}

TEST(Summary, TellsPeopleTheSame) {
  const auto text = summary_table(some_tally(), 2s, "s3://bucket/a");
  for (const auto* part : {"4.0 KB", "2.0 images/s", "s3://bucket/a", "timeout", "not_found"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  EXPECT_EQ(text.find("left"), std::string::npos);
}

TEST(Summary, TellsHowManyAreLeftAfterAStop) {
  auto tally = some_tally();
  tally.count_listed(5);
  EXPECT_NE(summary_table(tally, 2s, "out").find("run the same command again"), std::string::npos);
}

}  // namespace
}  // namespace creel
