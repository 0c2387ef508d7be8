#include "net/curl_failure.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace creel {
namespace {

using enum FailureKind;
using enum TransferPhase;

TEST(CurlFailure, MeansAKindOfFailure) {
  const struct {
    CURLcode code;
    FailureKind before_headers;
    FailureKind in_body;
  } cases[] = {
      {CURLE_URL_MALFORMAT, bad_url, bad_url},
      {CURLE_COULDNT_RESOLVE_HOST, dns, dns},
      {CURLE_COULDNT_RESOLVE_PROXY, dns, dns},
      {CURLE_COULDNT_CONNECT, connect, connect},
      {CURLE_PROXY, connect, connect},
      {CURLE_OPERATION_TIMEDOUT, timeout, timeout},
      {CURLE_SSL_CONNECT_ERROR, tls, tls},
      {CURLE_PEER_FAILED_VERIFICATION, tls, tls},
      {CURLE_SSL_CACERT_BADFILE, tls, tls},
      {CURLE_SSL_CERTPROBLEM, tls, tls},
      {CURLE_SSL_CIPHER, tls, tls},
      {CURLE_PARTIAL_FILE, truncated, truncated},
      {CURLE_RECV_ERROR, connect, truncated},
      {CURLE_SEND_ERROR, connect, truncated},
      {CURLE_GOT_NOTHING, connect, truncated},
      {CURLE_HTTP2, connect, truncated},
      {CURLE_HTTP2_STREAM, connect, truncated},
      {CURLE_BAD_CONTENT_ENCODING, truncated, truncated},
      {CURLE_WEIRD_SERVER_REPLY, server_error, server_error},
      {CURLE_UNSUPPORTED_PROTOCOL, server_error, server_error},
      {CURLE_WRITE_ERROR, server_error, server_error},
      {CURLE_OUT_OF_MEMORY, server_error, internal},
      {CURLE_FAILED_INIT, internal, internal},
  };
  for (const auto& [code, before_headers, in_body] : cases) {
    EXPECT_EQ(to_failure(code, waiting_for_headers, 0, "").kind(), before_headers) << code;
    EXPECT_EQ(to_failure(code, receiving_body, 0, "").kind(), in_body) << code;
  }
}

TEST(CurlFailure, IsAFailureToConnectWhenTheTimeIsUpBeforeThereIsAConnection) {
  EXPECT_EQ(to_failure(CURLE_OPERATION_TIMEDOUT, connecting, 0, "").kind(), connect);
}

TEST(CurlFailure, IsAFailureToConnectWhenTheNetworkCutAHandshake) {
  EXPECT_EQ(to_failure(CURLE_SSL_CONNECT_ERROR, connecting, ECONNRESET, "").kind(), connect);
  EXPECT_EQ(to_failure(CURLE_SSL_CONNECT_ERROR, connecting, 0, "").kind(), tls);
}

TEST(CurlFailure, SaysWhatLibcurlSaysInItsOwnWordsOrInGeneral) {
  EXPECT_STREQ(to_failure(CURLE_RECV_ERROR, receiving_body, 0, "reset {by} peer").what(), "reset {by} peer");
  EXPECT_STREQ(to_failure(CURLE_RECV_ERROR, receiving_body, 0, "").what(), curl_easy_strerror(CURLE_RECV_ERROR));
}

}  // namespace
}  // namespace creel
