#include "emulator/faults.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "base/units.h"

namespace creel::emulator {
namespace {

constexpr std::string_view kNames = "cold-start, throttle, kill-response, duplicate (each alone or as =N), delay=TIME";

bool falls_on(std::size_t every, std::size_t count) {
  return every != 0 && count % every == 0;
}

std::size_t parse_every(std::string_view text, std::string_view value) {
  std::size_t every = 0;
  const auto* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, every);
  if (parsed.ec != std::errc() || parsed.ptr != end || every == 0) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}': what follows the = is no count from 1", text));
  }
  return every;
}

}  // namespace

void add_fault(FaultPlan& plan, std::string_view text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  const auto value = equals == std::string_view::npos ? std::string_view("1") : text.substr(equals + 1);
  if (name == "delay" && equals != std::string_view::npos) {
    plan.delay = parse_duration(value);
    return;
  }
  std::size_t* every = nullptr;
  if (name == "cold-start") every = &plan.cold_start_every;
  if (name == "throttle") every = &plan.throttle_every;
  if (name == "kill-response") every = &plan.kill_response_every;
  if (name == "duplicate") every = &plan.duplicate_every;
  if (every == nullptr) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' is no fault; there are {}", text, kNames));
  }
  *every = parse_every(text, value);
}

InvocationFaults Faults::next(std::string_view wanted) {
  FaultPlan own;
  if (!wanted.empty()) {
    for (const auto part : split(wanted, ',')) add_fault(own, trim(part));
  }
  const auto count = ++count_;
  const auto decide = [&](std::size_t in_general, std::size_t here) {
    return falls_on(in_general, count) || here == 1;
  };
  return {.cold_start = decide(plan_.cold_start_every, own.cold_start_every),
          .throttle = decide(plan_.throttle_every, own.throttle_every),
          .kill_response = decide(plan_.kill_response_every, own.kill_response_every),
          .duplicate = decide(plan_.duplicate_every, own.duplicate_every),
          .delay = std::max(plan_.delay, own.delay)};
}

}  // namespace creel::emulator
