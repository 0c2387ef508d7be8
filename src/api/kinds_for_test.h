#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "sources/direct_kind.h"
#include "sources/source_kind.h"

namespace creel::testing {

/// A kind of source with a setting of each sort; what it "finds" is one image.
class FakeKind final : public SourceKind {
 public:
  std::string_view name() const override { return "fake"; }
  std::string_view help() const override { return "for tests"; }
  UrlUse url_use() const override { return UrlUse::needed; }
  std::string_view example_url() const override { return "https://fake.example/"; }
  std::span<const SettingSpec> settings() const override { return settings_; }
  std::vector<SettingError> check(const SourceConfig& source) const override {
    if (source.text("tag") == "forbidden") return {{"/settings/tag", "may not be that"}};
    return {};
  }
  Task<void> poll(const SourceConfig& source, PollRun& run) const override {
    std::vector<ImageRecord> records;
    records.push_back({.image_id = "1", .image_url = source.url + "/1.png", .title = source.text("tag")});
    co_await run.add(std::move(records));
  }

 private:
  std::vector<SettingSpec> settings_{
      {.name = "tag", .type = SettingType::text, .is_required = true, .help = "what to look for"},
      {.name = "count", .type = SettingType::integer, .default_value = "5", .min = 1, .max = 10},
      {.name = "api_key", .type = SettingType::secret, .label = "Key"},
      {.name = "server", .type = SettingType::url, .default_value = R"("https://api.example")"},
  };
};

inline std::vector<std::unique_ptr<const SourceKind>> kinds_for_test() {
  std::vector<std::unique_ptr<const SourceKind>> kinds;
  kinds.push_back(direct_kind());
  kinds.push_back(std::make_unique<FakeKind>());
  return kinds;
}

}  // namespace creel::testing
