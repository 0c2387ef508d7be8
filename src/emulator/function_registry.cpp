#include "emulator/function_registry.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "emulator/service_error.h"
#include "emulator/uuid.h"

namespace creel::emulator {
namespace {

std::optional<std::uint64_t> version_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

/// Which version of an alias a call goes to.
std::string chosen_version(const FunctionAlias& alias, double share) {
  for (const auto& [version, weight] : alias.weights) {
    if (share < weight) return version;
    share -= weight;
  }
  return alias.version;
}

[[noreturn]] void not_found(const std::string& arn) {
  throw ServiceError(404, "ResourceNotFoundException", fmt::format("Function not found: {}", arn));
}

}  // namespace

FunctionCode::~FunctionCode() {
  if (owned_folder.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(owned_folder, ignored);
}

FunctionVersion* Function::find_version(std::string_view version) {
  if (version == kLatest) return &latest;
  const auto number = version_number(version);
  if (!number) return nullptr;
  const auto found = versions.find(*number);
  return found == versions.end() ? nullptr : &found->second;
}

std::string FunctionRegistry::arn(std::string_view name, std::string_view qualifier) const {
  return fmt::format("arn:aws:lambda:{}:{}:function:{}{}{}", region_, kAccount, name, qualifier.empty() ? "" : ":",
                     qualifier);
}

Function* FunctionRegistry::find(std::string_view name) {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : found->second.get();
}

Function& FunctionRegistry::add(std::string name, Deployment deployment) {
  auto function = std::make_unique<Function>();
  function->name = name;
  function->latest.deployment = std::make_shared<const Deployment>(std::move(deployment));
  function->latest.revision_id = new_revision_id();
  function->latest.last_modified = clock_.now();
  auto& added = *functions_.emplace(std::move(name), std::move(function)).first->second;
  changed(added);
  return added;
}

void FunctionRegistry::remove(std::string_view name) {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return;
  const auto gone = std::move(found->second);
  functions_.erase(found);
  changed(*gone);
}

void FunctionRegistry::set_latest(Function& function, Deployment deployment) {
  function.latest.deployment = std::make_shared<const Deployment>(std::move(deployment));
  function.latest.revision_id = new_revision_id();
  function.latest.last_modified = clock_.now();
  changed(function);
}

FunctionVersion& FunctionRegistry::publish(Function& function, std::string description) {
  const auto last = function.versions.find(function.last_published);
  if (last != function.versions.end()) {
    const auto& published = *last->second.deployment;
    const auto& latest = *function.latest.deployment;
    auto compared = latest.configuration;
    compared.description = published.configuration.description;
    if (published.code == latest.code && published.configuration == compared) return last->second;
  }
  auto deployment = *function.latest.deployment;
  if (!description.empty()) deployment.configuration.description = std::move(description);
  const auto number = ++function.last_published;
  FunctionVersion version{.version = std::to_string(number),
                          .deployment = std::make_shared<const Deployment>(std::move(deployment)),
                          .revision_id = new_revision_id(),
                          .last_modified = clock_.now(),
                          .status = function.latest.status};
  return function.versions.emplace(number, std::move(version)).first->second;
}

void FunctionRegistry::changed(const Function& function) {
  for (const auto& listener : listeners_) listener(function.name);
}

std::vector<Function*> FunctionRegistry::all() {
  std::vector<Function*> functions;
  for (const auto& [name, function] : functions_) functions.push_back(function.get());
  return functions;
}

Function& FunctionRegistry::require(const FunctionReference& reference) {
  if (!reference.region.empty() && reference.region != region_) {
    throw ServiceError(
        404, "ResourceNotFoundException",
        fmt::format("Functions from '{}' are not reachable in this region ('{}')", reference.region, region_));
  }
  auto* function = find(reference.name);
  if (function == nullptr) not_found(arn(reference.name, reference.qualifier));
  return *function;
}

InvocationTarget FunctionRegistry::resolve(const FunctionReference& reference, std::string_view qualifier,
                                           double random_share) {
  if (!reference.qualifier.empty() && !qualifier.empty() && reference.qualifier != qualifier) {
    throw ServiceError(400, "InvalidParameterValueException",
                       "The derived qualifier from the function name does not match the specified qualifier.");
  }
  if (qualifier.empty()) qualifier = reference.qualifier;
  auto& function = require({.name = reference.name, .qualifier = std::string(qualifier), .region = reference.region});
  InvocationTarget target{.function = &function, .invoked_arn = arn(function.name, qualifier)};
  const auto alias = function.aliases.find(std::string(qualifier));
  if (qualifier.empty()) {
    target.version = &function.latest;
  } else if (alias != function.aliases.end()) {
    target.version = function.find_version(chosen_version(alias->second, random_share));
  } else {
    target.version = function.find_version(qualifier);
  }
  if (target.version == nullptr) not_found(target.invoked_arn);
  return target;
}

std::string FunctionRegistry::new_revision_id() {
  return new_uuid();
}

}  // namespace creel::emulator
