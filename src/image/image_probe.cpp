#include "image/image_probe.h"

#include "image/dimensions.h"
#include "image/isobmff.h"
#include "image/svg.h"

namespace creel {
namespace {

Dimensions dimensions_of(ImageType type, ByteReader& reader) {
  switch (type) {
    case ImageType::jpeg: return jpeg_dimensions(reader);
    case ImageType::png: return png_dimensions(reader);
    case ImageType::gif: return gif_dimensions(reader);
    case ImageType::webp: return webp_dimensions(reader);
    case ImageType::avif:
    case ImageType::heic: return heif_dimensions(reader);
    case ImageType::bmp: return bmp_dimensions(reader);
    case ImageType::tiff: return tiff_dimensions(reader);
    case ImageType::svg: return svg_dimensions(reader);
    case ImageType::ico: return ico_dimensions(reader);
    case ImageType::jxl: return jxl_dimensions(reader);
  }
  return {};
}

}  // namespace

std::optional<ImageInfo> probe_image(const BodyView& body) {
  const auto type = sniff_image(body);
  if (!type) return std::nullopt;
  ByteReader reader(body);
  const auto size = dimensions_of(*type, reader);
  return ImageInfo{*type, size.width, size.height};
}

}  // namespace creel
