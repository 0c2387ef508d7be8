// The functions of the benchmark: `echo` answers with its event, `wait` answers after {"milliseconds"}.

#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <creel/lambda.h>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using creel::lambda::Task;

Task<json::value> echo(json::value event) {
  co_return event;
}

Task<json::value> wait(json::value event) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::milliseconds(event.at("milliseconds").to_number<int>()));
  co_await timer.async_wait(asio::use_awaitable);
  co_return event;
}

}  // namespace

int main(int argc, char** argv) {
  return creel::lambda::run(argc, argv, {{"echo", echo}, {"wait", wait}});
}
