#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace creel {

// What the API answers, for people. All of it is fit for a terminal, whatever strangers wrote.

/// A table with a line a source.
std::string sources_text(const boost::json::array& sources);
/// All of one source, and its last polls.
std::string source_text(const boost::json::object& source, const boost::json::array& polls);
/// What a test of a source found.
std::string preview_text(const boost::json::object& preview);
/// The kinds of sources.
std::string types_text(const boost::json::array& types);
/// One kind with its settings.
std::string type_text(const boost::json::object& type);

/// A table with a line an image.
std::string images_text(const boost::json::array& images);
/// All of one image.
std::string image_text(const boost::json::object& image);

/// A member as text: "" for null and what is not there.
std::string member_text(const boost::json::object& object, std::string_view name);
/// "2026-11-24 20:28:15" of "2026-11-24T20:28:15.123Z"; "" for none.
std::string time_text(const boost::json::object& object, std::string_view name);

}  // namespace creel
