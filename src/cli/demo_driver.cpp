#include "cli/demo_driver.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/failure.h"
#include "cli/api_pages.h"
#include "cli/api_text.h"
#include "demo/site_answers.h"

namespace creel {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// An event may be lost when a stream begins.
constexpr auto kLongestWait = 1s;
/// Requests a minute: the sites are our own.
constexpr int kRateLimit = 6000;

demo::SeenImage seen_image(const json::object& image) {
  return {.source = member_text(image, "source"),
          .url = member_text(image, "image_url"),
          .state = member_text(image, "state"),
          .failure_kind = member_text(image, "failure_kind"),
          .failure_message = member_text(image, "failure_message"),
          .key = member_text(image, "key")};
}

}  // namespace

DemoDriver::~DemoDriver() {
  if (thread_.joinable()) thread_.join();
}

void DemoDriver::start(ApiTarget target) {
  target_ = std::move(target);
  if (options_.waits) events_.emplace(*target_, parts_.environment, parts_.clock);
  thread_ = std::thread([this] {
    try {
      work();
    } catch (...) {
      failure_ = std::current_exception();
    }
    if (options_.waits || failure_) parts_.stop_backend();
  });
}

void DemoDriver::finish() {
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

void DemoDriver::work() {
  ApiClient client(*target_, parts_.environment, parts_.clock);
  add_sources(client);
  parts_.on_added();
  if (options_.waits) wait_for_all(client, *events_);
}

void DemoDriver::add_sources(ApiClient& client) {
  for (const auto& open : parts_.sites) {
    auto source = demo::source_of(*open.site, open.base);
    source["interval"] = options_.interval.count();
    source["rate_limit"] = kRateLimit;
    source["start"] = true;
    client.send(HttpMethod::post, "/sources", source);
  }
}

void DemoDriver::wait_for_all(ApiClient& client, EventWatch& events) {
  const auto give_up_at = parts_.clock.steady_now() + options_.patience;
  try {
    // What is not done by then is told of as it stands.
    while (!is_quiet(client) && parts_.clock.steady_now() < give_up_at) {
      if (!events.wait(kLongestWait)) return;
    }
    images_ = all_images(client);
  } catch (const Failure&) {
    // A backend that is being stopped answers no more.
    if (!events.ends_within(kLongestWait)) throw;
  }
}

std::vector<demo::SeenImage> DemoDriver::all_images(ApiClient& client) const {
  std::vector<demo::SeenImage> images;
  for (const auto& image : all_pages(client, "/images")) images.push_back(seen_image(image.as_object()));
  return images;
}

/// Every source was polled, and no image waits.
bool DemoDriver::is_quiet(ApiClient& client) const {
  const auto sources = all_pages(client, "/sources");
  const auto is_polled = [](const json::value& source) {
    return source.at("last_poll").is_string() && source.at("state") != "fetching";
  };
  if (sources.size() < parts_.sites.size() || !std::ranges::all_of(sources, is_polled)) return false;
  return all_pages(client, "/images?state=pending", 1).empty() && all_pages(client, "/images?state=storing", 1).empty();
}

}  // namespace creel
