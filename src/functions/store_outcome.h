#pragma once

#include "functions/image_storer.h"
#include "functions/store_request.h"

namespace creel {

/// Carries out a request; whatever is thrown is the outcome, and `cancelled` when the coroutine is cancelled.
/// @param storer  must outlive the call
Task<StoreOutcome> outcome_of(ImageStorer& storer, StoreRequest request);

}  // namespace creel
