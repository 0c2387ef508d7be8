#include "cli/setting_value.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

namespace json = boost::json;

struct Pair {
  std::string name;
  std::string value;
};

Pair split_pair(const std::string& text, std::string_view flag) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{}: '{}' is no setting: write it like NAME=VALUE", flag, text));
  }
  return {.name = text.substr(0, equals), .value = text.substr(equals + 1)};
}

/// What the setting's kind of source says of its type; empty if it knows none of that name.
std::string type_of_setting(const json::value& types, std::string_view type, std::string_view name) {
  for (const auto& kind : types.at("items").as_array()) {
    if (kind.at("name").as_string() != type) continue;
    for (const auto& spec : kind.at("settings").as_array()) {
      if (spec.at("name").as_string() == name) return std::string(spec.at("type").as_string());
    }
  }
  return "";
}

/// `text` as JSON if it is some of a kind that will do, else as text.
json::value parsed_or_text(const std::string& text, bool (*will_do)(const json::value&)) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (!error && will_do(value)) return value;
  return json::string(text);
}

void put(json::object& settings, const std::string& type, const Pair& pair) {
  if (type == "integer" || type == "number") {
    settings[pair.name] = parsed_or_text(pair.value, [](const json::value& value) { return value.is_number(); });
  } else if (type == "boolean") {
    settings[pair.name] = parsed_or_text(pair.value, [](const json::value& value) { return value.is_bool(); });
  } else if (type == "headers") {
    settings[pair.name] = parsed_or_text(pair.value, [](const json::value& value) { return value.is_object(); });
  } else if (type == "text_list") {
    auto value = parsed_or_text(pair.value, [](const json::value& parsed) { return parsed.is_array(); });
    if (value.is_array()) {
      settings[pair.name] = std::move(value);
      return;
    }
    auto& list = settings[pair.name];
    if (!list.is_array()) list.emplace_array();
    list.get_array().push_back(std::move(value));
  } else {
    settings[pair.name] = pair.value;
  }
}

/// "headers.Referer=..." adds one header.
bool put_header(json::object& settings, std::string_view type, const json::value& types, const Pair& pair) {
  const auto dot = pair.name.find('.');
  if (dot == std::string::npos) return false;
  const auto name = pair.name.substr(0, dot);
  if (type_of_setting(types, type, name) != "headers") return false;
  auto& headers = settings[name];
  if (!headers.is_object()) headers.emplace_object();
  headers.get_object()[pair.name.substr(dot + 1)] = pair.value;
  return true;
}

}  // namespace

json::object settings_json(const SettingFlags& flags, std::string_view type, const json::value& types) {
  json::object settings;
  for (const auto& name : flags.unset) settings[name] = nullptr;
  for (const auto& text : flags.values) {
    const auto pair = split_pair(text, "--set");
    const auto of = type_of_setting(types, type, pair.name);
    if (of == "secret") {
      throw Failure(
          FailureKind::bad_request,
          fmt::format("--set: '{0}' is a secret, which all on this machine see on a command line: put it into "
                      "a file and give --set-file {0}=FILE, or - for standard input",
                      pair.name));
    }
    if (!put_header(settings, type, types, pair)) put(settings, of, pair);
  }
  for (const auto& text : flags.files) {
    auto pair = split_pair(text, "--set-file");
    const auto of = type_of_setting(types, type, pair.name);
    pair.value = read_input(pair.value);
    // The line end that editors put behind a key is no part of it; a program's does not matter.
    pair.value = std::string(trim(pair.value));
    put(settings, of, pair);
  }
  return settings;
}

std::string read_input(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return std::move(text).str();
  }
  std::ifstream input(file, std::ios::binary);
  if (!input)
    throw Failure(FailureKind::bad_request, fmt::format("{}: cannot be read: {}", file, std::strerror(errno)));
  text << input.rdbuf();
  return std::move(text).str();
}

}  // namespace creel
