#include "net/address_policy.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

bool allowed(const char* address, AddressPolicy policy) {
  return is_allowed(boost::asio::ip::make_address(address), policy);
}

/// Which policies let an address through: each one also lets through what the one before it does.
enum class From : std::uint8_t { public_only, private_too, any };

void expect(const char* address, From from) {
  EXPECT_EQ(allowed(address, AddressPolicy::public_only), from == From::public_only) << address;
  EXPECT_EQ(allowed(address, AddressPolicy::private_too), from != From::any) << address;
  EXPECT_TRUE(allowed(address, AddressPolicy::any)) << address;
}

TEST(AddressPolicy, KnowsTheFirstAndTheLastAddressOfEachIpv4Range) {
  const struct {
    const char* before;
    const char* first;
    const char* last;
    const char* after;
    From from;
  } ranges[] = {
      {nullptr, "0.0.0.0", "0.255.255.255", "1.0.0.0", From::any},                              // this network
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", From::private_too},           // private
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", From::private_too},    // carrier NAT
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", From::private_too},      // loopback
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", From::private_too},  // link-local
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", From::private_too},      // private
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", From::private_too},          // protocols
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", From::private_too},              // examples
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0", From::private_too},     // 6to4 relays
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", From::private_too},  // private
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", From::private_too},      // benchmarks
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", From::private_too},   // examples
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", From::private_too},      // examples
      {"223.255.255.255", "224.0.0.0", "239.255.255.255", nullptr, From::any},                  // multicast
      {nullptr, "240.0.0.0", "255.255.255.254", nullptr, From::private_too},                    // reserved
      {nullptr, "255.255.255.255", "255.255.255.255", nullptr, From::any},                      // broadcast
  };
  for (const auto& range : ranges) {
    expect(range.first, range.from);
    expect(range.last, range.from);
    if (range.before != nullptr) expect(range.before, From::public_only);
    if (range.after != nullptr) expect(range.after, From::public_only);
  }
}

TEST(AddressPolicy, KnowsTheFirstAndTheLastAddressOfEachIpv6Range) {
  const struct {
    const char* address;
    From from;
  } cases[] = {
      {"::", From::any},
      {"::1", From::private_too},
      {"::2", From::any},  // 0.0.0.2 in its compatible form
      {"100::", From::private_too},
      {"1fff:ffff::", From::private_too},
      {"2000::", From::public_only},
      {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", From::public_only},
      {"2001:1::", From::private_too},
      {"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", From::private_too},
      {"2001:200::", From::public_only},
      {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", From::public_only},
      {"2001:db8::", From::private_too},
      {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", From::private_too},
      {"2001:db9::", From::public_only},
      {"2600:1f18::1", From::public_only},
      {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", From::public_only},
      {"3fff::", From::private_too},
      {"3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", From::private_too},
      {"3fff:1000::", From::public_only},
      {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", From::public_only},
      {"4000::", From::private_too},
      {"5f00::1", From::private_too},
      {"fc00::", From::private_too},
      {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", From::private_too},
      {"fe80::1", From::private_too},
      {"fec0::1", From::private_too},
      {"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", From::private_too},
      {"ff00::", From::any},
      {"ff02::1", From::any},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", From::any},
  };
  for (const auto& [address, from] : cases) expect(address, from);
}

TEST(AddressPolicy, JudgesTheIpv4AddressInsideAnIpv6One) {
  const struct {
    const char* address;
    From from;
  } cases[] = {
      {"::ffff:8.8.8.8", From::public_only},  // mapped
      {"::ffff:127.0.0.1", From::private_too},
      {"::ffff:10.0.0.1", From::private_too},
      {"::ffff:0.0.0.0", From::any},
      {"::ffff:169.254.169.254", From::any},
      {"::127.0.0.1", From::private_too},  // compatible
      {"::169.254.169.254", From::any},
      {"::ffff:0:10.0.0.1", From::private_too},  // translated
      {"::ffff:0:169.254.169.254", From::any},
      {"64:ff9b::8.8.8.8", From::public_only},  // NAT64
      {"64:ff9b::192.168.0.1", From::private_too},
      {"64:ff9b::169.254.169.254", From::any},
      {"64:ff9b:1::8.8.8.8", From::private_too},  // local NAT64
      {"64:ff9b:1:ffff:ffff:ffff:169.254.169.254", From::any},
      {"2002:808:808::1", From::public_only},     // 6to4 of 8.8.8.8
      {"2002:a00:1::1", From::private_too},       // 6to4 of 10.0.0.1
      {"2002:a9fe:a9fe::1", From::any},           // 6to4 of 169.254.169.254
      {"2002:e000:1::1", From::any},              // 6to4 of 224.0.0.1
      {"2600::5efe:8.8.8.8", From::public_only},  // ISATAP
      {"2600::5efe:10.0.0.1", From::private_too},
      {"2600::200:5efe:10.0.0.1", From::private_too},
      {"2600::200:5efe:169.254.169.254", From::any},
      {"2600::400:5efe:10.0.0.1", From::public_only},  // not the form of ISATAP
      {"fe80::5efe:169.254.169.254", From::any},
  };
  for (const auto& [address, from] : cases) expect(address, from);
}

TEST(AddressPolicy, JudgesServerAndClientInsideATeredoAddress) {
  expect("2001:0:4136:e378:8000:63bf:3fff:fdd2", From::private_too);  // 65.54.227.120 and 192.0.2.45
  expect("2001:0:4136:e378:8000:63bf:5601:5601", From::any);          // the client is 169.254.169.254
  expect("2001:0:a9fe:a9fe:8000:63bf:f7f7:f7f7", From::any);          // the server is 169.254.169.254
  expect("2001:0:4136:e378:8000:63bf:1fff:fffe", From::any);          // the client is 224.0.0.1
}

TEST(AddressPolicy, KeepsTheMetadataServicesOfCloudsClosed) {
  for (const auto* address : {"169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16",
                              "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"}) {
    expect(address, From::any);
  }
  for (const auto* address : {"169.254.169.253", "169.254.170.1", "100.100.100.201", "192.0.0.191", "fd00:ec2::255"}) {
    expect(address, From::private_too);
  }
  expect("168.63.129.15", From::public_only);
  expect("168.63.129.17", From::public_only);
}

TEST(LoopbackHost, IsThisMachineByNameOrAddress) {
  for (const auto* host : {"localhost", "127.0.0.1", "127.8.9.10", "::1"}) EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const auto* host : {"", "localhost.example", "128.0.0.1", "0.0.0.0", "::2", "10.0.0.1"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

}  // namespace
}  // namespace creel
