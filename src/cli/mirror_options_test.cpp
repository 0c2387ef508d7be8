#include "cli/mirror_options.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace creel {
namespace {

using Arguments = std::vector<std::string>;

Arguments normalised(const Arguments& arguments) {
  std::vector<const char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(argument.c_str());
  return normalised_arguments(static_cast<int>(pointers.size()), pointers.data());
}

/// The options of `creel mirror ARGUMENTS...`. @throws CLI::ParseError
MirrorOptions options_of(const Arguments& arguments) {
  CLI::App app;
  MirrorOptions options;
  auto* command = app.add_subcommand("mirror");
  add_mirror_flags(*command, options);
  auto all = normalised(arguments);
  all.insert(all.begin(), "mirror");
  std::ranges::reverse(all);
  app.parse(std::move(all));
  return options;
}

MirrorOptions options_with(Arguments flags) {
  flags.insert(flags.end(), {"--to", "out", "urls.txt"});
  return options_of(flags);
}

/// What is wrong with the arguments, or "".
std::string fault_of(const Arguments& arguments) {
  try {
    options_of(arguments);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "";
}

TEST(MirrorOptions, HaveTheDocumentedDefaults) {
  const auto options = options_with({});
  EXPECT_EQ(options.inputs, Arguments{"urls.txt"});
  EXPECT_EQ(options.destination, "out");
  EXPECT_EQ(options.format, std::nullopt);
  EXPECT_EQ(options.concurrency, 256U);
  EXPECT_EQ(options.per_host, 32U);
  EXPECT_EQ(options.retries, 5);
  EXPECT_EQ(options.job.timeout, std::chrono::seconds(60));
  EXPECT_EQ(options.job.max_bytes, 64U << 20);
  EXPECT_EQ(options.memory_bytes, 256U << 20);
  EXPECT_EQ(options.job.key_mode, KeyMode::named);
  EXPECT_EQ(options.job.if_exists, IfExists::overwrite);
  EXPECT_EQ(options.job.opt_outs, OptOuts::obey);
  EXPECT_EQ(options.job.accept_types, Arguments{"image/*"});
  EXPECT_EQ(options.job.folder, "");
  EXPECT_TRUE(options.job.headers.empty());
  EXPECT_FALSE(options.job.retry_failed.all || options.job.retry_failed.kind);
  EXPECT_TRUE(options.state.empty() && options.report.empty());
  EXPECT_FALSE(options.json || options.no_progress || options.dry_run || options.allow_private_network);
  EXPECT_EQ(options.threads, 0U);
  EXPECT_EQ(options.log_format, LogFormat::text);
  EXPECT_EQ(options.log_level, "info");
}

TEST(MirrorOptions, ShowTheDefaultsAndGroupsInTheHelp) {
  CLI::App app;
  MirrorOptions options;
  add_mirror_flags(app, options);
  const auto help = app.help();
  for (const auto* text : {"--concurrency", "256", "--per-host", "32", "--retries", "60s", "64MiB", "256MiB", "named",
                           "overwrite", "image/*", "cores", "Destination:", "Fetching:", "Speed and memory:"}) {
    EXPECT_NE(help.find(text), std::string::npos) << text;
  }
}

TEST(MirrorOptions, TakeEveryFlag) {
  const auto options = options_of({"a.csv",
                                   "b.csv",
                                   "--to",
                                   "s3://bucket/x",
                                   "--format",
                                   "csv",
                                   "--endpoint-url",
                                   "http://localhost:9000",
                                   "--region",
                                   "eu-west-1",
                                   "--profile",
                                   "p",
                                   "--key-mode",
                                   "content",
                                   "--folder",
                                   "a/b",
                                   "--if-exists",
                                   "skip",
                                   "--timeout",
                                   "90s",
                                   "--retries",
                                   "0",
                                   "--max-bytes",
                                   "1MiB",
                                   "--ignore-opt-out",
                                   "--allow-private-network",
                                   "--concurrency",
                                   "9",
                                   "--per-host",
                                   "3",
                                   "--memory",
                                   "32MiB",
                                   "--threads",
                                   "2",
                                   "--state",
                                   "s.db",
                                   "--report",
                                   "r.jsonl",
                                   "--json",
                                   "--no-progress",
                                   "--dry-run",
                                   "--log-format",
                                   "json",
                                   "--log-level",
                                   "debug"});
  EXPECT_EQ(options.inputs, (Arguments{"a.csv", "b.csv"}));
  EXPECT_EQ(options.format, ListFormat::csv);
  EXPECT_EQ(options.endpoint_url, "http://localhost:9000");
  EXPECT_EQ(options.region, "eu-west-1");
  EXPECT_EQ(options.profile, "p");
  EXPECT_EQ(options.job.key_mode, KeyMode::content);
  EXPECT_EQ(options.job.folder, "a/b");
  EXPECT_EQ(options.job.if_exists, IfExists::skip);
  EXPECT_EQ(options.job.timeout, std::chrono::seconds(90));
  EXPECT_EQ(options.retries, 0);
  EXPECT_EQ(options.job.max_bytes, 1U << 20);
  EXPECT_EQ(options.job.opt_outs, OptOuts::ignore);
  EXPECT_EQ(options.concurrency, 9U);
  EXPECT_EQ(options.per_host, 3U);
  EXPECT_EQ(options.memory_bytes, 32U << 20);
  EXPECT_EQ(options.threads, 2U);
  EXPECT_EQ(options.state, "s.db");
  EXPECT_EQ(options.report, "r.jsonl");
  EXPECT_TRUE(options.json && options.no_progress && options.dry_run && options.allow_private_network);
  EXPECT_EQ(options.log_format, LogFormat::json);
  EXPECT_EQ(options.log_level, "debug");
}

TEST(MirrorOptions, TakeHeadersAndTypesSeveralTimesAndLeaveTheInputsBehindThem) {
  const auto options =
      options_of({"--to", "out", "--header", "Referer: https://a.example/", "--header", "X-Empty:", "--accept",
                  "image/png", "--accept", "image/webp", "urls.txt", "more.txt"});
  const std::vector<std::pair<std::string, std::string>> headers = {{"Referer", "https://a.example/"}, {"X-Empty", ""}};
  EXPECT_EQ(options.job.headers, headers);
  EXPECT_EQ(options.job.accept_types, (Arguments{"image/png", "image/webp"}));
  EXPECT_EQ(options.inputs, (Arguments{"urls.txt", "more.txt"}));
  EXPECT_EQ(options_of({"--to", "out", "--header", "A: b", "urls.txt"}).inputs, Arguments{"urls.txt"});
}

TEST(MirrorOptions, NameTheFlagOfEveryBadValue) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"--format", "xml"},        {"--key-mode", "both"},      {"--folder", "../up"},
      {"--folder", "/abs"},       {"--if-exists", "perhaps"},  {"--timeout", "soon"},
      {"--timeout", "-1s"},       {"--retries", "-1"},         {"--retries", "many"},
      {"--max-bytes", "big"},     {"--header", "nonsense"},    {"--header", "Host: a.example"},
      {"--header", "X: a\nY: b"}, {"--header", "Bad name: x"}, {"--concurrency", "0"},
      {"--concurrency", "x"},     {"--per-host", "0"},         {"--memory", "lots"},
      {"--threads", "0"},         {"--retry-failed=gone", ""}, {"--log-format", "xml"},
      {"--log-level", "loud"},
  };
  for (const auto& [flag, value] : bad) {
    Arguments arguments = {"urls.txt", "--to", "out", flag};
    if (!value.empty()) arguments.push_back(value);
    const auto fault = fault_of(arguments);
    EXPECT_NE(fault.find(flag.substr(0, flag.find('='))), std::string::npos) << flag << " " << value << ": " << fault;
  }
}

