#pragma once

#include <boost/json/fwd.hpp>

#include "catalog/source_repository.h"

namespace creel {

class SourceKinds;

struct NewSource {
  SourceDefinition definition;
  bool start = false;
};

/// Reads a source from the body of a request, checks it and completes it.
/// @throws Problem invalid_request  with every field that is wrong
NewSource read_new_source(const boost::json::object& body, const SourceKinds& kinds);

/// Reads what a body changes in a source (RFC 7396: what is not named stays, null takes away), and checks the whole. A
/// secret given as "***", as it was shown, stays. Under another type the settings begin anew. If the source is to be at
/// another origin (its URL, or a setting that is one), each secret must be given again.
/// @throws Problem invalid_request  with every field that is wrong
SourceDefinition read_changed_source(const boost::json::object& body, const SourceDefinition& old,
                                     const SourceKinds& kinds);

}  // namespace creel
