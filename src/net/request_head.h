#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http_headers.h"

namespace creel {

/// Makes one of the two forms in which a request may name its target (RFC 9112, section 3.2): of
/// "http://host/path?query" the target becomes "/path?query" and the Host that of the target, whatever the header said.
/// Returns what is wrong with the two, for people, or nothing: HTTP/1.1 wants exactly one Host.
std::optional<std::string_view> settle_target(std::string& target, HttpHeaders& headers, bool is_http_1_0);

/// What is wrong with the way in which a request says where its body ends, for people, or nothing. A coding other than
/// "chunked" leaves that open, so that what follows could be taken for a request (RFC 9112, sections 6.1 and 6.3).
std::optional<std::string_view> wrong_framing(const HttpHeaders& headers, bool is_http_1_0);

}  // namespace creel
