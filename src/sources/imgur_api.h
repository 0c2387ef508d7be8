#pragma once

#include <optional>
#include <string>

#include "base/failure.h"
#include "base/secret.h"
#include "base/task.h"
#include "sources/source_kind.h"

namespace boost::json {
class value;
}

namespace creel {

/// What a refusal of Imgur's means.
///
/// * 429: rate_limited, until the reset that X-RateLimit-UserReset names (seconds since 1970), or Retry-After
/// * 403 with "over capacity": rate_limited for ten minutes, since Imgur shuts busy addresses out for a while
/// * 401 and any other 403: bad_auth, the Client-ID is refused
/// * 404: not_found; 5xx: server_error; all others: bad_request with Imgur's own words
Failure imgur_refusal(const PollPage& page, SystemTime now);

/// How long no request may be made after this answer, since it used up what X-RateLimit-UserRemaining or
/// X-RateLimit-ClientRemaining counts; nothing if something is left. Zero seconds if it is not known.
std::optional<std::chrono::seconds> imgur_pause(const HttpHeaders& headers, SystemTime now);

/// Asks Imgur's API for one poll. When Imgur is not to be asked for a while, no source with the same Client-ID asks it.
/// Threads: the poll's.
class ImgurApi {
 public:
  /// @param base  the API's URL, with or without "/3" at its end
  /// @param run  must outlive it
  ImgurApi(std::string base, Secret client_id, PollRun& run);

  enum class Ask : bool { always, if_changed };

  /// The `data` of the answer; nothing if it has not changed.
  /// @param path  behind "/3": "/album/abc"
  /// @throws Failure  as `imgur_refusal`; rate_limited, without asking, when an earlier answer said that nothing is left;
  ///                  server_error for what is no answer of the API; and as `PollRun::fetch`
  Task<std::optional<boost::json::value>> get(std::string path, Ask ask);

 private:
  void hold(std::optional<std::chrono::seconds> wait, std::string reason);
  /// Holds back what the failure says is to wait.
  Failure held(Failure failure);

  std::string base_;
  Secret client_id_;
  PollRun& run_;
  /// Set when nothing is left.
  std::optional<std::chrono::seconds> pause_;
};

}  // namespace creel
