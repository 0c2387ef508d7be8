#include "demo/site_server.h"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "demo/picture_answer.h"
#include "demo/site_answers.h"

namespace creel::demo {
namespace {

using namespace std::chrono_literals;

constexpr const char* kLoopback = "127.0.0.1";
constexpr std::string_view kPictures = "/pictures/";
constexpr std::string_view kPages = "/pages/";
constexpr auto kCloseGrace = 200ms;

HttpReply not_found() {
  return {.status = 404, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = "Nothing is here.\n"};
}

/// Says so if the caller has this answer already.
HttpReply with_validator(HttpReply reply, std::string_view known) {
  if (reply.status != 200) return reply;
  const auto tag = fmt::format("\"{}\"", to_hex(sha256(reply.body)).substr(0, 16));
  if (known == tag) return {.status = 304, .headers = {{"ETag", tag}}};
  reply.headers.add("ETag", tag);
  return reply;
}

}  // namespace

SiteServer::SiteServer(const boost::asio::any_io_executor& executor, const Site& site, const Clock& clock, Pace pace)
    : site_(site), clock_(clock), pace_(pace), server_(executor, [this](HttpCall& call) { return handle(call); }) {}

void SiteServer::open() {
  opened_at_ = clock_.now();
  server_.listen(kLoopback, 0);
}

std::string SiteServer::base() const {
  return fmt::format("http://{}:{}", kLoopback, server_.port());
}

SiteView SiteServer::view() const {
  return {.site = site_, .base = base(), .opened_at = opened_at_, .now = clock_.now(), .pace = pace_};
}

Task<HttpReply> SiteServer::handle(HttpCall& call) {
  if (call.method() != "GET" && call.method() != "HEAD") {
    co_return HttpReply{.status = 405, .headers = {{"Allow", "GET, HEAD"}}};
  }
  const auto path = percent_decode(call.path());
  if (path.starts_with(kPictures)) co_return co_await picture_reply(path.substr(kPictures.size()));
  if (path == "/removed.png") co_return removed_notice();
  if (path.starts_with(kPages)) {
    const auto found = std::ranges::find(site_.pictures, path.substr(kPages.size()), &Picture::id);
    co_return found == site_.pictures.end() ? not_found() : picture_page(view(), *found);
  }
  const SiteRequest request{
      .path = path, .page = call.parameter("page"), .authorization = std::string(call.header("Authorization"))};
  auto answer = site_answer(view(), request);
  co_return answer ? with_validator(std::move(*answer), call.header("If-None-Match")) : not_found();
}

Task<HttpReply> SiteServer::picture_reply(std::string file_name) {
  const auto is_meant = [&](const Picture& picture) { return picture.file_name() == file_name; };
  const auto found = std::ranges::find_if(site_.pictures, is_meant);
  if (found == site_.pictures.end()) co_return not_found();
  const auto asked = asked_.insert(found->id).second ? Asked::first : Asked::again;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, found->delay);
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return picture_answer(view(), *found, asked);
}

Task<void> SiteServer::close() {
  return server_.stop(clock_.steady_now() + kCloseGrace);
}

}  // namespace creel::demo
