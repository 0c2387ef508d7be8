#pragma once

#include <chrono>
#include <string>

#include "demo/verdict.h"

namespace creel {

/// What came of a demonstration, for people: a line a source, then the failures, then whether all is as it must be.
std::string demo_text(const demo::Verdict& verdict, std::chrono::duration<double> took);

/// The same for programs, as one JSON object.
std::string demo_json(const demo::Verdict& verdict, std::chrono::duration<double> took);

}  // namespace creel
