#include "sources/preset_file.h"

#include <algorithm>
#include <optional>
#include <set>
#include <toml++/toml.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/failure.h"
#include "base/units.h"
#include "net/http_headers.h"
#include "sources/url_template.h"

namespace creel {
namespace {

constexpr std::string_view kReserved[] = {"json", "feed", "list", "direct", "imgur"};
constexpr std::string_view kCommonSettings[] = {"max_pages", "stop_after"};

bool is_lower_name(std::string_view name, char separator) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == separator;
  });
}

/// A table that is read key by key; every fault is told with its line.
class Reader {
 public:
  Reader(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  [[noreturn]] void refuse(const toml::node& node, std::string_view what) const {
    throw Failure(FailureKind::bad_request, fmt::format("{}:{}: {}", file_, node.source().begin.line, what));
  }
  [[noreturn]] void refuse(std::string_view what) const { refuse(table_, what); }
  [[noreturn]] void refuse_key(std::string_view key, std::string_view what) const {
    const auto* node = table_.get(key);
    refuse(node == nullptr ? static_cast<const toml::node&>(table_) : *node, fmt::format("{}: {}", key, what));
  }

  const toml::node* find(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
  }

  std::optional<std::string> text(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* value = node->as_string()) return value->get();
    refuse_key(key, "must be a text in quotes");
  }
  std::string needed_text(std::string_view key) {
    auto value = text(key);
    if (!value || value->empty()) refuse_key(key, "is missing");
    return std::move(*value);
  }
  std::int64_t integer(std::string_view key, std::int64_t otherwise) {
    const auto* node = find(key);
    if (node == nullptr) return otherwise;
    if (const auto* value = node->as_integer()) return value->get();
    refuse_key(key, "must be a whole number");
  }
  std::optional<double> number(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_number()) refuse_key(key, "must be a number");
    return node->value<double>();
  }
  bool truth(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return false;
    if (const auto* value = node->as_boolean()) return value->get();
    refuse_key(key, "must be true or false");
  }
  std::map<std::string, std::string> texts_by_name(std::string_view key) {
    std::map<std::string, std::string> all;
    const auto* node = find(key);
    if (node == nullptr) return all;
    if (!node->is_table()) refuse_key(key, fmt::format("must be a table: [{}]", key));
    for (const auto& [name, value] : *node->as_table()) {
      if (!value.is_string()) refuse(value, fmt::format("{}.{}: must be a text in quotes", key, name.str()));
      all.emplace(name.str(), value.as_string()->get());
    }
    return all;
  }

  void refuse_unknown() const {
    for (const auto& [key, value] : table_) {
      if (!known_.contains(std::string(key.str()))) refuse(value, fmt::format("{} is not known here", key.str()));
    }
  }

 private:
  const toml::table& table_;
  const std::string& file_;
  std::set<std::string> known_;
};

toml::table parse(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
  }
}

SettingType setting_type(Reader& reader) {
  static const std::map<std::string, SettingType> types{
      {"text", SettingType::text},       {"secret", SettingType::secret},       {"url", SettingType::url},
      {"integer", SettingType::integer}, {"number", SettingType::number},       {"boolean", SettingType::boolean},
      {"one_of", SettingType::one_of},   {"text_list", SettingType::text_list},
  };
  const auto name = reader.text("type").value_or("text");
  const auto found = types.find(name);
  if (found == types.end()) {
    reader.refuse_key("type", "must be text, secret, url, integer, number, boolean, one_of or text_list");
  }
  return found->second;
}

/// The default as JSON text; the type must be the setting's.
std::string default_value(Reader& reader, const SettingSpec& spec) {
  const auto* node = reader.find("default");
  if (node == nullptr) return {};
  const auto wrong = [&] { reader.refuse_key("default", "is not of the setting's type"); };
  switch (spec.type) {
    case SettingType::integer:
      if (!node->is_integer()) wrong();
      return std::to_string(node->as_integer()->get());
    case SettingType::number:
      if (!node->is_number()) wrong();
      return boost::json::serialize(boost::json::value(*node->value<double>()));
    case SettingType::boolean:
      if (!node->is_boolean()) wrong();
      return node->as_boolean()->get() ? "true" : "false";
    case SettingType::text:
    case SettingType::url:
    case SettingType::one_of:
    case SettingType::secret:
      if (!node->is_string()) wrong();
      return boost::json::serialize(boost::json::value(node->as_string()->get()));
    case SettingType::headers:
    case SettingType::text_list: break;
  }
  reader.refuse_key("default", "a setting of this type has none");
}

std::vector<std::string> choices(Reader& reader, SettingType type) {
  std::vector<std::string> all;
  const auto* node = reader.find("choices");
  if (node != nullptr) {
    if (!node->is_array()) reader.refuse_key("choices", "must be a list of texts");
    for (const auto& one : *node->as_array()) {
      if (!one.is_string()) reader.refuse(one, "choices: must be texts");
      all.push_back(one.as_string()->get());
    }
  }
  if (all.empty() != (type != SettingType::one_of))
    reader.refuse_key("choices", "go with the type one_of, and only with it");
  return all;
}

