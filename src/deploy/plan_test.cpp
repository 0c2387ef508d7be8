#include "deploy/plan.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deploy/plan_text.h"
#include "deploy/role_policy.h"

namespace creel::deploy {
namespace {

using enum StepKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kRegion = "eu-west-1";
const ZipFacts kZip{.code_sha256 = "new=", .bytes = 2'400'000};
const OwnRole kOwnRole{.buckets = {"cats"}, .bucket_access = {"put"}};

DesiredFunction desired() {
  return {.name = "f",
          .handler = "h",
          .description = "d",
          .environment = {{"A", "1"}},
          .role = RoleArn{"arn:aws:iam::123456789012:role/r"},
          .reserved_concurrency = 5,
          .url = WantedUrl{.auth = WantedUrl::Auth::none},
          .tags = std::map<std::string, std::string>{{"t", "u"}}};
}

/// What `desired` looks like once it is deployed.
DeployedFunction deployed() {
  aws::FunctionConfiguration configuration{.name = "f",
                                           .arn = "arn:f",
                                           .runtime = "provided.al2023",
                                           .handler = "h",
                                           .role = "arn:aws:iam::123456789012:role/r",
                                           .description = "d",
                                           .memory_mb = 512,
                                           .timeout_seconds = 60,
                                           .architecture = "x86_64",
                                           .environment = {{"A", "1"}},
                                           .code_sha256 = "new="};
  return {.function = aws::FunctionState{configuration, {{"t", "u"}, {"aws:x", "y"}}, 5},
          .alias = aws::FunctionAlias{.name = "live", .version = "3"},
          .alias_version = configuration,
          .url = aws::FunctionUrlConfiguration{"https://u/", "NONE", "BUFFERED"},
          .permissions = {std::string(kUrlStatement), std::string(kUrlInvokeStatement)}};
}

FunctionPlan plan_of(const DesiredFunction& wanted, const DeployedFunction& there) {
  return make_plan(wanted, there, kZip, kRegion);
}

std::vector<StepKind> kinds(const FunctionPlan& plan) {
  std::vector<StepKind> kinds;
  for (const auto& step : plan.steps) kinds.push_back(step.kind);
  return kinds;
}

TEST(Plan, IsEmptyWhereAllIsAsDesired) {
  const auto plan = plan_of(desired(), deployed());
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.outcome, FunctionPlan::Outcome::unchanged);
}

struct Row {
  std::string what;
  std::function<void(DesiredFunction&, DeployedFunction&)> difference;
  std::vector<StepKind> steps;
  /// The first of the first step.
  FieldChange change;
};

TEST(Plan, HasTheStepsThatADifferenceNeeds) {
  const std::vector<Row> rows{
      {"code",
       [](auto&, auto& there) {
         there.function->configuration.code_sha256 = there.alias_version->code_sha256 = "old=";
         there.function->configuration.code_size = 1'000;
       },
       {update_code, publish_version, move_alias, smoke_test},
       {"code", "old= (1.0 KB)", "new= (2.4 MB)"}},
      {"code that the alias has not got",
       [](auto&, auto& there) { there.alias_version->code_sha256 = "old="; },
       {publish_version, move_alias, smoke_test},
       {}},
      {"memory",
       [](auto& wanted, auto&) { wanted.memory_mb = 1024; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"memory", "512 MB", "1024 MB"}},
      {"timeout",
       [](auto& wanted, auto&) { wanted.timeout_seconds = 90; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"timeout", "60 s", "90 s"}},
      {"handler",
       [](auto& wanted, auto&) { wanted.handler = "g"; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"handler", "h", "g"}},
      {"role",
       [](auto& wanted, auto&) { wanted.role = RoleArn{"arn:aws:iam::123456789012:role/s"}; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"role", "arn:aws:iam::123456789012:role/r", "arn:aws:iam::123456789012:role/s"}},
      {"description",
       [](auto& wanted, auto&) { wanted.description = ""; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"description", "\"d\"", "\"\""}},
      {"storage",
       [](auto& wanted, auto&) { wanted.ephemeral_storage_mb = 1024; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"ephemeral_storage", "512 MB", "1024 MB"}},
      {"a variable more",
       [](auto& wanted, auto&) { wanted.environment["B"] = "2"; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"environment.B", "", "set"}},
      {"a variable's value",
       [](auto& wanted, auto&) { wanted.environment["A"] = "2"; },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"environment.A", "set", "another value"}},
      {"a foreign variable",
       [](auto&, auto& there) {
         there.function->configuration.environment["Z"] = "z";
         there.alias_version->environment["Z"] = "z";
       },
       {update_configuration, publish_version, move_alias, smoke_test},
       {"environment.Z", "set", ""}},
      {"architecture",
       [](auto& wanted, auto&) { wanted.architecture = "arm64"; },
       {update_code, publish_version, move_alias, smoke_test},
       {"architecture", "x86_64", "arm64"}},
      {"a tag", [](auto& wanted, auto&) { (*wanted.tags)["t"] = "v"; }, {set_tags}, {"tags.t", "\"u\"", "\"v\""}},
      {"a tag less", [](auto& wanted, auto&) { wanted.tags->clear(); }, {set_tags}, {"tags.t", "\"u\"", ""}},
      {"concurrency",
       [](auto& wanted, auto&) { wanted.reserved_concurrency = 9; },
       {set_concurrency},
       {"reserved_concurrency", "5", "9"}},
      {"no concurrency",
       [](auto& wanted, auto&) { wanted.reserved_concurrency = Absent::absent; },
       {set_concurrency},
       {"reserved_concurrency", "5", ""}},
      {"no alias yet",
       [](auto&, auto& there) {
         there.alias.reset();
         there.alias_version.reset();
       },
       {publish_version, move_alias, smoke_test},
       {}},
      {"the URL's kind",
       [](auto& wanted, auto&) { wanted.url = WantedUrl{.auth = WantedUrl::Auth::iam}; },
       {set_url},
       {"url", "NONE, BUFFERED", "AWS_IAM, BUFFERED"}},
      {"the second of the URL's permissions",
       [](auto&, auto& there) { there.permissions.pop_back(); },
       {set_url},
       {"permission creel-url-invoke", "", "everybody"}},
      {"no URL", [](auto& wanted, auto&) { wanted.url = Absent::absent; }, {remove_url}, {"url", "NONE, BUFFERED", ""}},
      {"log retention",
       [](auto& wanted, auto& there) {
         wanted.log_retention_days = 30;
         there.log_group = aws::LogGroup{"/aws/lambda/f", std::nullopt};
       },
       {set_log_retention},
       {"log_retention", "for ever", "30 days"}},
      {"a log group",
       [](auto& wanted, auto&) { wanted.log_retention_days = 30; },
       {create_log_group, set_log_retention},
       {"name", "", "/aws/lambda/f"}},
  };
  for (const auto& row : rows) {
    auto wanted = desired();
    auto there = deployed();
    row.difference(wanted, there);
    const auto plan = plan_of(wanted, there);
    EXPECT_EQ(kinds(plan), row.steps) << row.what;
    EXPECT_EQ(plan.outcome, FunctionPlan::Outcome::change) << row.what;
    if (row.change.field.empty()) continue;
    ASSERT_FALSE(plan.steps.empty()) << row.what;
    ASSERT_FALSE(plan.steps.front().changes.empty()) << row.what;
    EXPECT_TRUE(plan.steps.front().changes.front() == row.change) << row.what;
  }
}

