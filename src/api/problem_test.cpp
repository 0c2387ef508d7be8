#include "api/problem.h"

#include <set>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "catalog/source_repository.h"
#include "sources/scheduler.h"

namespace creel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <class Thrown>
Problem problem_of(Thrown thrown) {
  return to_problem(std::make_exception_ptr(std::move(thrown)));
}

TEST(Problem, IsADocumentAsRfc9457HasIt) {
  const auto reply = to_reply(Problem(ProblemKind::invalid_request, "two faults",
                                      {{"/name", "is missing"}, {"/settings/tag", "must be a text"}}));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.headers.find("Content-Type"), "application/problem+json");
  const auto document = boost::json::parse(reply.body);
  EXPECT_EQ(document.at("type"), "urn:creel:problem:invalid-request");
  EXPECT_EQ(document.at("status"), 400);
  EXPECT_EQ(document.at("detail"), "two faults");
  EXPECT_EQ(document.at("errors").at(1).at("pointer"), "/settings/tag");
  EXPECT_EQ(document.at("errors").at(1).at("detail"), "must be a text");
}

TEST(Problem, LeavesErrorsOutWhereThereAreNone) {
  const auto document = boost::json::parse(to_reply(Problem(ProblemKind::not_found, "no image 7")).body);
  EXPECT_FALSE(document.as_object().contains("errors"));
  EXPECT_FALSE(document.at("title").as_string().empty());
}

TEST(Problem, IsJsonWhateverTheTextIs) {
  const auto reply = to_reply(Problem(ProblemKind::conflict, "a \"name\"\n\xff", {{"/\xc3", "\x01"}}));
  EXPECT_NO_THROW(boost::json::parse(reply.body));
}

TEST(Problem, CarriesHeaders) {
  const auto reply = to_reply(Problem(ProblemKind::method_not_allowed, "no").with("Allow", "GET"));
  EXPECT_EQ(reply.headers.find("Allow"), "GET");
}

TEST(Problem, EveryKindHasAStatusAndANameOfItsOwn) {
  std::set<std::string_view> names;
  std::set<int> statuses;
  for (const auto kind : all_problem_kinds()) {
    names.insert(text_of(kind).name);
    statuses.insert(text_of(kind).status);
  }
  EXPECT_EQ(names.size(), all_problem_kinds().size());
  EXPECT_EQ(statuses.size(), all_problem_kinds().size());
}

TEST(Problem, OfADatabaseThatIsAwayAsksToComeAgain) {
  const auto problem = problem_of(CatalogUnavailable("FATAL: password of user creel"));
  EXPECT_EQ(problem.status(), 503);
  EXPECT_TRUE(problem.headers().find("Retry-After"));
  EXPECT_THAT(problem.what(), Not(HasSubstr("password")));
}

TEST(Problem, OfAForbiddenActionIsAConflict) {
  const auto problem = problem_of(ActionRefused(FailureKind::bad_request, "it is stopped already"));
  EXPECT_EQ(problem.status(), 409);
  EXPECT_STREQ(problem.what(), "it is stopped already");
}

TEST(Problem, OfATakenNamePointsToTheName) {
  const auto problem = problem_of(SourceNameTaken(FailureKind::bad_request, "there is a source 'a'"));
  EXPECT_EQ(problem.status(), 409);
  ASSERT_EQ(problem.errors().size(), 1U);
  EXPECT_EQ(problem.errors()[0].pointer, "/name");
}

TEST(Problem, OfAFailureGoesByItsKind) {
  const std::vector<std::pair<FailureKind, int>> table{
      {FailureKind::bad_url, 400},      {FailureKind::bad_request, 400},     {FailureKind::not_found, 404},
      {FailureKind::too_large, 413},    {FailureKind::timeout, 504},         {FailureKind::rate_limited, 503},
      {FailureKind::store_denied, 502}, {FailureKind::store_throttled, 503}, {FailureKind::connect, 502},
      {FailureKind::dns, 502},          {FailureKind::bad_auth, 502},        {FailureKind::internal, 500}};
  for (const auto& [kind, status] : table) {
    EXPECT_EQ(problem_of(Failure(kind, "x")).status(), status) << to_string(kind);
  }
}

TEST(Problem, PassesOnHowLongToWait) {
  const auto problem = problem_of(Failure(FailureKind::store_throttled, "slow down", std::chrono::seconds(7)));
  EXPECT_EQ(problem.headers().find("Retry-After"), "7");
}

TEST(Problem, SaysNothingOfWhatWentWrongInside) {
  EXPECT_THAT(problem_of(std::runtime_error("secret")).what(), Not(HasSubstr("secret")));
  EXPECT_THAT(problem_of(Failure(FailureKind::internal, "secret")).what(), Not(HasSubstr("secret")));
  EXPECT_EQ(problem_of(std::runtime_error("secret")).status(), 500);
  EXPECT_EQ(problem_of(42).status(), 500);
}

TEST(Problem, OfErrorsNamesTheOnlyOne) {
  try {
    refuse_if_any({{"/query/limit", "must be at most 200"}});
    FAIL() << "nothing was thrown";
  } catch (const Problem& problem) {
    EXPECT_STREQ(problem.what(), "/query/limit: must be at most 200");
  }
  EXPECT_NO_THROW(refuse_if_any({}));
}

}  // namespace
}  // namespace creel
