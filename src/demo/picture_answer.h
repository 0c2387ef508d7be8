#pragma once

#include <string>

#include "demo/site_view.h"
#include "net/http_server.h"

namespace creel::demo {

/// Whether a picture that is `busy_once` has been asked for before.
enum class Asked : std::uint8_t { first, again };

/// What the address of a picture answers, by its manners.
HttpReply picture_answer(const SiteView& view, const Picture& picture, Asked asked);

/// Where pictures lead that were removed.
HttpReply removed_notice();

/// The page of a picture, for people.
HttpReply picture_page(const SiteView& view, const Picture& picture);

}  // namespace creel::demo
