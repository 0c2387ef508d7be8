#include "functions/function_time.h"

#include <algorithm>

namespace creel {
namespace {

using namespace std::chrono_literals;

/// What is stopped may take a second to clear away what it has half done.
constexpr std::chrono::milliseconds kClearing = 1'100ms;
/// For the answer to reach the service.
constexpr std::chrono::milliseconds kAnswering = 300ms;
/// Where the time is short, these parts of it at most.
constexpr int kClearingPart = 4;
constexpr int kAnsweringPart = 10;

}  // namespace

FunctionTime function_time(SystemTime deadline, const Clock& clock) {
  const auto now = clock.steady_now();
  const auto left = std::clamp<std::chrono::nanoseconds>(deadline - clock.now(), 0ns, 24h);
  const auto answer_at = now + left - std::min<std::chrono::nanoseconds>(kAnswering, left / kAnsweringPart);
  return {.stop_at = answer_at - std::min<std::chrono::nanoseconds>(kClearing, left / kClearingPart),
          .answer_at = answer_at};
}

}  // namespace creel
