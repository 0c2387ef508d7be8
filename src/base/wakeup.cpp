#include "base/wakeup.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace creel {
namespace asio = boost::asio;

Wakeup::Wakeup(const asio::any_io_executor& executor) : timer_(executor) {}

Task<bool> Wakeup::wait(SteadyTime deadline) {
  const auto self = shared_from_this();
  if (!notified_) {
    timer_.expires_at(deadline);
    boost::system::error_code ended;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  co_return std::exchange(notified_, false);
}

void Wakeup::notify() {
  notified_ = true;
  timer_.cancel();
}

void Wakeup::post_notify(const std::shared_ptr<Wakeup>& wakeup) {
  asio::post(wakeup->timer_.get_executor(), [wakeup] { wakeup->notify(); });
}

}  // namespace creel
