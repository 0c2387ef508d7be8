#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"
#include "net/http_client.h"
#include "sources/fd_input.h"

namespace creel {

/// Gets a list over HTTP and writes its bytes into `pipe`, 64 KiB at a time, no faster than they are read at its
/// other end; closes it at the end, and also when it fails. A reader that goes away ends the download without
/// a failure.
/// @throws Failure of the kinds of `HttpClient::send`, and for a status other than 200
Task<void> download_list(HttpClient& http, Url url, SystemTime now, FileDescriptor pipe);

}  // namespace creel
