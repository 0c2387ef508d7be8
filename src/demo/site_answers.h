#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "demo/site_view.h"
#include "net/http_server.h"

namespace creel::demo {

/// The Client-ID that the Imgur of the demonstration knows.
inline constexpr std::string_view kClientId = "0123456789abcde";

/// What a program asks a site's interface.
struct SiteRequest {
  /// From "/" on, without the query.
  std::string path;
  /// The parameter "page"; empty if it is not there.
  std::string page;
  std::string authorization;
};

/// What a site answers about its pictures, in the form of its kind; nothing for a path that is none of its interface.
///
///     imgur  /3/gallery/t/TAG/SORT/WINDOW/PAGE and /3/album/ID, as api.imgur.com; wants `Client-ID` and `kClientId`
///     feed   /feed.xml, RSS 2.0 with Media RSS
///     json   /v1/photos?page=N from 1 on, "next_page" as long as there is one
///     list   /urls.txt, a URL a line
std::optional<HttpReply> site_answer(const SiteView& view, const SiteRequest& request);

// Each of the kinds.

std::optional<HttpReply> imgur_answer(const SiteView& view, const SiteRequest& request);
std::optional<HttpReply> feed_answer(const SiteView& view, const SiteRequest& request);
std::optional<HttpReply> photo_answer(const SiteView& view, const SiteRequest& request);
std::optional<HttpReply> list_answer(const SiteView& view, const SiteRequest& request);

/// The source that polls the site, as POST /sources of the API takes it, but for its interval.
boost::json::object source_of(const Site& site, const std::string& base);

}  // namespace creel::demo
