#include <istream>
#include <ostream>
#include <string>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

#include "creel/lambda.h"

namespace creel::lambda {

struct Question {
  int number = 0;
};
struct Reply {
  int twice = 0;
};

Question tag_invoke(json::value_to_tag<Question>, const json::value& value) {
  return {value.at("number").to_number<int>()};
}
void tag_invoke(json::value_from_tag, json::value& value, const Reply& reply) {
  value = {{"twice", reply.twice}};
}

namespace {

using detail::Answer;
using detail::Mode;

std::string call(const Handler& handler, std::string event, Context context = Context(),
                 ResponseStream* stream = nullptr) {
  return handler.callable().call(std::move(event), std::move(context), stream);
}

json::value give_back(json::value event) {
  return event;
}
Reply twice(Question question) {
  return {2 * question.number};
}
Reply twice_by_reference(const Question& question, const Context&) {
  return {2 * question.number};
}
Task<Reply> twice_later(Question question) {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
  co_return Reply{2 * question.number};
}
Task<json::value> who_later(json::value, Context context) {
  co_return context.request_id().c_str();
}
std::future<Reply> twice_elsewhere(Question question) {
  return std::async(std::launch::async, [question] { return Reply{2 * question.number}; });
}
std::string who(json::value, Context context) {
  return context.request_id();
}
void nothing(json::value) {}
Task<void> nothing_later(json::value) {
  co_return;
}
std::future<void> nothing_elsewhere(json::value) {
  return std::async(std::launch::async, [] {});
}
void shout(std::istream& in, std::ostream& out, const Context& context) {
  std::string word;
  while (in >> word) out << word << "! ";
  out << context.request_id();
}
void count(std::istream& in, std::ostream& out) {
  out << std::string(std::istreambuf_iterator<char>(in), {}).size();
}
void stream_out(json::value event, ResponseStream& out) {
  out.write_blocking(std::string(event.as_string()));
}
Task<void> stream_out_later(json::value event, ResponseStream& out, Context context) {
  co_await out.write(std::string(event.as_string()));
  co_await out.write(" for " + context.request_id());
}

TEST(Handler, TakesAndGivesJson) {
  EXPECT_EQ(call(give_back, R"({"a":[1,2]})"), R"({"a":[1,2]})");
}

TEST(Handler, TakesAndGivesTypesWithConversions) {
  EXPECT_EQ(call(twice, R"({"number":21})"), R"({"twice":42})");
  EXPECT_EQ(call(twice_by_reference, R"({"number":21})"), R"({"twice":42})");
}

TEST(Handler, MayBeACoroutine) {
  EXPECT_EQ(Handler(twice_later).callable().mode(), Mode::coroutine);
  EXPECT_EQ(run_to_end(Handler(twice_later).callable().start(R"({"number":21})", Context(), nullptr)),
            R"({"twice":42})");
}

TEST(Handler, MayGiveAFuture) {
  EXPECT_EQ(Handler(twice_elsewhere).callable().mode(), Mode::blocking);
  EXPECT_EQ(call(twice_elsewhere, R"({"number":21})"), R"({"twice":42})");
}

TEST(Handler, MayWantTheContext) {
  const Context context(Invocation{.request_id = "request-1"});
  EXPECT_EQ(call(who, "1", context), R"("request-1")");
  EXPECT_EQ(call(who_later, "1", context), R"("request-1")");
}

TEST(Handler, AnswersNullIfItGivesNothing) {
  EXPECT_EQ(call(nothing, "1"), "null");
  EXPECT_EQ(call(nothing_later, "1"), "null");
  EXPECT_EQ(call(nothing_elsewhere, "1"), "null");
}

TEST(Handler, MayWantTheStreams) {
  EXPECT_EQ(call(shout, "not json", Context(Invocation{.request_id = "request-1"})), "not! json! request-1");
  EXPECT_EQ(call(count, "12345"), "5");
}

TEST(Handler, MayStreamItsAnswer) {
  EXPECT_EQ(Handler(stream_out).callable().answer(), Answer::streamed);
  ResponseStream stream;
  call(stream_out, R"("one")", Context(), &stream);
  EXPECT_EQ(stream.written(), "one");

  ResponseStream later;
  call(stream_out_later, R"("two")", Context(Invocation{.request_id = "request-1"}), &later);
  EXPECT_EQ(later.written(), "two for request-1");
}

TEST(Handler, MayBeALambdaWithAState) {
  int calls = 0;
  const Handler handler([&calls](json::value) mutable { return ++calls; });
  EXPECT_EQ(call(handler, "1"), "1");
  EXPECT_EQ(call(handler, "1"), "2");
}

TEST(Handler, TakesNoPayloadAsNull) {
  EXPECT_EQ(call(give_back, ""), "null");
}

TEST(Handler, SaysWhenTheEventIsNotJson) {
  try {
    call(give_back, "{bad");
    FAIL() << "the event was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.type(), "Runtime.UnmarshalError");
  }
}

TEST(Handler, SaysWhenTheEventHasAnotherForm) {
  try {
    call(twice, R"({"numero":1})");
    FAIL() << "the event was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.type(), "Runtime.UnmarshalError");
  }
}

TEST(Handler, CanBeCalledDirectly) {
  EXPECT_EQ(twice({.number = 4}).twice, 8);
  EXPECT_EQ(run_to_end(twice_later({.number = 4})).twice, 8);
  ResponseStream stream;
  run_to_end(stream_out_later("x", stream, Context()));
  EXPECT_EQ(stream.written(), "x for ");
}

TEST(Context, NeverExpiresWithoutADeadline) {
  const Context context;
  EXPECT_GT(context.remaining(), std::chrono::hours(24 * 365));
  EXPECT_FALSE(context.cancel().stop_requested());
}

TEST(Context, HasNothingLeftAfterTheDeadline) {
  const Context context(Invocation{.deadline = std::chrono::system_clock::time_point()});
  EXPECT_EQ(context.remaining(), std::chrono::milliseconds(0));
}

TEST(Context, KnowsItsFunction) {
  const Context context(Invocation{}, FunctionInfo{.name = "greeter", .version = "7", .memory_mib = 256});
  EXPECT_EQ(context.function_name(), "greeter");
  EXPECT_EQ(context.function_version(), "7");
  EXPECT_EQ(context.memory_mib(), 256u);
}

}  // namespace
}  // namespace creel::lambda
