#pragma once

#include <span>

namespace creel {

/// Puts the character that is meant in place of each numeric reference that XML forbids or the web reads otherwise
/// (`character_of_number`); the two halves of a surrogate pair become one character. An XML parser would make NULs and
/// broken UTF-8 of them. Comments, CDATA sections and instructions have no references, and stay as they are.
/// @param markup  UTF-8; changed in place, since what is put in is shorter
/// @returns the part of `markup` that holds the result
std::span<char> mend_references(std::span<char> markup);

}  // namespace creel
