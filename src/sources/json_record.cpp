#include "sources/json_record.h"

#include <charconv>
#include <cmath>
#include <functional>
#include <limits>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/failure.h"
#include "base/text.h"
#include "net/http_headers.h"
#include "net/url.h"
#include "sources/text_time.h"

namespace creel {
namespace {

namespace json = boost::json;

/// The message of a field that cannot be used; caught where the record's number is known.
struct BadField {
  std::string message;
};

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_: return "a number";
    case json::kind::string: return "a text";
    case json::kind::array: return "a list";
    case json::kind::object: return "an object";
  }
  return "something else";
}

[[noreturn]] void wrong_type(std::string_view field, const json::value& value, std::string_view wanted) {
  throw BadField{fmt::format("{} is {}, but must be {}", field, kind_name(value), wanted)};
}

/// A number's digits: whole ones without a point, whatever way they were written.
std::string digits(const json::value& value) {
  if (value.is_double()) {
    const double number = value.get_double();
    if (std::trunc(number) == number && std::abs(number) < 1e15) return fmt::format("{:.0f}", number);
  }
  return json::serialize(value);
}

std::optional<std::string> text(std::string_view field, const json::value& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_number()) return digits(value);
  if (!value.is_string()) wrong_type(field, value, "a text");
  const std::string_view string = value.get_string();
  if (string.empty()) return std::nullopt;
  return std::string(string);
}

std::optional<std::uint32_t> length(std::string_view field, const json::value& value) {
  if (value.is_null()) return std::nullopt;
  double number = -1;
  if (value.is_number()) {
    number = value.to_number<double>();
  } else if (value.is_string()) {
    const std::string_view string = value.get_string();
    if (string.empty()) return std::nullopt;
    std::uint32_t parsed = 0;
    const auto end = string.data() + string.size();
    const auto read = std::from_chars(string.data(), end, parsed);
    if (read.ec == std::errc() && read.ptr == end) number = parsed;
  }
  const bool is_whole =
      number >= 0 && number <= std::numeric_limits<std::uint32_t>::max() && std::trunc(number) == number;
  if (!is_whole)
    throw BadField{fmt::format("{} is {}, but must be a whole number from 0", field, json::serialize(value))};
  if (number == 0) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

std::optional<bool> truth(std::string_view field, const json::value& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_bool()) return value.get_bool();
  if (value.is_number() && (value.to_number<double>() == 0 || value.to_number<double>() == 1)) {
    return value.to_number<double>() == 1;
  }
  throw BadField{fmt::format("{} is {}, but must be true or false", field, kind_name(value))};
}

