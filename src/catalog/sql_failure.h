#pragma once

#include "base/failure.h"

namespace soci {
class soci_error;
}

namespace creel {

/// What a failed statement means to the user: `internal`, or `bad_request` if the file is no database at all;
/// the message says what to do. It is made from the error's code, since SOCI's own text quotes the values
/// that were bound.
Failure to_failure(const soci::soci_error& error);

/// Called in a catch block: throws the database error that is being handled as a Failure, any other as it is.
[[noreturn]] void rethrow_as_failure();

}  // namespace creel
