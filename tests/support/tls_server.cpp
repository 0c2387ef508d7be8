#include "support/tls_server.h"

#include <cstdlib>
#include <list>
#include <mutex>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace creel::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::filesystem::path new_folder() {
  auto name = (std::filesystem::temp_directory_path() / "creel-ca-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  return name;
}

void openssl(const std::string& arguments) {
  const auto command = "openssl " + arguments + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

}  // namespace

PrivateCa::PrivateCa(const std::string& names) : folder_(new_folder()) {
  const std::string request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const auto ca_key = (folder_ / "ca.key").string();
  openssl(fmt::format("{} -subj /CN=creel-test-ca -keyout {} -out {}", request, ca_key, ca_file()));
  openssl(
      fmt::format("{} -CA {} -CAkey {} -subj /CN=server -addext subjectAltName={} "
                  "-addext basicConstraints=critical,CA:FALSE -keyout {} -out {}",
                  request, ca_file(), ca_key, names, key_file(), certificate_file()));
}

PrivateCa::~PrivateCa() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

using Stream = asio::ssl::stream<tcp::socket>;

struct TlsServer::Network {
  /// Says `answer` to each request on a connection; the handshake has been made.
  static void answer_all(Stream& stream, const std::string& answer, AfterAnswer after);

  asio::io_context loop;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  std::mutex mutex;
  bool stopping = false;
  std::list<Stream> open;
  std::vector<std::jthread> connections;
  std::jthread thread;
};

TlsServer::TlsServer(const PrivateCa& ca, std::string text, AfterAnswer after)
    : text_(std::move(text)), after_(after), network_(std::make_unique<Network>()) {
  network_->tls.use_certificate_chain_file(ca.certificate_file());
  network_->tls.use_private_key_file(ca.key_file(), asio::ssl::context::pem);
  network_->thread = std::jthread([this] { accept_all(); });
}

TlsServer::~TlsServer() {
  {
    const std::scoped_lock lock(network_->mutex);
    network_->stopping = true;
    for (auto& stream : network_->open) ::shutdown(stream.lowest_layer().native_handle(), SHUT_RDWR);
  }
  ::shutdown(network_->acceptor.native_handle(), SHUT_RDWR);
  network_->thread.join();
  network_->connections.clear();
}

std::string TlsServer::url(std::string_view host) const {
  return fmt::format("https://{}:{}/", host, network_->acceptor.local_endpoint().port());
}

void TlsServer::accept_all() {
  const auto* const connection = after_ == AfterAnswer::close ? "Connection: close\r\n" : "";
  const auto answer = fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", connection, text_.size(), text_);
  for (;;) {
    boost::system::error_code error;
    tcp::socket socket(network_->loop);
    network_->acceptor.accept(socket, error);
    const std::scoped_lock lock(network_->mutex);
    if (error || network_->stopping) return;
    auto& stream = network_->open.emplace_back(std::move(socket), network_->tls);
    network_->connections.emplace_back([this, &stream, answer] {
      boost::system::error_code failed;
      stream.handshake(asio::ssl::stream_base::server, failed);
      if (!failed) {
        ++handshakes_;
        if (SSL_session_reused(stream.native_handle()) == 1) ++resumed_;
        Network::answer_all(stream, answer, after_);
      }
      const std::scoped_lock closing(network_->mutex);
      stream.lowest_layer().close(failed);
    });
  }
}

void TlsServer::Network::answer_all(Stream& stream, const std::string& answer, AfterAnswer after) {
  boost::system::error_code error;
  std::string received;
  do {
    const auto head = asio::read_until(stream, asio::dynamic_buffer(received), "\r\n\r\n", error);
    if (error) return;
    received.erase(0, head);
    asio::write(stream, asio::buffer(answer), error);
  } while (!error && after == AfterAnswer::keep_open);
  stream.shutdown(error);
}

}  // namespace creel::testing
