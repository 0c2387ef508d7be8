#pragma once

#include <string>

#include "emulator/control_request.h"
#include "emulator/function_registry.h"

namespace creel::emulator {

/// Puts what a request of CreateFunction or UpdateFunctionConfiguration says into a configuration; what it does not say
/// stays. Checks it as the service does, with the service's messages.
/// @throws ServiceError 400 ValidationException | InvalidParameterValueException | SerializationException
void apply_fields(const ControlRequest& request, FunctionConfiguration& configuration);

/// The one architecture that a request asks for; nothing if it asks for none.
/// @throws ServiceError 400 ValidationException
std::optional<std::string> architecture_field(const ControlRequest& request);

/// Tags of a request.
/// @throws ServiceError 400 InvalidParameterValueException  more than 50
std::vector<std::pair<std::string, std::string>> tags_field(const ControlRequest& request);

/// "1 validation error detected: Value '...' at '...' failed to satisfy constraint: ..."
/// @param field  as the service writes it there, beginning in lower case
[[noreturn]] void refuse_value(const std::string& value, const std::string& field, const std::string& constraint);

/// @throws ServiceError 400 ValidationException when it is not within the bounds
void check_range(std::int64_t value, const std::string& field, std::int64_t least, std::int64_t most);

/// @throws ServiceError 400 ValidationException when it is none of them
void check_one_of(const std::string& value, const std::string& field, const std::vector<std::string>& known);

}  // namespace creel::emulator
