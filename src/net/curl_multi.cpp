#include "net/curl_multi.h"

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>

#include <boost/asio/post.hpp>

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kEventsAtOnce = 128;

int new_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

void initialise_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_ALL);
  if (done != CURLE_OK) throw std::runtime_error(curl_easy_strerror(done));
}

}  // namespace

CurlMulti::CurlMulti(const asio::any_io_executor& executor, std::size_t max_idle_connections)
    : epoll_fd_(new_epoll()), epoll_(executor, epoll_fd_), timer_(executor) {
  initialise_curl();
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(max_idle_connections));
  watch();
}

CurlMulti::~CurlMulti() {
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
}

void CurlMulti::add(CURL* easy, CurlDone* done) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, done);
  curl_multi_add_handle(multi_, easy);
}

void CurlMulti::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
}

void CurlMulti::resume(CURL* easy) {
  curl_easy_pause(easy, CURLPAUSE_CONT);
  report_done();
}

/// libcurl says which events it waits for on a socket; the epoll set is level-triggered, as libcurl expects.
int CurlMulti::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  auto* multi = static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(multi->epoll_fd_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  event.data.fd = socket;
  epoll_ctl(multi->epoll_fd_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  if (known == nullptr) curl_multi_assign(multi->multi_, socket, multi);
  return 0;
}

int CurlMulti::on_timer(CURLM*, long timeout_ms, void* self) {
  static_cast<CurlMulti*>(self)->set_timer(timeout_ms);
  return 0;
}

/// libcurl may not be called from inside its own callback, so even a timeout of zero goes round the event loop.
void CurlMulti::set_timer(long timeout_ms) {
  const auto version = ++timer_version_;
  if (timeout_ms < 0) {
    timer_.cancel();
    return;
  }
  auto expired = [this, version, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && version == timer_version_) act(CURL_SOCKET_TIMEOUT, 0);
  };
  if (timeout_ms == 0) {
    asio::post(timer_.get_executor(), std::move(expired));
    return;
  }
  timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  timer_.async_wait([expired = std::move(expired)](const boost::system::error_code& error) {
    if (!error) expired();
  });
}

void CurlMulti::watch() {
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [this, alive = std::weak_ptr(alive_)](const auto& error) {
                      if (error || alive.expired()) return;
                      handle_ready_sockets();
                      watch();
                    });
}

void CurlMulti::handle_ready_sockets() {
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    int mask = 0;
    if ((event.events & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_ERR;
    int running = 0;
    curl_multi_socket_action(multi_, event.data.fd, mask, &running);
  }
  report_done();
}

void CurlMulti::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  report_done();
}

void CurlMulti::report_done() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    CurlDone* done = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &done);
    curl_multi_remove_handle(multi_, easy);
    done->on_done(code);
  }
}

}  // namespace creel