TEST(Plan, CreatesWhatIsNotThere) {
  auto wanted = desired();
  wanted.role = kOwnRole;
  wanted.log_retention_days = 7;
  const auto plan = plan_of(wanted, {});
  EXPECT_EQ(plan.outcome, FunctionPlan::Outcome::create);
  EXPECT_THAT(kinds(plan),
              ElementsAre(create_role, put_role_policy, create_log_group, set_log_retention, create_function,
                          set_concurrency, publish_version, move_alias, set_url, smoke_test));
}

TEST(Plan, LeavesAloneWhatTheFileDoesNotName) {
  auto wanted = desired();
  wanted.description.reset();
  wanted.reserved_concurrency.reset();
  wanted.url.reset();
  wanted.tags.reset();
  auto there = deployed();
  there.function->configuration.description = there.alias_version->description = "somebody's";
  there.function->tags["more"] = "tags";
  EXPECT_THAT(plan_of(wanted, there).steps, IsEmpty());
}

TEST(Plan, KeepsForeignVariablesIfItIsToldTo) {
  auto wanted = desired();
  wanted.merge_environment = true;
  auto there = deployed();
  there.function->configuration.environment["Z"] = there.alias_version->environment["Z"] = "z";
  EXPECT_THAT(plan_of(wanted, there).steps, IsEmpty());
  EXPECT_EQ(planned_environment(wanted, there), (std::map<std::string, std::string>{{"A", "1"}, {"Z", "z"}}));
}

