#include "sources/preset_kind.h"

#include <fstream>
#include <iterator>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/failure.h"
#include "base/text.h"
#include "sources/json_poll.h"
#include "sources/url_template.h"

namespace creel {
namespace {

namespace json = boost::json;

/// A setting's value as it is written into a URL or a header, not encoded yet; nothing for what is not given, and for
/// `false`, so that a parameter is sent or not.
std::optional<std::string> plain_value(const std::string& text) {
  json::error_code error;
  const auto value = json::parse(text, error);
  if (error || value.is_null()) return std::nullopt;
  if (value.is_bool()) return value.get_bool() ? std::optional<std::string>("true") : std::nullopt;
  if (value.is_string()) {
    const std::string_view string = value.get_string();
    return string.empty() ? std::nullopt : std::optional<std::string>(string);
  }
  if (!value.is_array()) return json::serialize(value);
  std::string list;
  for (const auto& one : value.get_array()) {
    if (!one.is_string()) continue;
    if (!list.empty()) list += ',';
    list += std::string_view(one.get_string());
  }
  return list.empty() ? std::nullopt : std::optional(list);
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

class PresetKind final : public SourceKind {
 public:
  PresetKind(Preset preset, std::shared_ptr<const JqRunner> jq) : preset_(std::move(preset)), jq_(std::move(jq)) {
    specs_ = preset_.settings;
    specs_.push_back({.name = "max_pages",
                      .type = SettingType::integer,
                      .default_value = std::to_string(preset_.max_pages),
                      .help = "pages read in one poll, at most",
                      .min = 1,
                      .max = 10'000});
    specs_.push_back({.name = "stop_after",
                      .type = SettingType::integer,
                      .default_value = std::to_string(preset_.stop_after),
                      .help = "the poll ends when so many images in a row are known already; 0: never",
                      .min = 0});
  }

  std::string_view name() const override { return preset_.name; }
  std::string_view label() const override { return preset_.label; }
  std::string_view help() const override { return preset_.help; }
  UrlUse url_use() const override { return UrlUse::none; }
  std::span<const SettingSpec> settings() const override { return specs_; }
  SourceDefaults defaults() const override { return preset_.defaults; }
  bool is_preset() const override { return true; }

  std::vector<SettingError> check(const SourceConfig& source) const override {
    std::vector<SettingError> errors;
    try {
      plan_for(source);
    } catch (const Failure& failure) {
      errors.push_back({"/settings", fmt::format("the settings make no URL that can be used: {}", failure.what())});
    }
    return errors;
  }

  Task<void> poll(const SourceConfig& source, PollRun& run) const override {
    co_await poll_json(plan_for(source), jq_, run);
  }

 private:
  const SettingSpec& spec(std::string_view name) const {
    return *std::ranges::find(preset_.settings, name, &SettingSpec::name);
  }

  std::optional<std::string> value(const SourceConfig& source, std::string_view name) const {
    const auto found = source.settings.find(std::string(name));
    return found == source.settings.end() ? std::nullopt : plain_value(found->second);
  }

  Secret secret(const SourceConfig& source, std::string_view name) const {
    auto own = source.secret(name);
    const auto open = preset_.open_secrets.find(std::string(name));
    return own.empty() && open != preset_.open_secrets.end() ? open->second : own;
  }

  Url url(const SourceConfig& source) const;
  void add_headers(const SourceConfig& source, JsonPlan& plan) const;
  JsonPlan plan_for(const SourceConfig& source) const;

  Preset preset_;
  std::shared_ptr<const JqRunner> jq_;
  std::vector<SettingSpec> specs_;
};

Url PresetKind::url(const SourceConfig& source) const {
  const auto text = expand_template(preset_.url, [&](std::string_view name) -> std::optional<std::string> {
    const auto one = value(source, name);
    if (!one) return std::nullopt;
    return spec(name).type == SettingType::url ? without_slash(*one) : percent_encode(*one);
  });
  if (!text) throw Failure(FailureKind::bad_request, "a setting is missing");
  auto url = Url::parse(*text);
  for (const auto& [name, form] : preset_.query) {
    const auto parameter = expand_template(form, [&](std::string_view one) { return value(source, one); });
    if (parameter) url = with_query_parameter(url, name, *parameter);
  }
  return url;
}

void PresetKind::add_headers(const SourceConfig& source, JsonPlan& plan) const {
  for (const auto& [name, form] : preset_.headers) {
    bool is_secret = false;
    const auto text = expand_template(form, [&](std::string_view one) -> std::optional<std::string> {
      if (spec(one).type != SettingType::secret) return value(source, one);
      is_secret = true;
      const auto hidden = secret(source, one);
      return hidden.empty() ? std::nullopt : std::optional(hidden.reveal());
    });
    if (!text) continue;
    if (!is_header_safe(*text)) throw Failure(FailureKind::bad_request, fmt::format("the header {} would break", name));
    if (is_secret) plan.secret_headers.emplace_back(name, Secret(*text));
    if (!is_secret) plan.headers.emplace_back(name, *text);
  }
}

JsonPlan PresetKind::plan_for(const SourceConfig& source) const {
  const auto count = [&](const char* name) { return static_cast<std::size_t>(source.integer(name).value_or(0)); };
  JsonPlan plan{.url = url(source), .paging = preset_.paging, .program = preset_.program};
  plan.follow_program = preset_.follow_program;
  plan.settings = source.settings;
  plan.max_pages = std::max<std::size_t>(count("max_pages"), 1);
  plan.stop_after = count("stop_after");
  plan.max_follows = static_cast<std::size_t>(preset_.max_follows);
  add_headers(source, plan);
  return plan;
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) throw Failure(FailureKind::bad_request, fmt::format("{} cannot be read", path.string()));
  return text;
}

void check_programs(const Preset& preset, const JqRunner& jq, const std::string& file) {
  const auto refuse = [&](std::string_view key, const std::string& why) {
    throw Failure(FailureKind::bad_request, fmt::format("{}: {}: {}", file, key, why));
  };
  if (const auto error = jq.compile_error(preset.program, json_variables({}, "", 1))) refuse("program", *error);
  if (preset.follow_program.empty()) return;
  if (const auto error = jq.compile_error(preset.follow_program, json_variables({}, "", 1, "{}"))) {
    refuse("follow_program", *error);
  }
}

/// The presets of a folder, by name.
void add_folder(const std::filesystem::path& folder, const JqRunner& jq, std::map<std::string, Preset>& presets) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".toml") files.push_back(entry->path());
  }
  if (error) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("the folder of presets '{}' cannot be read: {}", folder.string(), error.message()));
  }
  std::ranges::sort(files);
  for (const auto& path : files) {
    auto preset = read_preset(file_text(path), path.string());
    check_programs(preset, jq, path.string());
    auto name = preset.name;
    presets.insert_or_assign(std::move(name), std::move(preset));
  }
}

}  // namespace

std::unique_ptr<const SourceKind> preset_kind(Preset preset, std::shared_ptr<const JqRunner> jq) {
  return std::make_unique<PresetKind>(std::move(preset), std::move(jq));
}

std::vector<std::unique_ptr<const SourceKind>> preset_kinds(const std::shared_ptr<const JqRunner>& jq,
                                                            const std::filesystem::path& folder,
                                                            const std::map<std::string, Secret>& fallback_secrets) {
  std::map<std::string, Preset> presets;
  for (const auto& [file, toml] : embedded_presets()) {
    auto preset = read_preset(toml, std::string(file));
    auto name = preset.name;
    presets.emplace(std::move(name), std::move(preset));
  }
  if (!folder.empty()) add_folder(folder, *jq, presets);
  std::vector<std::unique_ptr<const SourceKind>> kinds;
  for (auto& [name, preset] : presets) {
    for (const auto& spec : preset.settings) {
      const auto secret = fallback_secrets.find(name + "." + spec.name);
      if (secret != fallback_secrets.end()) preset.open_secrets.insert_or_assign(spec.name, secret->second);
    }
    kinds.push_back(preset_kind(std::move(preset), jq));
  }
  return kinds;
}

}  // namespace creel
