#include "lambda/error_report.h"

#include <boost/throw_exception.hpp>
#include <gtest/gtest.h>

#include "creel/lambda.h"

namespace creel::lambda {
namespace {

template <class Thrown>
ErrorReport report_of_thrown(Thrown thrown) {
  try {
    throw thrown;
  } catch (...) {
    return report_of(std::current_exception());
  }
}

struct Odd : std::logic_error {
  using std::logic_error::logic_error;
};

TEST(ErrorReport, TakesTypeAndMessageOfAnError) {
  const auto report = report_of_thrown(Error("Function.NoSuchImage", "there is no such image"));
  EXPECT_EQ(report.type, "Function.NoSuchImage");
  EXPECT_EQ(report.message, "there is no such image");
}

TEST(ErrorReport, NamesOtherExceptionsByTheirType) {
  EXPECT_EQ(report_of_thrown(std::out_of_range("too far")).type, "std::out_of_range");
  EXPECT_EQ(report_of_thrown(std::out_of_range("too far")).message, "too far");
  EXPECT_NE(report_of_thrown(Odd("x")).type.find("Odd"), std::string::npos);
}

TEST(ErrorReport, NamesWhatBoostThrowsWithoutItsWrapper) {
  EXPECT_EQ(report_of_thrown(boost::wrapexcept<std::out_of_range>(std::out_of_range("x"))).type, "std::out_of_range");
}

TEST(ErrorReport, MakesSomethingOfWhatIsNoException) {
  EXPECT_EQ(report_of_thrown(std::string("said so")).message, "said so");
  EXPECT_EQ(report_of_thrown("said so").message, "said so");
  EXPECT_EQ(report_of_thrown(42).type, "int");
}

TEST(ErrorReport, IsJsonInTheServicesForm) {
  EXPECT_EQ(to_json({.type = "T", .message = "a \"b\"", .stack = {"f+0x1"}}),
            R"({"errorMessage":"a \"b\"","errorType":"T","stackTrace":["f+0x1"]})");
}

TEST(ErrorReport, IsValidJsonWhateverTheMessageHolds) {
  EXPECT_EQ(to_json({.type = "T", .message = "a\xff", .stack = {}}),
            "{\"errorMessage\":\"a\uFFFD\",\"errorType\":\"T\",\"stackTrace\":[]}");
}

TEST(ErrorReport, HasTheStackThatTheExceptionWasThrownFrom) {
  const auto report = report_of_thrown(std::runtime_error("x"));
  ASSERT_FALSE(report.stack.empty());
  // The helper above is often a part of this function.
  EXPECT_NE((report.stack[0] + report.stack.at(1)).find("ErrorReport_HasTheStack"), std::string::npos);
}

TEST(ServiceType, KeepsWhatTheServiceKeeps) {
  EXPECT_EQ(service_type("Function.NoSuchImage"), "Function.NoSuchImage");
  EXPECT_EQ(service_type("Runtime.NoSuchHandler"), "Runtime.NoSuchHandler");
}

TEST(ServiceType, MakesOtherTypesFit) {
  EXPECT_EQ(service_type("std::runtime_error"), "Function.RuntimeError");
  EXPECT_EQ(service_type("creel::Wrong<int, ns::T>"), "Function.Wrong");
  EXPECT_EQ(service_type("not_found"), "Function.NotFound");
  EXPECT_EQ(service_type("Function.notTitle"), "Function.FunctionNotTitle");
  EXPECT_EQ(service_type("42"), "Function.Error");
  EXPECT_EQ(service_type(""), "Function.Error");
}

TEST(AnswerTooLarge, SaysWhatTheServiceSays) {
  EXPECT_EQ(kMaxAnswerBytes, 6'291'556u);
  EXPECT_EQ(answer_too_large().message, "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
}

}  // namespace
}  // namespace creel::lambda
