#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace creel {

/// Which addresses may be connected to.
enum class AddressPolicy : std::uint8_t {
  /// Only addresses of the public Internet: what strangers' URLs may reach.
  public_only,
  /// Any but multicast and unspecified ones; the metadata services of clouds stay closed.
  private_too,
  /// Any at all: for peers that the configuration names, such as the store.
  any,
};

/// True if `policy` lets `address` be connected to. An IPv4 address hidden in an IPv6 one (mapped, compatible, 6to4,
/// NAT64, Teredo, ISATAP) is decoded first and judged as well.
/// Source: https://www.iana.org/assignments/iana-ipv4-special-registry, -ipv6-special-registry
bool is_allowed(const boost::asio::ip::address& address, AddressPolicy policy);

/// True for this machine by a name or address that no look-up is needed for: "localhost", "127.0.0.1", "::1".
bool is_loopback_host(std::string_view host);

/// One service of one machine.
struct Endpoint {
  boost::asio::ip::address address;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};

/// True if `endpoints` has this one. An IPv4 address mapped into IPv6 is the IPv4 address itself, and all loopback
/// addresses are one: which of them a service listens on is not known.
bool is_among(const Endpoint& endpoint, std::span<const Endpoint> endpoints);

}  // namespace creel
