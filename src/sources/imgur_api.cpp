#include "sources/imgur_api.h"

#include <charconv>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/failure.h"
#include "base/text.h"
#include "net/http_status.h"

namespace creel {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr seconds kOverCapacityWait{600};
constexpr seconds kLongestWait{24 * 3600};
constexpr std::size_t kMaxWordsBytes = 200;
constexpr const char* kUsedUp = "Imgur's limit on requests is used up";

std::optional<std::int64_t> number(const HttpHeaders& headers, std::string_view name) {
  const auto text = headers.find(name);
  if (!text) return std::nullopt;
  const auto trimmed = trim(*text);
  std::int64_t value = 0;
  const auto end = trimmed.data() + trimmed.size();
  const auto read = std::from_chars(trimmed.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

/// From now to the time at which Imgur counts anew.
std::optional<seconds> until_reset(const HttpHeaders& headers, SystemTime now) {
  const auto reset = number(headers, "X-RateLimit-UserReset");
  if (!reset) return std::nullopt;
  const auto wait = seconds(*reset) - std::chrono::floor<seconds>(now.time_since_epoch());
  if (wait <= seconds(0)) return std::nullopt;
  return std::min(wait, kLongestWait);
}

std::optional<seconds> retry_after(const HttpHeaders& headers, SystemTime now) {
  const auto value = headers.find("Retry-After");
  return value ? parse_retry_after(*value, now) : std::nullopt;
}

/// What the answer says for people; empty if it is not of the API's form.
std::string words(std::string_view body) {
  json::error_code error;
  const auto answer = json::parse({body.data(), body.size()}, error);
  const auto* object = error ? nullptr : answer.if_object();
  const auto* data = object == nullptr ? nullptr : object->if_contains("data");
  if (data == nullptr || !data->is_object()) return {};
  const auto* said = data->get_object().if_contains("error");
  if (said != nullptr && said->is_object()) said = said->get_object().if_contains("message");
  if (said == nullptr || !said->is_string()) return {};
  return std::string(utf8_prefix(std::string_view(said->get_string()), kMaxWordsBytes));
}

std::string quoted(const std::string& text) {
  return text.empty() ? "" : fmt::format(": '{}'", text);
}

Failure refusal(int status, const HttpHeaders& headers, std::string_view body, SystemTime now) {
  const auto said = words(body);
  if (status == 429) {
    auto wait = until_reset(headers, now);
    if (!wait) wait = retry_after(headers, now);
    return {FailureKind::rate_limited, "Imgur: too many requests" + quoted(said), wait};
  }
  if (status == 403 && ascii_lower(body).find("over capacity") != std::string::npos) {
    return {FailureKind::rate_limited, "Imgur is over capacity, or keeps this address out for a while",
            retry_after(headers, now).value_or(kOverCapacityWait)};
  }
  if (status == 401 || status == 403) {
    return {FailureKind::bad_auth,
            fmt::format(
                "Imgur refuses this Client-ID, or this address or country ({}){}; Imgur gives out no new Client-IDs",
                status, quoted(said))};
  }
  if (status == 404) return {FailureKind::not_found, "Imgur has no such tag or album" + quoted(said)};
  if (status >= 500) return {FailureKind::server_error, fmt::format("Imgur answered {}{}", status, quoted(said))};
  return {FailureKind::bad_request, fmt::format("Imgur answered {}{}", status, quoted(said))};
}

}  // namespace

Failure imgur_refusal(const PollPage& page, SystemTime now) {
  return refusal(page.status, page.headers, page.body, now);
}

std::optional<seconds> imgur_pause(const HttpHeaders& headers, SystemTime now) {
  if (number(headers, "X-RateLimit-UserRemaining").value_or(1) <= 0) {
    return until_reset(headers, now).value_or(seconds(0));
  }
  // The application's own count ends with the day; Imgur names no time for it.
  if (number(headers, "X-RateLimit-ClientRemaining").value_or(1) <= 0) return seconds(0);
  return std::nullopt;
}

ImgurApi::ImgurApi(std::string base, Secret client_id, PollRun& run)
    : base_(std::move(base)), client_id_(std::move(client_id)), run_(run) {
  while (base_.ends_with('/')) base_.pop_back();
  if (!base_.ends_with("/3")) base_ += "/3";
}

void ImgurApi::hold(std::optional<seconds> wait, std::string reason) {
  run_.hold({.url = base_, .account = client_id_.reveal(), .wait = wait, .reason = std::move(reason)});
}

Failure ImgurApi::held(Failure failure) {
  if (failure.kind() == FailureKind::rate_limited) hold(failure.retry_after(), failure.what());
  return failure;
}

Task<std::optional<json::value>> ImgurApi::get(std::string path, Ask ask) {
  if (pause_) {
    throw Failure(FailureKind::rate_limited, kUsedUp, *pause_ > seconds(0) ? pause_ : std::nullopt);
  }
  PollRequest request;
  request.url = base_ + path;
  request.headers.add("Authorization", "Client-ID " + client_id_.reveal());
  request.headers.add("Accept", "application/json");
  request.is_conditional = ask == Ask::if_changed;
  request.gives_refusals = true;
  request.account = client_id_.reveal();
  const auto page = co_await run_.fetch(std::move(request));
  if (page.status >= 400) throw held(imgur_refusal(page, run_.now()));
  pause_ = imgur_pause(page.headers, run_.now());
  if (pause_) hold(*pause_ > seconds(0) ? pause_ : std::nullopt, kUsedUp);
  if (pause_ && *pause_ > seconds(0)) run_.wait_at_least(*pause_);
  if (page.is_unchanged) co_return std::nullopt;

  json::error_code error;
  auto answer = json::parse(page.body, error);
  auto* object = error ? nullptr : answer.if_object();
  auto* data = object == nullptr ? nullptr : object->if_contains("data");
  if (data == nullptr) throw Failure(FailureKind::server_error, "Imgur's answer is none of its API");
  const auto* success = object->if_contains("success");
  if (success != nullptr && success->is_bool() && !success->get_bool()) {
    const auto* status = object->if_contains("status");
    const bool is_known = status != nullptr && status->is_int64() && status->get_int64() >= 400;
    throw held(refusal(is_known ? static_cast<int>(status->get_int64()) : 500, page.headers, page.body, run_.now()));
  }
  co_return std::move(*data);
}

}  // namespace creel
