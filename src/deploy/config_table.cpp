#include "deploy/config_table.h"

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::deploy {

const toml::node* ConfigTable::find(std::string_view key) {
  known_.emplace(key);
  return table_.get(key);
}

std::optional<std::string> ConfigTable::text(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  return text_in(*node, key);
}

std::optional<bool> ConfigTable::truth(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_boolean()) refuse(key, "it must be true or false");
  return node->as_boolean()->get();
}

std::optional<int> ConfigTable::number(std::string_view key, int least, int most) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto why = fmt::format("it must be a whole number from {} to {}", least, most);
  if (!node->is_integer()) refuse(key, why);
  const auto value = node->as_integer()->get();
  if (value < least || value > most) refuse(key, fmt::format("{} is out of bounds: {}", value, why));
  return static_cast<int>(value);
}

std::optional<std::vector<std::string>> ConfigTable::texts(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_array()) return std::vector{text_in(*node, key)};
  std::vector<std::string> texts;
  for (const auto& item : *node->as_array()) texts.push_back(text_in(item, key));
  return texts;
}

std::optional<std::map<std::string, std::string>> ConfigTable::text_table(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_table()) refuse(key, "it must be a table: { NAME = \"value\" }");
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : *node->as_table()) {
    const auto path = fmt::format("{}.{}", key, name.str());
    if (value.is_integer()) {
      texts[std::string(name)] = std::to_string(value.as_integer()->get());
    } else if (value.is_boolean()) {
      texts[std::string(name)] = value.as_boolean()->get() ? "true" : "false";
    } else {
      texts[std::string(name)] = text_in(value, path);
    }
  }
  return texts;
}

void ConfigTable::refuse_unknown() const {
  for (const auto& [key, value] : table_) {
    if (known_.contains(key.str())) continue;
    throw Failure(FailureKind::bad_request,
                  fmt::format("{}:{}: {} has no key '{}'; it knows {}", file_, key.source().begin.line, name_,
                              key.str(), fmt::join(known_, ", ")));
  }
}

void ConfigTable::refuse(std::string_view key, std::string_view why) const {
  const auto* node = table_.get(key);
  refuse(node == nullptr ? static_cast<const toml::node&>(table_) : *node, fmt::format("{}: {}", key, why));
}

void ConfigTable::refuse(const toml::node& node, std::string_view what) const {
  throw Failure(FailureKind::bad_request, fmt::format("{}:{}: {}", file_, node.source().begin.line, what));
}

std::string ConfigTable::text_in(const toml::node& node, std::string_view key) const {
  if (!node.is_string()) refuse(node, fmt::format("{}: it must be a text in quotes", key));
  return node.as_string()->get();
}

}  // namespace creel::deploy
