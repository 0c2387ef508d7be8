#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "emulator/function_registry.h"

namespace creel::emulator {

/// How much of a function is told: lists leave its state out, as the service does.
enum class Detail : std::uint8_t { all, without_state };

/// "2026-01-31T23:59:59.000+0000"
std::string format_service_time(SystemTime time);

/// A FunctionConfiguration of the service's API.
/// @param qualifier  what the ARN ends in; empty for none
boost::json::object configuration_json(const FunctionRegistry& registry, const Function& function,
                                       const FunctionVersion& version, const std::string& qualifier,
                                       Detail detail = Detail::all);

/// An AliasConfiguration.
boost::json::object alias_json(const FunctionRegistry& registry, const Function& function, const FunctionAlias& alias);

}  // namespace creel::emulator
