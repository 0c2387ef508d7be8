#pragma once

#include <vector>

#include "api/query_reader.h"
#include "catalog/image_library.h"

namespace creel {

/// The parameters of a query that choose images.
std::vector<QueryParameter> image_filter_parameters();

/// The same with those that order images and divide them into pages.
std::vector<QueryParameter> image_page_parameters();

ImageFilter image_filter(const QueryReader& query);
ImageQuery image_query(const QueryReader& query);

/// The names of all failure kinds.
std::vector<std::string> failure_kind_names();

}  // namespace creel
