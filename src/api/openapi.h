#pragma once

#include <string>
#include <string_view>

namespace creel {

class Router;

/// The description of all routes (OpenAPI 3.1), made from what the router checks by.
/// @param version  the program's
std::string openapi_document(const Router& router, std::string_view version);

}  // namespace creel
