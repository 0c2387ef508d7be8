#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace creel::testing {

/// A certificate authority of one's own in a folder that goes with it, and a server certificate that it has signed.
class PrivateCa {
 public:
  /// @param names  for whom the certificate is, as openssl writes it: "DNS:a.test,IP:127.0.0.1"
  /// @throws std::runtime_error if the openssl command fails
  explicit PrivateCa(const std::string& names);
  ~PrivateCa();
  PrivateCa(const PrivateCa&) = delete;
  PrivateCa& operator=(const PrivateCa&) = delete;

  std::string ca_file() const { return folder_ / "ca.pem"; }
  std::string certificate_file() const { return folder_ / "server.pem"; }
  std::string key_file() const { return folder_ / "server.key"; }

 private:
  std::filesystem::path folder_;
};

/// An HTTPS server on loopback that answers every request with the same text. One thread a connection.
class TlsServer {
 public:
  enum class AfterAnswer : std::uint8_t { keep_open, close };

  TlsServer(const PrivateCa& ca, std::string text, AfterAnswer after = AfterAnswer::keep_open);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url(std::string_view host) const;

  /// Handshakes that were completed, and how many of them took up an earlier session.
  int handshakes() const { return handshakes_; }
  int resumed() const { return resumed_; }

 private:
  struct Network;

  void accept_all();

  std::string text_;
  AfterAnswer after_;
  std::atomic<int> handshakes_ = 0;
  std::atomic<int> resumed_ = 0;
  std::unique_ptr<Network> network_;
};

}  // namespace creel::testing