TEST(Plan, PublishesNothingWithoutAnAlias) {
  auto wanted = desired();
  wanted.alias.clear();
  auto there = deployed();
  there.function->configuration.code_sha256 = "old=";
  EXPECT_THAT(kinds(plan_of(wanted, there)), ElementsAre(update_code, smoke_test));
}

TEST(Plan, SmokesNothingIfItIsToldSo) {
  auto wanted = desired();
  wanted.smoke = {.kind = SmokeTest::Kind::none};
  EXPECT_FALSE(plan_of(wanted, {}).has(smoke_test));
}

TEST(Plan, SetsARolesRightsOnlyIfTheyAreOthers) {
  auto wanted = desired();
  wanted.role = kOwnRole;
  auto there = deployed();
  there.role = aws::IamRole{"r", "arn:aws:iam::123456789012:role/r", ""};
  there.role_policy = " " + role_policy(wanted, kOwnRole, kRegion);
  EXPECT_THAT(plan_of(wanted, there).steps, IsEmpty());

  std::get<OwnRole>(wanted.role).bucket_access = {"delete"};
  const auto plan = plan_of(wanted, there);
  EXPECT_THAT(kinds(plan), ElementsAre(put_role_policy));
  EXPECT_THAT(plan.steps.front().changes,
              ElementsAre(FieldChange{"allow", "", "s3:DeleteObject on arn:aws:s3:::cats/*"},
                          FieldChange{"allow", "s3:PutObject, s3:AbortMultipartUpload on arn:aws:s3:::cats/*", ""}));
}

TEST(Plan, DoesWithoutRolesAndLogsWhereThereAreNone) {
  auto wanted = desired();
  wanted.role = kOwnRole;
  wanted.log_retention_days = 7;
  auto there = deployed();
  there.has_iam = there.has_logs = false;
  const auto plan = plan_of(wanted, there);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.notes.size(), 2U);
}

TEST(PlanText, ShowsWhatBecomesWhatAndNoVariablesValue) {
  auto wanted = desired();
  wanted.memory_mb = 1024;
  wanted.environment["TOKEN"] = "hidden";
  const auto text = plan_text({plan_of(wanted, deployed())}, "AWS eu-west-1");
  EXPECT_THAT(text, HasSubstr("Functions at AWS eu-west-1:\n\n  f will be changed\n    update configuration\n"
                              "      ~ memory: 512 MB -> 1024 MB\n      + environment.TOKEN: set\n"));
  EXPECT_THAT(text, HasSubstr("      ~ alias live: 3 -> the new version\n"));
  EXPECT_THAT(text, Not(HasSubstr("hidden")));
}

TEST(PlanText, SaysWhenThereIsNothingToDo) {
  const std::vector plans{plan_of(desired(), deployed())};
  EXPECT_THAT(plan_text(plans, "AWS"), HasSubstr("f is unchanged\n\nNothing to do.\n"));
  EXPECT_EQ(plan_json(plans, "AWS"), R"({"where":"AWS","changes":false,"functions":[{"name":"f",)"
                                     R"("action":"unchanged","steps":[],"notes":[]}]})");
}

TEST(PlanText, IsJsonForPrograms) {
  auto wanted = desired();
  wanted.reserved_concurrency = Absent::absent;
  EXPECT_THAT(plan_json({plan_of(wanted, deployed())}, "AWS"),
              HasSubstr(R"("steps":[{"step":"set_concurrency","changes":[{"field":"reserved_concurrency","before":"5",)"
                        R"("after":null}]}])"));
}

}  // namespace
}  // namespace creel::deploy
