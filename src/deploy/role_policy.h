#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deploy/desired_function.h"

namespace creel::deploy {

/// The name of the inline policy with a function's rights: functions may share
/// a role, and each has its own policy there.
std::string role_policy_name(std::string_view function);

/// Lambda may take the role on, and nobody else. JSON.
std::string trust_policy();

/// What a function may do: write its own log and use its buckets as the role
/// says, and nothing else. JSON.
std::string role_policy(const DesiredFunction& function, const OwnRole& role, std::string_view region);

/// What a policy allows, a line for each statement: "s3:GetObject on
/// arn:aws:s3:::cats/*". A statement of another form stands as it is.
std::vector<std::string> policy_lines(std::string_view document);

/// True if two documents of JSON say the same.
bool same_json(std::string_view a, std::string_view b);

}  // namespace creel::deploy
