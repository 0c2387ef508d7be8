#include "lambda/stack_trace.h"

#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace creel::lambda {

// Outside the unnamed namespace, so that the compiler keeps their names.
[[gnu::noinline]] StackTrace capture_here() {
  return capture_stack(0);
}
[[gnu::noinline]] void throw_from_here() {
  throw std::runtime_error("x");
}

namespace {

std::exception_ptr thrown_by(void (*call)()) {
  try {
    call();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

TEST(StackTrace, BeginsWithTheCaller) {
  const auto lines = describe(capture_here());
  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(lines.front().starts_with("creel::lambda::capture_here()+0x")) << lines.front();
}

TEST(StackTrace, OfAnExceptionBeginsWhereItWasThrown) {
  const auto lines = describe(trace_of_throw(thrown_by(throw_from_here)));
  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(lines.front().starts_with("creel::lambda::throw_from_here()+0x")) << lines.front();
}

TEST(StackTrace, OfAnExceptionIsThereOnAnotherThread) {
  std::exception_ptr error;
  std::thread([&] { error = thrown_by(throw_from_here); }).join();
  EXPECT_GT(trace_of_throw(error).count, 0u);
}

TEST(StackTrace, OfAnExceptionLongAgoIsForgotten) {
  const auto old = thrown_by(throw_from_here);
  // Each of them lives, so that none gets the place of another in memory.
  std::vector<std::exception_ptr> newer;
  for (int i = 0; i < 100; ++i) newer.push_back(thrown_by(throw_from_here));
  EXPECT_EQ(trace_of_throw(old).count, 0u);
  EXPECT_GT(trace_of_throw(newer.back()).count, 0u);
}

TEST(StackTrace, OfNoExceptionIsEmpty) {
  EXPECT_EQ(trace_of_throw(nullptr).count, 0u);
}

TEST(SymbolTable, GivesFileAndOffsetWhereItKnowsNoName) {
  const SymbolTable symbols;
  const auto place = symbols.find(reinterpret_cast<std::uintptr_t>(&std::abort));
  EXPECT_FALSE(place.file.empty());
}

}  // namespace
}  // namespace creel::lambda
