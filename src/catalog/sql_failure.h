#pragma once

#include <string>

#include "base/failure.h"
#include "catalog/catalog.h"

namespace soci {
class soci_error;
}

namespace creel {

/// What a failed statement means to the user: `internal`, or `bad_request` if the file is no database at all;
/// the message says what to do. It is made from the error's code, since SOCI's own text quotes the values
/// that were bound.
Failure to_failure(const soci::soci_error& error, const CatalogAdvice& advice = {});

/// True if the same statement may succeed later: the database is away, full or locked for now.
bool is_passing(const soci::soci_error& error);

/// True if a row was refused because another has what only one may have.
bool is_duplicate(const soci::soci_error& error);

/// Called in a catch block: throws the database error that is being handled as a CatalogUnavailable or another Failure,
/// any other as it is.
/// @param is_connection_lost  the error says nothing but that
[[noreturn]] void rethrow_as_failure(const CatalogAdvice& advice = {}, bool is_connection_lost = false);

/// The same while a catalog is opened: the message begins with the catalog's name.
[[noreturn]] void rethrow_named(const std::string& name, const CatalogAdvice& advice);

}  // namespace creel
