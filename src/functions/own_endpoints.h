#pragma once

#include <vector>

#include "aws/environment.h"
#include "net/address_policy.h"

namespace creel {

/// The services beside a function that are its own: the Runtime API, the metadata and credentials services, the
/// collector of traces. A stranger's URL must not reach them, whatever else it may reach. Looks names up, and blocks
/// where one is given instead of an address.
std::vector<Endpoint> own_endpoints(const aws::Environment& environment);

}  // namespace creel
