#include "functions/store_outcome.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace creel {

Task<StoreOutcome> outcome_of(ImageStorer& storer, StoreRequest request) {
  try {
    co_return co_await storer.store(std::move(request));
  } catch (const Failure& failure) {
    co_return failure;
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) co_return Failure(FailureKind::cancelled, "stopped");
    co_return Failure(FailureKind::internal, error.what());
  } catch (const std::exception& error) {
    co_return Failure(FailureKind::internal, error.what());
  }
}

}  // namespace creel
