#include "cli/report_writer.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "catalog/temporary_folder.h"

namespace creel {
namespace {

namespace json = boost::json;

ImageReport stored_report() {
  return {.url = "https://a.example/\"x\".png",
          .status = ImageStatus::stored,
          .stored = StoredFacts{.key = "a/x.png",
                                .content_type = "image/png",
                                .sha256 = "abc",
                                .size_bytes = 5'000'000'000,
                                .width = 640,
                                .height = std::nullopt},
          .attempts = 2,
          .took = std::chrono::duration<double>(0.0625)};
}

ImageReport failed_report() {
  return {.url = "https://a.example/y.png",
          .status = ImageStatus::failed,
          .failure = FailureFacts{FailureKind::not_found, "the server says \"gone\"\n"},
          .attempts = 1};
}

json::object parsed(const ImageReport& report) {
  return json::parse(report_line(report)).as_object();
}

TEST(ReportWriter, WritesTheDocumentedKeysInOrder) {
  const std::vector<std::string> keys = {"url",   "status", "key",      "size",    "content_type", "sha256",
                                         "width", "height", "attempts", "seconds", "error"};
  for (const auto& report : {stored_report(), failed_report()}) {
    std::vector<std::string> found;
    for (const auto& field : parsed(report)) found.emplace_back(field.key());
    EXPECT_EQ(found, keys);
  }
}

TEST(ReportWriter, TellsWhatWasStored) {
  const auto line = parsed(stored_report());
  EXPECT_EQ(line.at("url"), "https://a.example/\"x\".png");
  EXPECT_EQ(line.at("status"), "stored");
  EXPECT_EQ(line.at("key"), "a/x.png");
  EXPECT_EQ(line.at("size").to_number<std::uint64_t>(), 5'000'000'000U);
  EXPECT_EQ(line.at("content_type"), "image/png");
  EXPECT_EQ(line.at("sha256"), "abc");
  EXPECT_EQ(line.at("width").to_number<int>(), 640);
  EXPECT_TRUE(line.at("height").is_null());
  EXPECT_EQ(line.at("attempts").to_number<int>(), 2);
  EXPECT_DOUBLE_EQ(line.at("seconds").to_number<double>(), 0.0625);
  EXPECT_TRUE(line.at("error").is_null());
}

TEST(ReportWriter, TellsWhyAnImageFailed) {
  const auto line = parsed(failed_report());
  EXPECT_EQ(line.at("status"), "failed");
  for (const auto* key : {"key", "size", "content_type", "sha256", "width", "height"}) {
    EXPECT_TRUE(line.at(key).is_null()) << key;
  }
  EXPECT_EQ(line.at("error").at("type"), "not_found");
  EXPECT_EQ(line.at("error").at("message"), "the server says \"gone\"\n");
}

TEST(ReportWriter, KeepsTheReportUtf8WhateverTheListHeld) {
  auto report = failed_report();
  report.url = "caf\xE9 \x01";
  EXPECT_EQ(parsed(report).at("url"), "caf%E9 \x01");
  report.url = "caf\xC3\xA9";
  EXPECT_EQ(parsed(report).at("url"), "caf\xC3\xA9");
}

TEST(ReportWriter, WritesALineAnImageIntoAFileThatItEmptiesFirst) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "report.jsonl").string();
  std::ofstream(path) << "from an earlier run\n";
  ReportWriter writer(path);
  writer.write(stored_report());
  writer.write(failed_report());
  writer.close();
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(text, report_line(stored_report()) + "\n" + report_line(failed_report()) + "\n");
}

TEST(ReportWriter, SaysSoWhenTheFileCannotBeWritten) {
  try {
    ReportWriter("/no/such/folder/report.jsonl");
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
  }
  ReportWriter full("/dev/full");
  full.write(stored_report());
  try {
    full.close();
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::internal);
  }
}

}  // namespace
}  // namespace creel
