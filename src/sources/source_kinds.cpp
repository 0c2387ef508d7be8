#include "sources/source_kinds.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/failure.h"
#include "base/text.h"
#include "net/url.h"
#include "sources/direct_kind.h"
#include "sources/feed_kind.h"
#include "sources/imgur_kind.h"
#include "sources/jq_runner.h"
#include "sources/json_kind.h"
#include "sources/list_kind.h"
#include "sources/preset_kind.h"
#include "sources/setting_check.h"
#include "store/object_key.h"

namespace creel {
namespace {

Secret fallback_secret(const SourceKindsOptions& options, const std::string& name) {
  const auto found = options.fallback_secrets.find(name);
  return found == options.fallback_secrets.end() ? Secret() : found->second;
}

/// The kinds of this program; each has its line here.
std::vector<std::unique_ptr<const SourceKind>> all_kinds(const SourceKindsOptions& options) {
  std::vector<std::unique_ptr<const SourceKind>> kinds;
  kinds.push_back(direct_kind());
  kinds.push_back(list_kind({.folders = options.list_folders, .closed = options.closed_list_folders}));
  kinds.push_back(feed_kind());
  const auto jq = std::make_shared<JqRunner>(options.jq_program_path);
  kinds.push_back(json_kind(jq));
  kinds.push_back(imgur_kind(fallback_secret(options, "imgur.client_id"), options.is_for_itself));
  std::ranges::move(preset_kinds(jq, options.presets, options.fallback_secrets), std::back_inserter(kinds));
  return kinds;
}

std::string wrong_name(const std::string& name) {
  if (name.empty()) return "is missing: give the source a name";
  if (name.size() > kMaxSourceNameBytes) return fmt::format("must not be longer than {} bytes", kMaxSourceNameBytes);
  if (!is_utf8(name)) return "must be UTF-8";
  if (name.find('/') != std::string::npos) return "must not hold a slash: it is the folder of the source's images";
  const bool has_control = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f; });
  if (has_control) return "must not hold control characters";
  try {
    check_folder(name);
  } catch (const Failure& failure) {
    return fmt::format("cannot be the folder of the source's images: {}", failure.what());
  }
  return "";
}

std::string wrong_url(const SourceConfig& source, const SourceKind& kind) {
  switch (kind.url_use()) {
    case SourceKind::UrlUse::none:
      return source.url.empty() ? "" : fmt::format("sources of type {} have no URL: leave it out", source.type);
    case SourceKind::UrlUse::needed:
      if (source.url.empty()) return fmt::format("is missing: sources of type {} need one", source.type);
      break;
    case SourceKind::UrlUse::optional:
      if (source.url.empty()) return "";
      break;
  }
  if (source.url.find('\0') != std::string::npos) return "must not hold the character U+0000";
  if (kind.takes_files() && source.url.find("://") == std::string::npos) return "";
  try {
    Url::parse(source.url);
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace

SourceKinds::SourceKinds(SourceKindsOptions options) : SourceKinds(all_kinds(options)) {}
SourceKinds::SourceKinds(std::vector<std::unique_ptr<const SourceKind>> kinds) : kinds_(std::move(kinds)) {}
SourceKinds::~SourceKinds() = default;

const SourceKind* SourceKinds::find(std::string_view name) const {
  const auto found = std::ranges::find(kinds_, name, [](const auto& kind) { return kind->name(); });
  return found == kinds_.end() ? nullptr : found->get();
}

std::vector<SettingError> SourceKinds::check(SourceConfig& source) const {
  std::vector<SettingError> errors;
  source.name = trim(source.name);
  source.url = trim(source.url);
  if (auto wrong = wrong_name(source.name); !wrong.empty()) errors.push_back({"/name", std::move(wrong)});

  const auto* kind = find(source.type);
  if (kind == nullptr) {
    std::vector<std::string> names;
    for (const auto& one : kinds_) names.emplace_back(one->name());
    const auto nearest = nearest_name(source.type, names);
    errors.push_back({"/type", source.type.empty() ? fmt::format("is missing; there are: {}", fmt::join(names, ", "))
                               : nearest
                                   ? fmt::format("there is no such type: did you mean '{}'?", *nearest)
                                   : fmt::format("there is no such type; there are: {}", fmt::join(names, ", "))});
    return errors;
  }
  if (auto wrong = wrong_url(source, *kind); !wrong.empty()) errors.push_back({"/url", std::move(wrong)});
  check_settings(kind->settings(), source, errors);
  if (errors.empty()) errors = kind->check(source);
  return errors;
}

}  // namespace creel
