#pragma once

#include <optional>
#include <string>

#include "net/http_headers.h"

namespace creel {

/// The directive of an X-Robots-Tag header by which a server asks that its images be left alone: noai, noimageai,
/// noindex, noimageindex or none, meant for everyone or for creel by name; nothing if there is none.
/// Source: https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
std::optional<std::string> opt_out_directive(const HttpHeaders& headers);

}  // namespace creel
