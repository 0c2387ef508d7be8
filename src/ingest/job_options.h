#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "catalog/image_repository.h"
#include "functions/store_request.h"

namespace creel {

/// What holds for all images of a job.
struct JobOptions {
  KeyMode key_mode = KeyMode::named;
  /// For images whose line names none.
  std::string folder;
  /// Sent with every fetch; headers of a line replace them.
  std::vector<std::pair<std::string, std::string>> headers;
  IfExists if_exists = IfExists::overwrite;
  OptOuts opt_outs = OptOuts::obey;
  std::uint64_t max_bytes = 64 * 1024 * 1024;
  std::vector<std::string> accept_types{"image/*"};
  std::chrono::milliseconds timeout{60'000};
  RetryFailed retry_failed;
};

/// The request for an image out of the catalog.
/// @throws Failure bad_url | bad_request  the catalog's record cannot be used
StoreRequest store_request(const LeasedImage& leased, const JobOptions& job);

/// The keys that an image may come to have in this job, by the type of its bytes; none if they are made of the bytes
/// themselves, or the catalog's record cannot be used.
std::vector<std::string> possible_keys(const FoundImage& image, KeyMode mode);

/// JSON objects of strings, as the catalog keeps headers and metadata; empty text for an empty list.
std::string to_json_text(const std::vector<std::pair<std::string, std::string>>& fields);
std::vector<std::pair<std::string, std::string>> from_json_text(const std::string& text);

}  // namespace creel
