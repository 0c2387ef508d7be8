#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace creel {

/// The bytes of a list, unpacked if they are gzip, be it of several members. Threads: one at a time; reading
/// blocks, but not for more than the stream has at hand.
class ListInput {
 public:
  /// @param name  what failures call the list
  ListInput(std::unique_ptr<std::istream> stream, std::string name);
  ~ListInput();
  ListInput(ListInput&&) noexcept;

  /// Fills the front of `out` and returns how much; 0 at the end.
  /// @throws Failure truncated  the compressed data is broken or ends early, or reading failed
  std::size_t read(std::span<char> out);

 private:
  class Gunzip;

  /// Reads more packed bytes behind those at hand; false at the end.
  bool refill();
  void recognise();
  std::size_t take_plain(std::span<char> out);

  std::unique_ptr<std::istream> stream_;
  std::string name_;
  std::vector<char> packed_;
  std::span<char> at_hand_;
  bool recognised_ = false;
  std::unique_ptr<Gunzip> gunzip_;
};

}  // namespace creel
