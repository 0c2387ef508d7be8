#include "sources/jq_runner.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/wait.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "sources/jq_sandbox.h"
#include "support/run_task.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Results = std::vector<std::string>;

class JqRunnerTest : public ::testing::Test {
 protected:
  Results run(std::string program, std::string input = "null", JqLimits limits = {}) {
    return creel::testing::run(
        loop_, runner_.run({.program = std::move(program), .input = std::move(input), .limits = limits}));
  }

  /// The message of the failure, which must be a bad_request.
  std::string failure_of(std::string program, std::string input = "null", JqLimits limits = {}) {
    try {
      run(std::move(program), std::move(input), limits);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request) << failure.what();
      return failure.what();
    }
    return "no failure";
  }

  boost::asio::io_context loop_;
  JqRunner runner_{CREEL_JQ_PROGRAM};
};

/// The children of this process, zombies included.
std::set<std::string> children() {
  std::set<std::string> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string pid;
    std::string name;
    std::string state;
    std::string parent;
    if (file >> pid >> name >> state >> parent && parent == std::to_string(::getpid())) pids.insert(pid);
  }
  return pids;
}

TEST_F(JqRunnerTest, GivesEachResultInALine) {
  EXPECT_THAT(run(".items[] | {id}", R"({"items":[{"id":1},{"id":"zwei\n"}]})"),
              ElementsAre(R"({"id":1})", R"({"id":"zwei\n"})"));
  EXPECT_THAT(run("empty"), IsEmpty());
}

TEST_F(JqRunnerTest, HandsVariablesToTheProgram) {
  JqJob job{.program = "$settings.tag + $url", .input = "1", .variables = R"({"settings":{"tag":"a"},"url":"b"})"};
  EXPECT_THAT(creel::testing::run(loop_, runner_.run(job)), ElementsAre(R"("ab")"));
}

TEST_F(JqRunnerTest, SaysWhyAProgramDoesNotCompile) {
  EXPECT_EQ(failure_of(". |"),
            "the jq program does not compile: syntax error, unexpected $end at <top-level>, line 1: . |");
  EXPECT_THAT(failure_of("nothing_known"), HasSubstr("nothing_known/0 is not defined"));
  EXPECT_THAT(failure_of(std::string("1\0+1", 4)), HasSubstr("NUL"));
}

TEST_F(JqRunnerTest, ChecksProgramsWithoutRunningThem) {
  EXPECT_EQ(runner_.compile_error(".a"), std::nullopt);
  EXPECT_EQ(runner_.compile_error("def f: f; f"), std::nullopt);
  EXPECT_EQ(runner_.compile_error("$tag", R"({"tag":""})"), std::nullopt);
  EXPECT_THAT(runner_.compile_error("$tag").value_or(""), HasSubstr("$tag is not defined"));
}

TEST_F(JqRunnerTest, SaysWithWhichErrorAProgramEnds) {
  EXPECT_EQ(failure_of(".a", "[1]"), "the jq program ends with an error: Cannot index array with string \"a\"");
  EXPECT_EQ(failure_of("1, error({code: 3})"), R"(the jq program ends with an error: {"code":3})");
  EXPECT_EQ(failure_of("\"no such tag\" | halt_error"), "the jq program ends with an error: no such tag");
  EXPECT_THAT(run("1, halt, 2"), ElementsAre("1"));
}

TEST_F(JqRunnerTest, RefusesInputThatIsNoJson) {
  EXPECT_THAT(failure_of(".", "<html>"), HasSubstr("the answer is no JSON: "));
  EXPECT_THAT(failure_of(".", " \n"), HasSubstr("empty"));
  EXPECT_THAT(failure_of(".", "{} {}"), HasSubstr("no JSON"));
  EXPECT_THAT(failure_of(".", std::string(3000, '[')), HasSubstr("no JSON"));
}

TEST_F(JqRunnerTest, PutsSubstitutesForInvalidUtf8) {
  EXPECT_THAT(run(".", "\"a\xff\xfe\x62\""), ElementsAre("\"a\xef\xbf\xbd\xef\xbf\xbd\x62\""));
}

TEST_F(JqRunnerTest, TakesALongAnswer) {
  std::string input = "[";
  while (input.size() < std::size_t{15} * 1024 * 1024) input += R"({"id":12345,"title":"a picture"},)";
  input += "{}]";
  const JqLimits patient{.wall_time = std::chrono::seconds(100), .cpu_time = std::chrono::seconds(50)};
  EXPECT_THAT(run("length, (map(.id) | add)", std::move(input), patient), SizeIs(2));
  std::string numbers = "[";
  while (numbers.size() < std::size_t{15} * 1024 * 1024) numbers += "1,";
  numbers += "1]";
  EXPECT_THAT(run("length", std::move(numbers), patient), ElementsAre("7864321"));
}

TEST_F(JqRunnerTest, EndsAnEndlessLoop) {
  EXPECT_THAT(failure_of("def f: f; f", "1", {.cpu_time = std::chrono::seconds(1)}), HasSubstr("1 s of computing"));
  EXPECT_THAT(failure_of("last(range(infinite))", "1", {.wall_time = std::chrono::milliseconds(300)}),
              HasSubstr("longer than 0.3 s"));
  EXPECT_THAT(failure_of("\"\\(\"a\" * 40)b\" | test(\"^(a+)+$\")", "1", {.wall_time = std::chrono::milliseconds(500)}),
              HasSubstr("the jq program"));
}

