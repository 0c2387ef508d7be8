#pragma once

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "emulator/control_fields.h"
#include "emulator/control_request.h"
#include "emulator/service_error.h"

namespace creel::emulator {

inline HttpReply object_reply(int status, const boost::json::object& object) {
  return json_reply(status, boost::json::serialize(object));
}

inline HttpReply no_content() {
  return {.status = 204};
}

/// The part of a list that a request asks for with Marker and MaxItems. The marker is the place of the next item.
/// @param list  the answer's name for it, "Functions"
inline HttpReply page_reply(const ControlRequest& request, std::string_view list, boost::json::array items) {
  constexpr std::size_t kDefault = 50;
  const auto number = [&request](std::string_view name, std::size_t otherwise) {
    const auto text = request.parameter(name);
    if (text.empty()) return otherwise;
    std::size_t value = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec == std::errc() && parsed.ptr == end) return value;
    throw ServiceError(400, "InvalidParameterValueException", "The " + std::string(name) + " is invalid: " + text);
  };
  const auto begin = std::min(number("Marker", 0), items.size());
  const auto most = number("MaxItems", kDefault);
  check_range(static_cast<std::int64_t>(std::min<std::size_t>(most, 1'000'000)), "maxItems", 1, 10'000);
  const auto end = std::min(items.size(), begin + most);
  boost::json::array page;
  for (auto i = begin; i < end; ++i) page.push_back(std::move(items[i]));
  boost::json::object reply{{list, std::move(page)}};
  if (end < items.size()) reply["NextMarker"] = std::to_string(end);
  return object_reply(200, reply);
}

}  // namespace creel::emulator
