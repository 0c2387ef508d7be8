#pragma once

#include "emulator/control_request.h"
#include "emulator/control_state.h"

/// The operations of the service's API, by the names that it gives them. Each reads a request, checks it, changes the
/// registry and answers; what is refused is thrown as a ServiceError.
namespace creel::emulator {

// control_functions.cpp
Task<HttpReply> create_function(ControlState& state, ControlRequest request);
Task<HttpReply> update_function_code(ControlState& state, ControlRequest request);
HttpReply update_function_configuration(ControlState& state, const ControlRequest& request);
HttpReply get_function(ControlState& state, const ControlRequest& request);
HttpReply get_function_configuration(ControlState& state, const ControlRequest& request);
HttpReply delete_function(ControlState& state, const ControlRequest& request);
HttpReply list_functions(ControlState& state, const ControlRequest& request);
/// Sends the zip of a function: where GetFunction says that its code is.
HttpReply get_function_code(ControlState& state, const ControlRequest& request);

// control_versions.cpp
HttpReply publish_version(ControlState& state, const ControlRequest& request);
HttpReply list_versions(ControlState& state, const ControlRequest& request);
HttpReply create_alias(ControlState& state, const ControlRequest& request);
HttpReply get_alias(ControlState& state, const ControlRequest& request);
HttpReply update_alias(ControlState& state, const ControlRequest& request);
HttpReply delete_alias(ControlState& state, const ControlRequest& request);
HttpReply list_aliases(ControlState& state, const ControlRequest& request);

// control_access.cpp
HttpReply create_url(ControlState& state, const ControlRequest& request);
HttpReply get_url(ControlState& state, const ControlRequest& request);
HttpReply update_url(ControlState& state, const ControlRequest& request);
HttpReply delete_url(ControlState& state, const ControlRequest& request);
HttpReply list_urls(ControlState& state, const ControlRequest& request);
HttpReply add_permission(ControlState& state, const ControlRequest& request);
HttpReply get_policy(ControlState& state, const ControlRequest& request);
HttpReply remove_permission(ControlState& state, const ControlRequest& request);

// control_settings.cpp
HttpReply list_tags(ControlState& state, const ControlRequest& request);
HttpReply tag_resource(ControlState& state, const ControlRequest& request);
HttpReply untag_resource(ControlState& state, const ControlRequest& request);
HttpReply put_concurrency(ControlState& state, const ControlRequest& request);
HttpReply get_concurrency(ControlState& state, const ControlRequest& request);
HttpReply delete_concurrency(ControlState& state, const ControlRequest& request);
HttpReply put_event_invoke_config(ControlState& state, const ControlRequest& request);
HttpReply update_event_invoke_config(ControlState& state, const ControlRequest& request);
HttpReply get_event_invoke_config(ControlState& state, const ControlRequest& request);
HttpReply delete_event_invoke_config(ControlState& state, const ControlRequest& request);
HttpReply list_event_invoke_configs(ControlState& state, const ControlRequest& request);
HttpReply get_account_settings(ControlState& state, const ControlRequest& request);
/// What this emulator has none of, and what tools ask for all the same.
HttpReply get_code_signing(ControlState& state, const ControlRequest& request);
HttpReply get_runtime_management(ControlState& state, const ControlRequest& request);
HttpReply get_recursion(ControlState& state, const ControlRequest& request);
HttpReply list_provisioned_concurrency(ControlState& state, const ControlRequest& request);

}  // namespace creel::emulator
