#include "api/source_body.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "api/json_body.h"
#include "api/problem.h"
#include "base/failure.h"
#include "base/text.h"
#include "base/units.h"
#include "net/url.h"
#include "sources/source_kinds.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::int64_t kLongestInterval = 366LL * 24 * 3600;
/// What is shown in place of a secret.
constexpr std::string_view kMask = "***";

std::optional<std::chrono::seconds> interval_of(const json::value& value) {
  if (const auto* text = value.if_string()) {
    try {
      return std::chrono::ceil<std::chrono::seconds>(parse_duration(*text));
    } catch (const Failure&) {
      return std::nullopt;
    }
  }
  boost::system::error_code error;
  const auto seconds = value.is_number() ? value.to_number<std::int64_t>(error) : 0;
  return value.is_number() && !error ? std::optional(std::chrono::seconds(seconds)) : std::nullopt;
}

void read_interval(FieldReader& fields, SourceDefinition& source) {
  const auto* value = fields.value("interval");
  if (value == nullptr) {
    if (fields.has("interval")) source.interval = SourceDefinition{}.interval;
    return;
  }
  const auto interval = interval_of(*value);
  if (!interval) {
    fields.refuse("interval", R"(must be whole seconds, or a duration as in "90s", "15m", "1h", "2d")");
  } else if (interval->count() < 1 || interval->count() > kLongestInterval) {
    fields.refuse("interval", "must be between 1 second and 366 days");
  } else {
    source.interval = *interval;
  }
}

void read_rate_limit(FieldReader& fields, SourceDefinition& source) {
  const auto rate = fields.number("rate_limit");
  if (!rate) {
    if (fields.has("rate_limit")) source.rate_limit.reset();
    return;
  }
  if (*rate >= kLowestRateLimit && *rate <= kHighestRateLimit) {
    source.rate_limit = rate;
  } else {
    fields.refuse("rate_limit", fmt::format("must be from {} to {:.0f} requests a minute, or null for no limit",
                                            kLowestRateLimit, kHighestRateLimit));
  }
}

void read_name(FieldReader& fields, SourceDefinition& source) {
  const auto name = fields.required_text("name", kMaxSourceNameBytes);
  source.name = std::string(trim(name));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(source.name, is_control)) fields.refuse("name", "has a control character");
}

void read_url(FieldReader& fields, SourceDefinition& source) {
  source.url = std::string(trim(fields.text("url", Url::kMaxBytes).value_or("")));
}

bool is_secret(const SourceKind* kind, std::string_view name) {
  return kind != nullptr && std::ranges::any_of(kind->settings(), [&](const SettingSpec& spec) {
           return spec.name == name && spec.type == SettingType::secret;
         });
}

/// Puts the members of `settings` over those of the source.
void read_settings(FieldReader& fields, SourceDefinition& source, const SourceKind* kind) {
  const auto* settings = fields.object("settings");
  if (settings == nullptr) {
    if (fields.is_null("settings")) {
      source.settings.clear();
      source.secrets.clear();
    }
    return;
  }
  for (const auto& member : *settings) {
    const std::string name(member.key());
    const auto* text = member.value().if_string();
    const bool is_mask = text != nullptr && *text == kMask && is_secret(kind, name);
    if (is_mask && source.secrets.contains(name)) continue;
    source.settings.erase(name);
    source.secrets.erase(name);
    if (is_mask) {
      fields.refuse("settings", fmt::format("'{}': '***' stands for a secret that is set, and this one is not", name));
    } else if (!member.value().is_null()) {
      source.settings.emplace(name, json::serialize(member.value()));
    }
  }
}

/// Texts with a NUL character are taken by no database, wherever they stand.
bool has_nul(const json::value& value) {
  if (const auto* text = value.if_string()) return text->find('\0') != json::string::npos;
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_nul);
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object, [](const json::key_value_pair& member) {
      return member.key().find('\0') != std::string_view::npos || has_nul(member.value());
    });
  }
  return false;
}

