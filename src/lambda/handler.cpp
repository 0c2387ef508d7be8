#include <memory>
#include <spanstream>
#include <sstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "creel/lambda.h"
#include "lambda/text.h"

namespace creel::lambda::detail {

namespace {

// The type that AWS's own runtimes give to an event that they cannot make anything of.
constexpr const char* kUnusableEvent = "Runtime.UnmarshalError";

// Deeper events than Boost.JSON's own limit of 32 exist; the bound is there for the stack's sake.
constexpr std::size_t kMaxDepth = 512;

}  // namespace

Callable::~Callable() = default;

json::value parse_event(std::string_view text) {
  // An invocation without a payload.
  if (text.empty()) return nullptr;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code error;
  auto value = json::parse(text, error, {}, options);
  if (error) throw Error(kUnusableEvent, concat({"the event is not JSON: ", error.message()}));
  return value;
}

std::string to_text(const json::value& value) {
  return json::serialize(value);
}

void throw_misfit(const std::exception& why) {
  throw Error(kUnusableEvent, concat({"the event does not have the form that the handler wants: ", why.what()}));
}

std::string call_with_streams(std::string event, const std::function<void(std::istream&, std::ostream&)>& call) {
  std::ispanstream in{std::span<const char>(event)};
  std::ostringstream out;
  call(in, out);
  return std::move(out).str();
}

void drive(Task<void> task) {
  boost::asio::io_context loop(1);
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error) { failure = std::move(error); });
  loop.run();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace creel::lambda::detail