TEST_F(JqRunnerTest, EndsAMemoryBomb) {
  if (!sandbox_limits_memory()) GTEST_SKIP() << "a sanitizer's memory cannot be limited";
  const JqLimits limits{.memory_bytes = std::size_t{128} * 1024 * 1024};
  EXPECT_THAT(failure_of("[range(1e9)]", "1", limits), HasSubstr("more memory than allowed (128 MiB)"));
  EXPECT_THAT(failure_of("reduce range(64) as $i (\"x\"; . + .)", "1", limits), HasSubstr("the jq program"));
  EXPECT_THAT(failure_of("def f: 1 + f; f", "1", limits), HasSubstr("the jq program"));
}

TEST_F(JqRunnerTest, EndsAnOutputBomb) {
  EXPECT_THAT(failure_of("range(infinite)"), HasSubstr("yields too much: more than 20000 results"));
  EXPECT_THAT(failure_of("range(1e6) | \"x\" * 100000"), HasSubstr("yields too much: more than 8388608 bytes"));
}

TEST_F(JqRunnerTest, SurvivesValuesThatAreNestedTooDeeply) {
  if (!sandbox_limits_memory()) GTEST_SKIP() << "a sanitizer reports a stack that ends by an exit of its own";
  EXPECT_THAT(failure_of("reduce range(3000000) as $i (0; [.])"), HasSubstr("the jq program"));
}

TEST_F(JqRunnerTest, CannotReadFiles) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("creel-jq-{}", ::getpid());
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "secret.jq") << "def secret: \"leaked\";";
  std::ofstream(folder / "secret.json") << "\"leaked\"";
  const auto file = (folder / "secret").string();
  for (const auto& program : {
           fmt::format(R"(include "{}"; secret)", file),
           fmt::format(R"(import "{}" as s; s::secret)", file),
           fmt::format(R"(import "{}" as $s; $s)", file),
           fmt::format(R"(import "secret" as $s {{search: "{}"}}; $s)", folder.string()),
           fmt::format(R"("{}" | modulemeta)", file),
       }) {
    EXPECT_THAT(failure_of(program), HasSubstr("module not found")) << program;
  }
  std::filesystem::remove_all(folder);
}

TEST_F(JqRunnerTest, LearnsNothingAboutFilesThatExist) {
  const auto there = failure_of(R"(import "passwd" as $s {search: "/etc"}; $s)");
  const auto not_there = failure_of(R"(import "nobody" as $s {search: "/etc"}; $s)");
  EXPECT_EQ(there.substr(0, 30), not_there.substr(0, 30));
}

TEST_F(JqRunnerTest, FindsNoEnvironmentAndNoMoreInput) {
  ::setenv("CREEL_TEST_SECRET", "leaked", 1);
  EXPECT_THAT(run("env, $ENV"), ElementsAre("{}", "{}"));
  EXPECT_THAT(run("input_filename, [inputs], (try input catch .)"), ElementsAre("null", "[]", R"("break")"));
  EXPECT_THAT(run("debug, stderr"), ElementsAre("null", "null"));
}

TEST_F(JqRunnerTest, LeavesNoProcessBehind) {
  const auto before = children();
  run(".");
  failure_of("def f: f; f", "1", {.wall_time = std::chrono::milliseconds(50)});
  EXPECT_EQ(children(), before);
}

TEST_F(JqRunnerTest, KillsTheChildAtOnceWhenItsCallerIsCancelled) {
  const auto before = children();
  boost::asio::cancellation_signal cancel;
  bool has_failed = false;
  boost::asio::co_spawn(
      loop_, runner_.run({.program = "def f: f; f", .input = "1"}),
      boost::asio::bind_cancellation_slot(
          cancel.slot(), [&](std::exception_ptr error, const Results&) { has_failed = error != nullptr; }));
  while (children() == before) loop_.run_one();
  for (int i = 0; i < 5; ++i) loop_.poll_one();
  cancel.emit(boost::asio::cancellation_type::terminal);
  loop_.run();
  EXPECT_TRUE(has_failed);
  EXPECT_EQ(children(), before);
}

TEST_F(JqRunnerTest, KillsTheChildWhenItsLoopGoes) {
  const auto before = children();
  {
    boost::asio::io_context loop;
    boost::asio::co_spawn(loop, runner_.run({.program = "def f: f; f", .input = "1"}),
                          [](std::exception_ptr, const Results&) {});
    while (children() == before) loop.run_one();
  }
  EXPECT_EQ(children(), before);
}

TEST_F(JqRunnerTest, NamesAProgramThatIsNotThere) {
  const JqRunner runner("/no/such/creel");
  try {
    creel::testing::run(loop_, runner.run({.program = ".", .input = "1"}));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::internal);
    EXPECT_THAT(failure.what(), HasSubstr("/no/such/creel"));
  }
}

TEST_F(JqRunnerTest, NamesAProgramThatIsNoFilter) {
  const JqRunner runner("/bin/false");
  try {
    creel::testing::run(loop_, runner.run({.program = ".", .input = "1"}));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::internal);
  }
}

}  // namespace
}  // namespace creel
