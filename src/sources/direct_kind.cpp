#include "sources/direct_kind.h"

#include <stdexcept>

namespace creel {
namespace {

class DirectKind final : public SourceKind {
 public:
  std::string_view name() const override { return "direct"; }
  std::string_view label() const override { return "Added by hand"; }
  std::string_view help() const override { return "Images that are added by hand, one by one or many at a time."; }
  UrlUse url_use() const override { return UrlUse::none; }
  std::span<const SettingSpec> settings() const override { return {}; }
  bool is_polled() const override { return false; }

  Task<void> poll(const SourceConfig&, PollRun&) const override {
    throw std::logic_error("a direct source is not polled");
    co_return;
  }
};

}  // namespace

std::unique_ptr<const SourceKind> direct_kind() {
  return std::make_unique<DirectKind>();
}

}  // namespace creel
