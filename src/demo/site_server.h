#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "base/task.h"
#include "demo/exhibition.h"
#include "demo/site_view.h"
#include "net/http_server.h"

namespace creel::demo {

/// One site of an exhibition on a port of its own, on loopback: its interface, its pictures, and a page for each. The
/// interface knows ETags. Threads: its own event loop.
class SiteServer {
 public:
  /// @param site, clock  must outlive it
  SiteServer(const boost::asio::any_io_executor& executor, const Site& site, const Clock& clock, Pace pace);

  /// Begins to listen, on any port that is free; time begins as well.
  void open();

  const Site& site() const { return site_; }
  /// "http://127.0.0.1:8123"
  std::string base() const;

  Task<void> close();

 private:
  Task<HttpReply> handle(HttpCall& call);
  Task<HttpReply> picture_reply(std::string file_name);
  SiteView view() const;

  const Site& site_;
  const Clock& clock_;
  const Pace pace_;
  SystemTime opened_at_{};
  /// The ids of pictures that are busy once, and were.
  std::set<std::string> asked_;
  HttpServer server_;
};

}  // namespace creel::demo
