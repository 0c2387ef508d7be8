#include "net/address_policy.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace creel {
namespace {

namespace ip = boost::asio::ip;

struct V4Range {
  std::uint32_t first;
  int bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr bool contains(const V4Range& range, std::uint32_t address) {
  return (address ^ range.first) >> (32 - range.bits) == 0;
}

/// No address of a peer anywhere: unspecified ("this network"), multicast, broadcast.
constexpr std::array kNoPeer = {V4Range{v4(0, 0, 0, 0), 8}, V4Range{v4(224, 0, 0, 0), 4},
                                V4Range{v4(255, 255, 255, 255), 32}};

/// Where clouds hand out credentials to whoever asks from inside.
constexpr std::array kMetadataServices = {
    v4(169, 254, 169, 254),  // AWS, GCP, Azure, DigitalOcean, OpenStack
    v4(169, 254, 170, 2),    // AWS containers
    v4(169, 254, 170, 23),   // AWS EKS pod identity
    v4(100, 100, 100, 200),  // Alibaba Cloud
    v4(168, 63, 129, 16),    // Azure's wire server
    v4(192, 0, 0, 192),      // Oracle Cloud
};

constexpr std::array kNotPublic = {
    V4Range{v4(10, 0, 0, 0), 8},     V4Range{v4(100, 64, 0, 0), 10},   V4Range{v4(127, 0, 0, 0), 8},
    V4Range{v4(169, 254, 0, 0), 16}, V4Range{v4(172, 16, 0, 0), 12},   V4Range{v4(192, 0, 0, 0), 24},
    V4Range{v4(192, 0, 2, 0), 24},   V4Range{v4(192, 88, 99, 0), 24},  V4Range{v4(192, 168, 0, 0), 16},
    V4Range{v4(198, 18, 0, 0), 15},  V4Range{v4(198, 51, 100, 0), 24}, V4Range{v4(203, 0, 113, 0), 24},
    V4Range{v4(240, 0, 0, 0), 4},
};

bool is_allowed_v4(std::uint32_t address, AddressPolicy policy) {
  const auto in = [address](const V4Range& range) { return contains(range, address); };
  if (std::ranges::any_of(kNoPeer, in)) return false;
  if (std::ranges::find(kMetadataServices, address) != kMetadataServices.end()) return false;
  return policy == AddressPolicy::private_too || std::ranges::none_of(kNotPublic, in);
}

using V6Bytes = ip::address_v6::bytes_type;

struct V6Range {
  V6Bytes first;
  int bits;
};

bool contains(const V6Range& range, const V6Bytes& address) {
  for (int bit = 0; bit < range.bits; bit += 8) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int shift = std::max(0, 8 - (range.bits - bit));
    if ((range.first[byte] ^ address[byte]) >> shift != 0) return false;
  }
  return true;
}

V6Range v6_range(const char* text, int bits) {
  return {ip::make_address_v6(text).to_bytes(), bits};
}

std::uint32_t v4_at(const V6Bytes& bytes, std::size_t offset) {
  return v4(bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]);
}

/// The IPv4 addresses that an IPv6 address carries inside, however it does.
std::vector<std::uint32_t> embedded_v4(const V6Bytes& bytes) {
  struct Form {
    V6Range range;
    std::size_t offset;
  };
  static const std::array kForms = {
      Form{v6_range("::ffff:0:0", 96), 12},    // mapped (RFC 4291)
      Form{v6_range("::", 96), 12},            // compatible (RFC 4291)
      Form{v6_range("::ffff:0:0:0", 96), 12},  // translated (RFC 2765)
      Form{v6_range("64:ff9b::", 96), 12},     // NAT64 (RFC 6052)
      Form{v6_range("64:ff9b:1::", 48), 12},   // local NAT64 (RFC 8215)
      Form{v6_range("2002::", 16), 2},         // 6to4 (RFC 3056)
      Form{v6_range("2001::", 32), 4},         // Teredo's server (RFC 4380)
  };
  static const V6Range kTeredo = v6_range("2001::", 32);

  std::vector<std::uint32_t> found;
  for (const auto& form : kForms) {
    if (contains(form.range, bytes)) found.push_back(v4_at(bytes, form.offset));
  }
  if (contains(kTeredo, bytes)) found.push_back(~v4_at(bytes, 12));
  const bool is_isatap = (bytes[8] & 0xFD) == 0 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE;
  if (is_isatap) found.push_back(v4_at(bytes, 12));
  return found;
}

bool is_allowed_v6(const ip::address_v6& address, AddressPolicy policy) {
  static const std::array kMetadataServicesV6 = {
      ip::make_address_v6("fd00:ec2::254").to_bytes(),  // AWS
      ip::make_address_v6("fd00:ec2::23").to_bytes(),   // AWS EKS pod identity
      ip::make_address_v6("fd20:ce::254").to_bytes(),   // GCP
  };
  static const std::array kNotPublicV6 = {
      v6_range("2001::", 23),
      v6_range("2001:db8::", 32),
      v6_range("3fff::", 20),
  };
  static const V6Range kGlobalUnicast = v6_range("2000::", 3);
  static const V6Range kNat64 = v6_range("64:ff9b::", 96);

  const auto bytes = address.to_bytes();
  if (address.is_unspecified() || address.is_multicast()) return false;
  if (std::ranges::find(kMetadataServicesV6, bytes) != kMetadataServicesV6.end()) return false;

  if (address.is_loopback()) return policy == AddressPolicy::private_too;
  for (const auto inner : embedded_v4(bytes)) {
    if (!is_allowed_v4(inner, policy)) return false;
  }
  if (policy == AddressPolicy::private_too || address.is_v4_mapped()) return true;
  if (contains(kNat64, bytes)) return true;
  const auto in = [&bytes](const V6Range& range) { return contains(range, bytes); };
  return in(kGlobalUnicast) && std::ranges::none_of(kNotPublicV6, in);
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return host == "localhost" || (!error && address.is_loopback());
}

bool is_among(const Endpoint& endpoint, std::span<const Endpoint> endpoints) {
  const auto plain = [](const ip::address& address) {
    const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
    if (is_mapped) return ip::address(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
    // The zone of a link-local address is how it is reached, not what it is.
    return address.is_v6() ? ip::address(ip::address_v6(address.to_v6().to_bytes())) : address;
  };
  return std::ranges::any_of(endpoints, [&](const Endpoint& each) {
    if (each.port != endpoint.port) return false;
    const auto one = plain(each.address);
    const auto other = plain(endpoint.address);
    return one == other || (one.is_loopback() && other.is_loopback());
  });
}

bool is_allowed(const ip::address& address, AddressPolicy policy) {
  if (policy == AddressPolicy::any) return true;
  return address.is_v4() ? is_allowed_v4(address.to_v4().to_uint(), policy) : is_allowed_v6(address.to_v6(), policy);
}

}  // namespace creel