TEST(MirrorOptions, AskForAnInputAndADestination) {
  EXPECT_NE(fault_of({"--to", "out"}).find("INPUT"), std::string::npos);
  EXPECT_NE(fault_of({"urls.txt"}).find("--to"), std::string::npos);
  EXPECT_NE(fault_of({"urls.txt", "--to", "out", "--no-such-flag"}), "");
}

TEST(MirrorOptions, TakeRetryFailedWithAndWithoutAKind) {
  const auto plain = options_with({"--retry-failed"});
  EXPECT_TRUE(plain.job.retry_failed.all);
  EXPECT_EQ(plain.inputs, Arguments{"urls.txt"});
  EXPECT_TRUE(options_of({"urls.txt", "--to", "out", "--retry-failed"}).job.retry_failed.all);
  EXPECT_TRUE(options_of({"--retry-failed", "--to", "out", "urls.txt"}).job.retry_failed.all);

  for (const auto& flags : {Arguments{"--retry-failed", "not_found"}, Arguments{"--retry-failed=not_found"}}) {
    const auto options = options_with(flags);
    EXPECT_FALSE(options.job.retry_failed.all);
    EXPECT_EQ(options.job.retry_failed.kind, FailureKind::not_found);
  }

  const auto before_input = options_of({"--to", "out", "--retry-failed", "urls.txt"});
  EXPECT_TRUE(before_input.job.retry_failed.all);
  EXPECT_EQ(before_input.inputs, Arguments{"urls.txt"});
}

TEST(MirrorOptions, NormaliseNothingButRetryFailed) {
  EXPECT_EQ(normalised({"mirror", "a", "--json", "not_found"}), (Arguments{"mirror", "a", "--json", "not_found"}));
  EXPECT_EQ(normalised({"--retry-failed", "timeout", "dns"}), (Arguments{"--retry-failed=timeout", "dns"}));
  EXPECT_EQ(normalised({"--retry-failed"}), Arguments{"--retry-failed=all"});
}

TEST(MirrorOptions, NameTheFunctionThatImagesGoThrough) {
  const auto options = options_with(
      {"--via", "lambda:fetch:live", "--lambda-endpoint-url", "http://127.0.0.1:9000", "--function-timeout", "30s"});
  EXPECT_EQ(options.via.function, "fetch");
  EXPECT_EQ(options.via.qualifier, "live");
  EXPECT_EQ(options.via.endpoint_url, "http://127.0.0.1:9000");
  EXPECT_EQ(options.via.function_timeout, std::chrono::seconds(30));
  EXPECT_FALSE(options_with({}).via.is_used());
  EXPECT_NE(fault_of({"--via", "fetch", "--to", "s3://b", "urls.txt"}), "");
}

TEST(MirrorOptions, HaveAsManyImagesUnderWayAsBatchesCarryThroughLambda) {
  EXPECT_EQ(options_with({"--via", "lambda:fetch"}).concurrency, 32U * 75U);
  EXPECT_EQ(options_with({"--via", "lambda:fetch", "--batch", "10", "--in-flight", "5"}).concurrency, 50U);
  EXPECT_EQ(options_with({"--via", "lambda:fetch", "--concurrency", "9"}).concurrency, 9U);
  EXPECT_EQ(options_with({"--batch", "10"}).concurrency, 256U);
}

}  // namespace
}  // namespace creel
