#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aws/lambda_invoker.h"
#include "functions/store_request_json.h"

namespace creel {

/// The JSON of one request, as a part of a batch.
std::string request_text(const StoreEvent& event);

/// Says in the JSON of a request that its image may be in the store already.
void mark_may_be_stored(std::string& request_text);

/// The event for a batch: {"requests": [...], "concurrency": N}, all of them under way at a time as far as the function
/// does that.
std::string batch_payload(const std::vector<std::string_view>& request_texts);

/// How long the answer about one request may be, about.
std::size_t answer_bytes(const StoreEvent& event);

/// What a function answered about a batch of `count`, in order; or why the answer is of no use: `function_error`, also
/// for a function that crashed or ran out of time.
std::variant<std::vector<StoreOutcome>, Failure> batch_outcomes(const aws::LambdaAnswer& answer, std::size_t count,
                                                                std::string_view key_prefix);

/// How long one image of a batch may be fetched, so that the function's time is enough to store it as well: a fifth of
/// that time, but at most ten seconds, is left for it. Where not all of a batch are under way at a time, the time is
/// divided among the turns.
std::chrono::milliseconds fetch_time(std::chrono::milliseconds function_timeout, std::size_t batch);

}  // namespace creel
