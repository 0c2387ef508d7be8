#include "net/curl_failure.h"

#include <fmt/format.h>

namespace creel {
namespace {

/// The peer or the network ended the connection: before the answer that is a failure to connect, in the body it
/// means that the rest is missing.
FailureKind kind_of_cut(TransferPhase phase) {
  return phase == TransferPhase::receiving_body ? FailureKind::truncated : FailureKind::connect;
}

FailureKind kind_for(CURLcode code, TransferPhase phase, long os_error) {
  switch (code) {
    case CURLE_URL_MALFORMAT: return FailureKind::bad_url;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return FailureKind::dns;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY: return FailureKind::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return phase == TransferPhase::connecting ? FailureKind::connect : FailureKind::timeout;
    case CURLE_SSL_CONNECT_ERROR: return os_error != 0 ? FailureKind::connect : FailureKind::tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED: return FailureKind::tls;
    case CURLE_PARTIAL_FILE: return FailureKind::truncated;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return kind_of_cut(phase);
    case CURLE_BAD_CONTENT_ENCODING: return FailureKind::truncated;
    // So libcurl calls a header line of more than 100 KB.
    case CURLE_OUT_OF_MEMORY:
      return phase == TransferPhase::waiting_for_headers ? FailureKind::server_error : FailureKind::internal;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WRITE_ERROR: return FailureKind::server_error;
    default: return FailureKind::internal;
  }
}

}  // namespace

Failure to_failure(CURLcode code, TransferPhase phase, long os_error, std::string_view detail) {
  const std::string_view general = curl_easy_strerror(code);
  const auto& message = detail.empty() ? general : detail;
  return {kind_for(code, phase, os_error), fmt::format("{}", message)};
}

}  // namespace creel
