#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "net/http_client.h"
#include "support/http_test.h"
#include "support/tls_server.h"

namespace creel {
namespace {

using testing::PrivateCa;
using testing::TlsServer;
using enum FailureKind;

class HttpClientTlsTest : public testing::HttpTest {
 protected:
  void trust(const PrivateCa& ca) {
    use_client({.address_policy = AddressPolicy::private_too, .ca_file = ca.ca_file()});
  }

  PrivateCa ca_{"DNS:secure.test,IP:127.0.0.1"};
};

TEST_F(HttpClientTlsTest, TrustsTheCertificatesOfTheFileItIsGiven) {
  TlsServer server(ca_, "hello");
  trust(ca_);
  EXPECT_EQ(get(server.url("secure.test")).text, "hello");
  EXPECT_EQ(get(server.url("127.0.0.1")).text, "hello");
}

TEST_F(HttpClientTlsTest, TrustsNoCertificateOfAnUnknownAuthority) {
  TlsServer server(ca_, "hello");
  EXPECT_EQ(failure_to_get(server.url("secure.test")), tls);
  const PrivateCa other("DNS:secure.test");
  trust(other);
  EXPECT_EQ(failure_to_get(server.url("secure.test")), tls);
}

TEST_F(HttpClientTlsTest, TrustsNoCertificateOfAnotherHost) {
  TlsServer server(ca_, "hello");
  trust(ca_);
  EXPECT_EQ(failure_to_get(server.url("other.test")), tls);
}

TEST_F(HttpClientTlsTest, FailsWhenTheFileOfCertificatesIsMissing) {
  TlsServer server(ca_, "hello");
  use_client({.address_policy = AddressPolicy::private_too, .ca_file = "/nowhere/ca.pem"});
  EXPECT_EQ(failure_to_get(server.url("secure.test")), tls);
}

TEST_F(HttpClientTlsTest, MakesOneHandshakeForManyRequests) {
  TlsServer server(ca_, "hello");
  trust(ca_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(server.url("secure.test")).text, "hello");
  EXPECT_EQ(server.handshakes(), 1);
}

TEST_F(HttpClientTlsTest, TakesUpItsSessionOnANewConnection) {
  TlsServer server(ca_, "hello", TlsServer::AfterAnswer::close);
  trust(ca_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(server.url("secure.test")).text, "hello");
  EXPECT_EQ(server.handshakes(), 5);
  EXPECT_EQ(server.resumed(), 4);
}

Task<void> fetch_two_at_once(HttpClient& client, HttpRequest request) {
  using namespace boost::asio::experimental::awaitable_operators;
  co_await (testing::fetch_with(client, request) && testing::fetch_with(client, request));
}

TEST_F(HttpClientTlsTest, SharesItsSessionsBetweenTransfers) {
  TlsServer server(ca_, "hello");
  trust(ca_);
  const auto request = HttpTest::request(HttpMethod::get, server.url("secure.test"));
  fetch(request);
  testing::run(loop_, fetch_two_at_once(client(), request));
  EXPECT_EQ(server.handshakes(), 2) << "one of the two needs a connection of its own";
  EXPECT_EQ(server.resumed(), 1);
}

}  // namespace
}  // namespace creel
