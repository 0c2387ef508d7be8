#pragma once

#include <string>
#include <vector>

#include "deploy/plan.h"

namespace creel::deploy {

/// Plans as people read them: each function with its steps, and below each step
/// what becomes what.
/// @param where  "AWS eu-west-1"
std::string plan_text(const std::vector<FunctionPlan>& plans, const std::string& where);

/// The same as one JSON object.
std::string plan_json(const std::vector<FunctionPlan>& plans, const std::string& where);

/// True if one of them has a step.
bool changes_something(const std::vector<FunctionPlan>& plans);

}  // namespace creel::deploy