void read_setting(const toml::table& table, const std::string& file, Preset& preset) {
  Reader reader(table, file);
  SettingSpec spec;
  spec.name = reader.needed_text("name");
  if (!is_lower_name(spec.name, '_')) reader.refuse_key("name", "must be lower-case letters, digits and _");
  const bool is_taken = std::ranges::find(preset.settings, spec.name, &SettingSpec::name) != preset.settings.end() ||
                        std::ranges::find(kCommonSettings, spec.name) != std::end(kCommonSettings);
  if (is_taken) reader.refuse_key("name", "there is a setting of that name already");
  spec.type = setting_type(reader);
  spec.help = reader.needed_text("help");
  spec.label = reader.text("label").value_or("");
  spec.is_required = reader.truth("required");
  spec.choices = choices(reader, spec.type);
  spec.min = reader.number("min");
  spec.max = reader.number("max");
  spec.default_value = default_value(reader, spec);
  if (spec.type == SettingType::secret && !spec.default_value.empty()) {
    preset.open_secrets[spec.name] = Secret(reader.needed_text("default"));
    spec.default_value.clear();
  }
  reader.refuse_unknown();
  preset.settings.push_back(std::move(spec));
}

void read_settings(Reader& root, const std::string& file, Preset& preset) {
  const auto* node = root.find("settings");
  if (node == nullptr) return;
  if (!node->is_array_of_tables()) root.refuse_key("settings", "must be tables: [[settings]]");
  for (const auto& one : *node->as_array()) read_setting(*one.as_table(), file, preset);
}

void read_paging(Reader& root, const std::string& file, Preset& preset) {
  const auto* node = root.find("paging");
  if (node == nullptr) return;
  if (!node->is_table()) root.refuse_key("paging", "must be a table: [paging]");
  Reader reader(*node->as_table(), file);
  preset.paging.page_param = reader.text("page_param").value_or("");
  preset.paging.first_page = reader.integer("first_page", 1);
  preset.paging.page_step = reader.integer("page_step", 1);
  preset.paging.cursor_param = reader.text("cursor_param").value_or("");
  preset.max_pages = reader.integer("max_pages", preset.max_pages);
  preset.stop_after = reader.integer("stop_after", preset.stop_after);
  preset.max_follows = reader.integer("max_follows", preset.max_follows);
  const bool is_reasonable = preset.paging.first_page >= 0 && preset.paging.page_step >= 1 && preset.max_pages >= 1 &&
                             preset.stop_after >= 0 && preset.max_follows >= 0;
  if (!is_reasonable) reader.refuse("a number of [paging] is too small");
  reader.refuse_unknown();
}

void read_defaults(Reader& root, Preset& preset) {
  if (const auto interval = root.text("interval")) {
    try {
      preset.defaults.interval = std::chrono::duration_cast<std::chrono::seconds>(parse_duration(*interval));
    } catch (const Failure& failure) {
      root.refuse_key("interval", failure.what());
    }
  }
  preset.defaults.rate_limit = root.number("rate_limit");
  const auto rate = preset.defaults.rate_limit.value_or(kHighestRateLimit);
  if (rate < kLowestRateLimit || rate > kHighestRateLimit) {
    root.refuse_key("rate_limit",
                    fmt::format("must be from {} to {:.0f} requests a minute", kLowestRateLimit, kHighestRateLimit));
  }
}

enum class Place : std::uint8_t { url, query, header };

std::vector<std::string> names_in(const Reader& root, std::string_view key, const std::string& text) {
  std::vector<std::string> names;
  try {
    names = template_names(text);
  } catch (const Failure& failure) {
    root.refuse_key(key, failure.what());
  }
  return names;
}

/// Every name in a template must be a setting, and one that may stand there.
void check_template(const Reader& root, const Preset& preset, std::string_view key, const std::string& text,
                    Place place) {
  const auto names = names_in(root, key, text);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto refuse = [&](std::string_view why) { root.refuse_key(key, fmt::format("{{{}}} {}", names[i], why)); };
    const auto spec = std::ranges::find(preset.settings, names[i], &SettingSpec::name);
    if (spec == preset.settings.end()) return refuse("is no setting");
    if (spec->type == SettingType::secret && place != Place::header) {
      refuse("is a secret, which may stand in headers only: URLs are shown");
    }
    if (place != Place::url) continue;
    const bool is_at_begin = i == 0 && text.starts_with("{");
    if (spec->type == SettingType::url && !is_at_begin) refuse("is a URL, which may stand at the beginning only");
    if (!spec->is_required && spec->default_value.empty())
      refuse("must be required or have a default to stand in the url");
  }
}

void check_templates(const Reader& root, const Preset& preset) {
  if (!preset.url.starts_with("http://") && !preset.url.starts_with("https://") && !preset.url.starts_with("{")) {
    root.refuse_key("url", "must begin with https:// or with a setting of type url");
  }
  check_template(root, preset, "url", preset.url, Place::url);
  for (const auto& [name, value] : preset.query) check_template(root, preset, "query", value, Place::query);
  for (const auto& [name, value] : preset.headers) {
    check_template(root, preset, "headers", value, Place::header);
    try {
      check_user_header(name, "");
    } catch (const Failure& failure) {
      root.refuse_key("headers", failure.what());
    }
  }
}

}  // namespace

Preset read_preset(std::string_view text, const std::string& file) {
  const auto document = parse(text, file);
  Reader root(document, file);
  Preset preset;
  preset.name = root.needed_text("name");
  if (!is_lower_name(preset.name, '-')) root.refuse_key("name", "must be lower-case letters, digits and -");
  if (std::ranges::find(kReserved, preset.name) != std::end(kReserved)) {
    root.refuse_key("name", "is that of a built-in type");
  }
  preset.help = root.needed_text("help");
  preset.label = root.text("label").value_or("");
  preset.url = root.needed_text("url");
  preset.query = root.texts_by_name("query");
  preset.headers = root.texts_by_name("headers");
  preset.program = root.needed_text("program");
  preset.follow_program = root.text("follow_program").value_or("");
  read_settings(root, file, preset);
  read_paging(root, file, preset);
  read_defaults(root, preset);
  root.refuse_unknown();
  check_templates(root, preset);
  return preset;
}

}  // namespace creel
