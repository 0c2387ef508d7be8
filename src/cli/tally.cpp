#include "cli/tally.h"

namespace creel {

void Tally::count(const ImageReport& report) {
  switch (report.status) {
    case ImageStatus::stored:
      ++stored_;
      stored_bytes_ += report.stored->size_bytes;
      break;
    case ImageStatus::already: ++already_; break;
    case ImageStatus::failed:
      ++failed_;
      ++failures_[report.failure->kind];
      break;
  }
}

}  // namespace creel
