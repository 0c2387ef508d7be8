#include "cli/api_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/units.h"
#include "cli/text_table.h"

namespace creel {
namespace {

namespace json = boost::json;
using Align = TextTable::Align;

constexpr std::size_t kNameCharacters = 32;
constexpr std::size_t kTextCharacters = 48;
constexpr std::size_t kTimeCharacters = 19;

std::string value_text(const json::value& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return std::string(value.get_string());
  return json::serialize(value);
}

const json::object& object_of(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

std::string interval_text(const json::object& source) {
  const auto* value = source.if_contains("interval");
  if (value == nullptr || !value->is_int64()) return "";
  return format_duration(std::chrono::seconds(value->get_int64()));
}

std::string size_text(const json::object& image) {
  const auto* value = image.if_contains("size_bytes");
  return value != nullptr && value->is_int64() ? format_bytes(static_cast<std::uint64_t>(value->get_int64())) : "";
}

/// "name:  value", unless there is none.
void add_line(std::string& text, std::string_view name, const std::string& value) {
  if (!value.empty()) text += fmt::format("{:<22}{}\n", fmt::format("{}:", name), shown(value));
}

std::string polls_text(const json::array& polls) {
  TextTable table({{"POLL BEGAN"}, {"ENDED"}, {"FOUND", Align::right}, {"NEW", Align::right}, {"FAILURE"}});
  for (const auto& item : polls) {
    const auto& poll = item.as_object();
    const auto& failure = object_of(poll, "failure");
    const auto why = failure.empty()
                         ? member_text(poll, "failure_message")
                         : fmt::format("{}: {}", member_text(failure, "kind"), member_text(failure, "message"));
    auto added = member_text(poll, "new");
    if (added.empty()) added = member_text(poll, "added");
    table.add({time_text(poll, "started_at"), time_text(poll, "ended_at"), member_text(poll, "found"), added, why});
  }
  return table.empty() ? "" : "\n" + table.str();
}

}  // namespace

std::string member_text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? "" : value_text(*value);
}

std::string time_text(const json::object& object, std::string_view name) {
  auto text = member_text(object, name).substr(0, kTimeCharacters);
  if (text.size() == kTimeCharacters) text[10] = ' ';
  return text;
}

std::string sources_text(const json::array& sources) {
  TextTable table({{"ID", Align::right},
                   {"NAME"},
                   {"TYPE"},
                   {"STATE"},
                   {"INTERVAL", Align::right},
                   {"NEXT POLL (UTC)"},
                   {"STORED", Align::right},
                   {"PENDING", Align::right},
                   {"FAILED", Align::right},
                   {"WHY"}});
  for (const auto& item : sources) {
    const auto& source = item.as_object();
    const auto& counts = object_of(source, "counts");
    table.add({member_text(source, "id"), shortened(member_text(source, "name"), kNameCharacters),
               member_text(source, "type"), member_text(source, "state"), interval_text(source),
               time_text(source, "next_poll"), member_text(counts, "stored"), member_text(counts, "pending"),
               member_text(counts, "failed"), shortened(member_text(source, "reason"), kTextCharacters)});
  }
  return table.str();
}

std::string source_text(const json::object& source, const json::array& polls) {
  std::string text;
  for (const auto* name : {"id", "name", "type", "url", "state", "reason"}) {
    add_line(text, name, member_text(source, name));
  }
  add_line(text, "interval", interval_text(source));
  const auto rate = member_text(source, "rate_limit");
  add_line(text, "rate_limit", rate.empty() ? "" : rate + " requests a minute");
  for (const auto* name : {"blocked_until", "last_poll", "next_poll"}) add_line(text, name, time_text(source, name));
  for (const auto& [name, value] : object_of(source, "settings")) {
    add_line(text, fmt::format("settings.{}", std::string_view(name)), value_text(value));
  }
  for (const auto& [name, value] : object_of(source, "counts")) {
    add_line(text, fmt::format("images {}", std::string_view(name)), value_text(value));
  }
  return text + polls_text(polls);
}

std::string preview_text(const json::object& preview) {
  TextTable table({{"IMAGE ID"}, {"TITLE"}, {"URL"}});
  const auto* records = preview.if_contains("records");
  const bool has_records = records != nullptr && records->is_array();
  if (has_records) {
    for (const auto& item : records->get_array()) {
      const auto& record = item.as_object();
      table.add({shortened(member_text(record, "image_id"), kNameCharacters),
                 shortened(member_text(record, "title"), kTextCharacters), member_text(record, "image_url")});
    }
  }
  std::string text = table.empty() ? "No images were found.\n" : table.str();
  const auto* more = preview.if_contains("has_more");
  if (more != nullptr && more->is_bool() && more->get_bool()) text += "... and more\n";
  const auto unusable = member_text(preview, "unusable");
  if (!unusable.empty() && unusable != "0") {
    text += fmt::format("\n{} records cannot be used; the first: {}\n", unusable,
                        shown(member_text(preview, "unusable_reason")));
  }
  const auto shape = member_text(preview, "shape");
  if (!shape.empty()) text += fmt::format("\nThe answer begins like this:\n{}\n", shown(shape));
  const auto& failure = object_of(preview, "failure");
  if (!failure.empty()) {
    text += fmt::format("\nThe poll ended early: {}: {}\n", shown(member_text(failure, "kind")),
                        shown(member_text(failure, "message")));
  }
  return text;
}

std::string types_text(const json::array& types) {
  TextTable table({{"TYPE"}, {"URL"}, {"WHAT IT IS"}});
  for (const auto& item : types) {
    const auto& type = item.as_object();
    table.add({member_text(type, "name"), member_text(type, "url"), member_text(type, "help")});
  }
  return table.str();
}

std::string type_text(const json::object& type) {
  auto text = fmt::format("{}: {}\nURL: {}\n", shown(member_text(type, "name")), shown(member_text(type, "help")),
                          shown(member_text(type, "url")));
  TextTable table({{"SETTING"}, {"TYPE"}, {"DEFAULT"}, {"WHAT IT IS"}});
  const auto* settings = type.if_contains("settings");
  if (settings == nullptr || !settings->is_array()) return text;
  for (const auto& item : settings->get_array()) {
    const auto& setting = item.as_object();
    const auto* required = setting.if_contains("required");
    const bool is_required = required != nullptr && required->is_bool() && required->get_bool();
    table.add({member_text(setting, "name"), member_text(setting, "type"),
               is_required ? "(required)" : member_text(setting, "default"), member_text(setting, "help")});
  }
  return table.empty() ? text : text + "\n" + table.str();
}

std::string images_text(const json::array& images) {
  TextTable table({{"ID", Align::right},
                   {"SOURCE"},
                   {"STATE"},
                   {"SIZE", Align::right},
                   {"TYPE"},
                   {"FOUND (UTC)"},
                   {"TITLE"},
                   {"KEY, OR WHY NOT"}});
  for (const auto& item : images) {
    const auto& image = item.as_object();
    auto what = member_text(image, "key");
    const auto kind = member_text(image, "failure_kind");
    if (what.empty() && !kind.empty()) what = fmt::format("{}: {}", kind, member_text(image, "failure_message"));
    if (what.empty()) what = member_text(image, "image_url");
    table.add({member_text(image, "id"), shortened(member_text(image, "source"), kNameCharacters),
               member_text(image, "state"), size_text(image), member_text(image, "type"), time_text(image, "found_at"),
               shortened(member_text(image, "title"), kTextCharacters), what});
  }
  return table.str();
}

std::string image_text(const json::object& image) {
  std::string text;
  for (const auto& [name, value] : image) {
    if (value.is_object()) {
      for (const auto& [inner, inner_value] : value.get_object()) {
        add_line(text, fmt::format("{}.{}", std::string_view(name), std::string_view(inner)), value_text(inner_value));
      }
    } else {
      add_line(text, name, value_text(value));
    }
  }
  return text;
}

}  // namespace creel