/// Lets the kind check what the fields alone do not tell.
void check_by_kind(FieldReader& fields, SourceDefinition& source, const SourceKinds& kinds,
                   std::vector<ProblemError>& errors) {
  if (source.type.empty() || kinds.find(source.type) == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& kind : kinds.all()) names.push_back(kind->name());
    if (!source.type.empty()) {
      errors.push_back({fields.pointer_to("type"),
                        fmt::format("there is no such type of source; there are {}", fmt::join(names, ", "))});
    }
    return;
  }
  SourceConfig config{.name = source.name,
                      .type = source.type,
                      .url = source.url,
                      .settings = std::move(source.settings),
                      .secrets = std::move(source.secrets)};
  for (auto& error : kinds.check(config)) {
    const auto is_same = [&](const ProblemError& known) { return known.pointer == error.pointer; };
    if (std::ranges::none_of(errors, is_same)) errors.push_back({std::move(error.pointer), std::move(error.message)});
  }
  source.url = std::move(config.url);
  source.settings = std::move(config.settings);
  source.secrets = std::move(config.secrets);
}

/// Who is talked to at an address; empty if it is no URL.
std::string origin_of(const std::string& address) {
  try {
    return Url::parse(address).origin();
  } catch (const Failure&) {
    return "";
  }
}

/// The origin that a setting of type url names.
std::string origin_of(const SourceDefinition& source, const SettingSpec& spec) {
  const auto found = source.settings.find(spec.name);
  boost::system::error_code error;
  const auto value = json::parse(found == source.settings.end() ? spec.default_value : found->second, error);
  return !error && value.is_string() ? origin_of(std::string(value.get_string())) : "";
}

bool has_moved(const SourceDefinition& source, const SourceDefinition& old, const SourceKind& kind) {
  return source.type != old.type || origin_of(source.url) != origin_of(old.url) ||
         std::ranges::any_of(kind.settings(), [&](const SettingSpec& spec) {
           return spec.type == SettingType::url && origin_of(source, spec) != origin_of(old, spec);
         });
}

/// A secret goes to no other server than the one it was given for: who changes a source need not know the secret.
void check_kept_secrets(const json::value* given, const SourceDefinition& source, const SourceDefinition& old,
                        const SourceKind* kind, std::vector<ProblemError>& errors) {
  if (kind == nullptr || !has_moved(source, old, *kind)) return;
  const auto* settings = given == nullptr ? nullptr : given->if_object();
  for (const auto& [name, secret] : source.secrets) {
    const auto* value = settings == nullptr ? nullptr : settings->if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    if (text != nullptr && *text != kMask) continue;
    errors.push_back(
        {"/settings/" + name, "give it again, or null to take it away, since the address it is sent to has changed"});
  }
}

/// @param old  what the source was before, if it was
void finish(FieldReader& fields, SourceDefinition& source, const SourceKinds& kinds,
            const SourceDefinition* old = nullptr) {
  const auto* settings = fields.value("settings");
  if (settings != nullptr && has_nul(*settings)) fields.refuse("settings", "has a text with a NUL character");
  auto errors = fields.errors();
  check_by_kind(fields, source, kinds, errors);
  if (old != nullptr) check_kept_secrets(settings, source, *old, kinds.find(source.type), errors);
  refuse_if_any(std::move(errors));
}

}  // namespace

NewSource read_new_source(const json::object& body, const SourceKinds& kinds) {
  FieldReader fields(body);
  NewSource source;
  auto& definition = source.definition;
  read_name(fields, definition);
  definition.type = fields.required_text("type", kMaxSourceNameBytes);
  read_url(fields, definition);
  read_interval(fields, definition);
  read_rate_limit(fields, definition);
  const auto* kind = kinds.find(definition.type);
  if (kind != nullptr) {
    const auto defaults = kind->defaults();
    if (!fields.has("interval")) definition.interval = defaults.interval.value_or(definition.interval);
    if (!fields.has("rate_limit")) definition.rate_limit = defaults.rate_limit;
  }
  read_settings(fields, definition, kind);
  source.start = fields.flag("start").value_or(false);
  if (source.start && kind != nullptr && !kind->is_polled()) {
    fields.refuse("start", "must be left out: a source of this type is not polled, images are added to it");
  }
  finish(fields, definition, kinds);
  return source;
}

SourceDefinition read_changed_source(const json::object& body, const SourceDefinition& old, const SourceKinds& kinds) {
  FieldReader fields(body);
  auto source = old;
  if (fields.has("name")) read_name(fields, source);
  if (fields.has("type")) source.type = fields.required_text("type", kMaxSourceNameBytes);
  if (source.type != old.type) {
    source.settings.clear();
    source.secrets.clear();
  }
  if (fields.has("url")) read_url(fields, source);
  read_interval(fields, source);
  read_rate_limit(fields, source);
  read_settings(fields, source, kinds.find(source.type));
  finish(fields, source, kinds, &old);
  return source;
}

}  // namespace creel
