#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "base/task.h"
#include "net/url.h"
#include "sources/jq_runner.h"
#include "sources/json_pages.h"
#include "sources/source_kind.h"

namespace creel {

/// What a poll of a JSON API does: made from the settings of a source of type `json`, or from a preset.
struct JsonPlan {
  Url url;
  JsonPaging paging{};
  std::vector<std::pair<std::string, std::string>> headers{};
  /// Sent to the origin of `url` alone, wherever later pages are.
  std::vector<std::pair<std::string, Secret>> secret_headers{};
  std::string program;
  /// For the answers to second requests; empty if there are none.
  std::string follow_program{};
  /// JSON texts by name: the programs' `$settings`.
  std::map<std::string, std::string> settings{};
  std::size_t max_pages = 20;
  /// The poll ends when so many images in a row are known; never if 0.
  std::size_t stop_after = 100;
  /// Second requests in one poll.
  std::size_t max_follows = 100;
};

/// The variables that programs can use, as a JSON object: `$settings`, `$url` and `$page` (from 1); the second program also
/// `$record`, the record that asked for it.
/// @param record  JSON; empty for the first program
std::string json_variables(const std::map<std::string, std::string>& settings, std::string_view url, std::size_t page,
                           std::string_view record = {});

/// Goes over the API once: page by page, adding what the program yields, until there is no further page, `max_pages` are
/// read, or enough images are known. Records that cannot be used are left out, counted and logged.
///
/// What second requests were made for is kept in the poll's memory, the last 2,000 of them, so that a record is asked about
/// once and not at every poll.
/// @throws Failure bad_request  the answer is no JSON, a program fails, or all records of a page cannot be used; and as
///                 `PollRun::fetch`
Task<void> poll_json(JsonPlan plan, std::shared_ptr<const JqRunner> jq, PollRun& run);

}  // namespace creel
