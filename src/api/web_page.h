#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "api/router.h"
#include "api/web_file.h"

namespace creel {

/// /, and the files that the page is made of. Whoever comes may have them; what the page shows it asks of the API, with a
/// token. Threads: the API's loop. Must outlive the router.
class WebPage {
 public:
  /// @param files  must outlive it; without any, / is a line of text
  /// @throws std::logic_error  files are given, and none is index.html
  explicit WebPage(std::span<const WebFile> files);

  void add_routes(Router& router);

 private:
  Task<HttpReply> page(ApiCall call);
  Task<HttpReply> asset(ApiCall call);

  /// By name, without the folder `assets/`.
  std::map<std::string_view, WebFile, std::less<>> assets_;
  /// What stands at the top, apart from index.html.
  std::vector<WebFile> files_;
  /// index.html, in which nonces are still to be put; empty if there is none.
  std::string index_;
};

}  // namespace creel
