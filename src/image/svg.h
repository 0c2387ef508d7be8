#pragma once

#include "image/byte_reader.h"
#include "image/dimensions.h"

namespace creel {

/// True if the body is an XML document with the root element `svg`, begun within the first 4 KiB: behind at
/// most a byte order mark, blanks, an XML declaration, comments and a document type. HTML with an `<svg>` in
/// it is none.
bool is_svg(const ByteReader& reader);

/// The size that the root element of an SVG gives in pixels by its `width` and `height`; what they leave open
/// comes from its `viewBox`. Fractions are rounded. Nothing unless the element's start tag is there to its
/// end.
Dimensions svg_dimensions(const ByteReader& reader);

}  // namespace creel
