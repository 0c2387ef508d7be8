#include "ingest/image_report.h"

#include <stdexcept>

namespace creel {

std::string_view to_string(ImageStatus status) {
  switch (status) {
    case ImageStatus::stored: return "stored";
    case ImageStatus::already: return "already";
    case ImageStatus::failed: return "failed";
  }
  throw std::logic_error("unknown ImageStatus");
}

}  // namespace creel
