#include "sources/seen_memory.h"

#include "base/hash.h"

namespace creel {
namespace {

constexpr std::string_view kForm = "seen:";
constexpr std::string_view kWholeForm = "whole:";
constexpr std::size_t kDigits = 8;

}  // namespace

std::string not_whole(std::string text) {
  if (text.starts_with(kWholeForm)) text.replace(0, kWholeForm.size(), kForm);
  return text;
}

SeenMemory::SeenMemory(std::string_view text) {
  is_whole_ = text.starts_with(kWholeForm);
  if (!is_whole_ && !text.starts_with(kForm)) return;
  text.remove_prefix(is_whole_ ? kWholeForm.size() : kForm.size());
  for (; text.size() >= kDigits; text.remove_prefix(kDigits)) add(std::string(text.substr(0, kDigits)));
}

bool SeenMemory::contains(std::string_view name) const {
  return known_.contains(short_hash(name));
}

void SeenMemory::remember(std::string_view name) {
  add(short_hash(name));
}

void SeenMemory::add(std::string digits) {
  if (!known_.insert(digits).second) return;
  order_.push_back(std::move(digits));
  if (order_.size() <= kMost) return;
  known_.erase(order_.front());
  order_.pop_front();
}

std::string SeenMemory::text() const {
  std::string all(is_whole_ ? kWholeForm : kForm);
  for (const auto& digits : order_) all += digits;
  return all;
}

}  // namespace creel
