#include "emulator/uuid.h"

#include <random>

namespace creel::emulator {
namespace {

std::mt19937_64& generator() {
  static thread_local std::mt19937_64 engine{[] {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
  }()};
  return engine;
}

}  // namespace

std::string random_hex(std::size_t digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(digits, '0');
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (i % 16 == 0) bits = generator()();
    text[i] = kDigits[bits & 15];
    bits >>= 4;
  }
  return text;
}

std::string new_uuid() {
  auto text = random_hex(36);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text[dash] = '-';
  text[14] = '4';
  // The variant: one of 8, 9, a and b.
  text[19] = "89ab"[text[19] & 3];
  return text;
}

double random_share() {
  return std::uniform_real_distribution<double>(0, 1)(generator());
}

}  // namespace creel::emulator