std::optional<SystemTime> time(std::string_view field, const json::value& value) {
  if (value.is_null() || (value.is_string() && value.get_string().empty())) return std::nullopt;
  std::optional<SystemTime> result;
  if (value.is_number()) result = epoch_time(value.to_number<double>());
  if (value.is_string()) result = iso_time(std::string_view(value.get_string()));
  if (!result) {
    throw BadField{fmt::format("{} must be a time like \"2024-01-31T12:00:00Z\", or seconds since 1970", field)};
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> headers(std::string_view field, const json::value& value) {
  std::vector<std::pair<std::string, std::string>> all;
  if (value.is_null()) return all;
  if (!value.is_object()) wrong_type(field, value, "an object of texts");
  for (const auto& [name, one] : value.get_object()) {
    const auto content = text(fmt::format("{}.{}", field, std::string_view(name)), one);
    if (!content) continue;
    try {
      check_user_header(std::string_view(name), *content);
    } catch (const Failure& failure) {
      throw BadField{fmt::format("{}: {}", field, failure.what())};
    }
    all.emplace_back(std::string_view(name), *content);
  }
  return all;
}

void add_meta(std::vector<std::pair<std::string, std::string>>& meta, std::string_view name, const json::value& value) {
  if (value.is_null()) return;
  meta.emplace_back(name, value.is_string() ? std::string(value.get_string()) : json::serialize(value));
}

JsonFollow follow(const json::value& value) {
  if (value.is_string()) return {.url = std::string(value.get_string()), .headers = {}};
  if (!value.is_object()) wrong_type("follow", value, "a URL, or an object with url and headers");
  const auto& object = value.get_object();
  JsonFollow result;
  for (const auto& [name, one] : object) {
    if (name == "url") {
      result.url = text("follow.url", one).value_or("");
    } else if (name == "headers") {
      result.headers = headers("follow.headers", one);
    } else {
      throw BadField{fmt::format("follow has {}, but only url and headers are known", std::string_view(name))};
    }
  }
  if (result.url.empty()) throw BadField{"follow has no url"};
  return result;
}

using Reader = std::function<void(ImageRecord&, std::string_view field, const json::value& value)>;

/// How each field of a record is read.
const std::map<std::string_view, Reader>& field_readers() {
  const auto text_of = [](std::string ImageRecord::* member) {
    return [member](ImageRecord& record, std::string_view field, const json::value& value) {
      record.*member = text(field, value).value_or("");
    };
  };
  const auto optional_text_of = [](std::optional<std::string> ImageRecord::* member) {
    return [member](ImageRecord& record, std::string_view field, const json::value& value) {
      record.*member = text(field, value);
    };
  };
  static const std::map<std::string_view, Reader> readers{
      {"image_id", text_of(&ImageRecord::image_id)},
      {"image_url", text_of(&ImageRecord::image_url)},
      {"folder", text_of(&ImageRecord::folder)},
      {"file_name", text_of(&ImageRecord::file_name)},
      {"title", optional_text_of(&ImageRecord::title)},
      {"description", optional_text_of(&ImageRecord::description)},
      {"attribution_id", optional_text_of(&ImageRecord::attribution_id)},
      {"attribution_name", optional_text_of(&ImageRecord::attribution_name)},
      {"attribution_url", optional_text_of(&ImageRecord::attribution_url)},
      {"page_url", optional_text_of(&ImageRecord::page_url)},
      {"type", optional_text_of(&ImageRecord::type)},
      {"width", [](auto& record, auto field, const auto& value) { record.width = length(field, value); }},
      {"height", [](auto& record, auto field, const auto& value) { record.height = length(field, value); }},
      {"nsfw", [](auto& record, auto field, const auto& value) { record.nsfw = truth(field, value); }},
      {"published_at", [](auto& record, auto field, const auto& value) { record.published_at = time(field, value); }},
      {"fetch_headers",
       [](auto& record, auto field, const auto& value) { record.fetch_headers = headers(field, value); }},
      {"meta",
       [](auto& record, auto field, const auto& value) {
         if (value.is_null()) return;
         if (!value.is_object()) wrong_type(field, value, "an object");
         for (const auto& [name, one] : value.get_object()) add_meta(record.meta, name, one);
       }},
  };
  return readers;
}

bool is_next(std::string_view name) {
  return name == "next_url" || name == "next_cursor" || name == "next_query";
}

std::vector<std::pair<std::string, std::string>> parameters(const json::value& value) {
  std::vector<std::pair<std::string, std::string>> all;
  if (value.is_null()) return all;
  if (!value.is_object()) wrong_type("next_query", value, "an object of texts");
  for (const auto& [name, one] : value.get_object()) {
    const auto content = text(fmt::format("next_query.{}", std::string_view(name)), one);
    if (content) all.emplace_back(std::string_view(name), *content);
  }
  return all;
}

bool has_next(const json::object& object) {
  return std::ranges::any_of(object, [](const auto& member) { return is_next(member.key()); });
}

JsonNext read_next(const json::object& object) {
  if (std::ranges::count_if(object, [](const auto& member) { return is_next(member.key()); }) > 1) {
    throw BadField{"only one of next_url, next_cursor and next_query says where the next page is"};
  }
  const auto& [name, value] = *std::ranges::find_if(object, [](const auto& member) { return is_next(member.key()); });
  JsonNext next;
  if (name == "next_url") next.url = text(name, value);
  if (name == "next_cursor") next.cursor = text(name, value);
  if (name == "next_query") next.query = parameters(value);
  return next;
}

JsonImage read_image(const json::object& object) {
  JsonImage image;
  for (const auto& [name, value] : object) {
    if (name == "follow") {
      if (!value.is_null()) image.follow = follow(value);
      continue;
    }
    const auto reader = field_readers().find(std::string_view(name));
    if (reader == field_readers().end()) {
      add_meta(image.record.meta, name, value);
    } else {
      reader->second(image.record, name, value);
    }
  }
  if (image.follow) {
    auto rest = object;
    rest.erase("follow");
    image.json = json::serialize(rest);
  }
  return image;
}

JsonResult image_result(const json::object& object, std::size_t number) {
  auto image = read_image(object);
  if (image.record.image_url.empty() && !image.follow) {
    return BadJsonRecord{fmt::format("record {}: image_url is missing", number), true};
  }
  return image;
}

/// An image, the next page, or both.
void add_results(const json::value& value, std::size_t number, std::vector<JsonResult>& results) {
  try {
    if (!value.is_object()) wrong_type("it", value, "an object");
    const auto& object = value.get_object();
    if (!has_next(object)) {
      results.push_back(image_result(object, number));
      return;
    }
    results.emplace_back(read_next(object));
    if (object.size() == 1) return;
    auto rest = object;
    rest.erase(std::ranges::find_if(rest, [](const auto& member) { return is_next(member.key()); }));
    results.push_back(image_result(rest, number));
  } catch (const BadField& bad) {
    results.emplace_back(BadJsonRecord{fmt::format("record {}: {}", number, bad.message)});
  }
}

}  // namespace

std::vector<JsonResult> read_json_results(std::string_view line, std::size_t& number) {
  json::error_code error;
  const auto value = json::parse({line.data(), line.size()}, error);
  std::vector<JsonResult> results;
  if (error) {
    results.emplace_back(BadJsonRecord{fmt::format("record {}: it is nested too deeply", ++number)});
  } else if (const auto* list = value.if_array()) {
    for (const auto& member : *list) add_results(member, ++number, results);
  } else {
    add_results(value, ++number, results);
  }
  return results;
}

void resolve_urls(ImageRecord& record, const std::string& page) {
  const auto resolve = [&](std::string& url) {
    if (url.empty() || url.find("://") != std::string::npos) return;
    try {
      url = Url::parse(page).resolve(url).str();
    } catch (const Failure&) {
      // It stays as it was written, and is refused as that where the record is added.
      return;
    }
  };
  resolve(record.image_url);
  if (record.page_url) resolve(*record.page_url);
  if (record.attribution_url) resolve(*record.attribution_url);
}

}  // namespace creel
