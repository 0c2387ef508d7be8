#include "emulator/runtime_state.h"

#include <gtest/gtest.h>

namespace creel::emulator {
namespace {

using Action = RuntimeAction;
using State = RuntimeState;

TEST(RuntimeState, GoesRoundWithEachInvocation) {
  EXPECT_EQ(after(State::started, Action::next), State::ready);
  EXPECT_EQ(after(State::ready, Action::invoked), State::running);
  EXPECT_EQ(after(State::running, Action::response), State::responding);
  EXPECT_EQ(after(State::responding, Action::response_read), State::response_sent);
  EXPECT_EQ(after(State::response_sent, Action::next), State::ready);
}

TEST(RuntimeState, TakesAnErrorInPlaceOfAResponse) {
  EXPECT_EQ(after(State::running, Action::error), State::responding_with_error);
  EXPECT_EQ(after(State::responding_with_error, Action::response_read), State::response_sent);
}

TEST(RuntimeState, LetsTheProcessAskAgain) {
  EXPECT_EQ(after(State::ready, Action::next), State::ready);
  EXPECT_EQ(after(State::running, Action::next), State::running);
}

TEST(RuntimeState, RefusesWhatIsOutOfTurn) {
  for (const auto state : {State::started, State::init_error, State::ready, State::responding, State::response_sent}) {
    EXPECT_FALSE(after(state, Action::response)) << to_string(state);
    EXPECT_FALSE(after(state, Action::error)) << to_string(state);
  }
  EXPECT_FALSE(after(State::init_error, Action::next));
  EXPECT_FALSE(after(State::responding, Action::next));
  for (const auto state : {State::init_error, State::ready, State::running, State::response_sent}) {
    EXPECT_FALSE(after(state, Action::init_error)) << to_string(state);
  }
}

TEST(RuntimeState, SaysWhichTransitionFailed) {
  EXPECT_EQ(transition_message(State::response_sent, Action::response),
            "State transition from RuntimeResponseSentState to InvocationResponse failed for runtime. Error: State "
            "transition is not allowed");
}

TEST(ErrorType, IsKeptIfItHasTheForm) {
  EXPECT_EQ(valid_error_type("Runtime.NoSuchHandler"), "Runtime.NoSuchHandler");
  EXPECT_EQ(valid_error_type("Function.BadInput"), "Function.BadInput");
}

TEST(ErrorType, BecomesUnknownElse) {
  EXPECT_EQ(valid_error_type("Function.bad"), "Function.Unknown");
  EXPECT_EQ(valid_error_type("Function.X1"), "Function.Unknown");
  EXPECT_EQ(valid_error_type("Runtime."), "Runtime.Unknown");
  EXPECT_EQ(valid_error_type("std::runtime_error"), "Runtime.Unknown");
  EXPECT_EQ(valid_error_type(""), "Runtime.Unknown");
}

}  // namespace
}  // namespace creel::emulator
