#pragma once

#include "base/task.h"
#include "net/http_client.h"

namespace creel {

inline constexpr int kMaxRedirects = 5;

/// A response that is no redirect, and where it was found.
struct FollowedResponse {
  HttpResponse response;
  Url final_url;
  int redirects = 0;
};

/// Gets `request.url`, following at most `kMaxRedirects` redirects to http(s) URLs. Authorization, Cookie and
/// Proxy-Authorization headers are not sent on to another origin. One deadline covers all of it.
/// @throws Failure redirected  too many redirects, or one that leads nowhere usable; and what `HttpClient::send` throws
Task<FollowedResponse> get_following_redirects(HttpClient& client, HttpRequest request);

}  // namespace creel
